import cv2
import numpy as np

from ecgclip.training.drawn_sheets import path_of
from ecgclip.training.sheet.changes import changed
from ecgclip.training.sheet.crops import cut, random_batch
from ecgclip.training.sheet.store import Drawn, save
from tests.training.sheet.small_sheet import small_sheet


def test_a_cut_beyond_the_sheet_is_blank_there():
    plane = np.arange(1, 13, dtype=np.uint8).reshape(3, 4)
    assert cut(plane, -1, -2, (5, 8)).tolist() == np.pad(plane, ((1, 1), (2, 2))).tolist()
    assert cut(plane, 1, 2, (2, 2)).tolist() == plane[1:3, 2:4].tolist()


def test_a_batch_says_how_to_turn_each_piece_upright(tmp_path):
    """The sheet's only ink is a bar along its upper edge."""
    bar = np.zeros((256, 256), np.uint8)
    bar[:40] = 255
    sample = small_sheet(256, 256, trace=bar)
    save(Drawn(sample, "S0"), path_of(tmp_path, 0))
    batch = random_batch([path_of(tmp_path, 0)], 40, (256, 256), np.random.default_rng(0))
    assert set(batch.turns.tolist()) >= {0, 1, 2, 3}
    right = 0
    for trace, turns in zip(batch.trace, batch.turns, strict=True):
        upright = np.rot90(trace, int(turns))
        rows, columns = np.nonzero(upright)
        right += turns < 0 or np.ptp(columns) > np.ptp(rows)
    assert right >= 37  # of a bar cut to a narrow strip nothing tells which side was long


def test_pieces_without_ink_are_no_ecg_and_have_no_orientation(tmp_path):
    save(Drawn(small_sheet(64, 64), "S0"), path_of(tmp_path, 0))
    batch = random_batch([path_of(tmp_path, 0)], 4, (32, 32), np.random.default_rng(0))
    assert batch.turns.tolist() == [-1] * 4
    assert not batch.ecg.any()


def test_truth_and_ink_of_a_crop_stay_together(tmp_path):
    """Words, pulses and lines lie on bright blocks of the sheet, whatever its scale and turn."""
    ink = np.zeros((320, 320), np.uint8)
    ink[100:140, 80:200] = 255
    lines = [[(84, 120), (195, 120)]]
    sheet = small_sheet(320, 320, [(80, 100, 199, 139, 5)], lines, trace=ink, pulse=ink)
    save(Drawn(sheet, "S0"), path_of(tmp_path, 0))
    batch = random_batch([path_of(tmp_path, 0)], 30, (256, 256), np.random.default_rng(1))
    pulse, ridge = batch.cells[:, 0], batch.cells[:, 2]
    assert (ridge > 0.9).sum() > 200
    assert (pulse[ridge > 0.9] == 1).mean() > 0.98
    trace = batch.trace.reshape(30, 32, 8, 32, 8).max(axis=(2, 4))
    around = np.stack([cv2.dilate(part, np.ones((3, 3), np.uint8)) for part in trace])
    assert (batch.words == 5).sum() > 200
    assert (around[batch.words == 5] > 100).mean() > 0.98


def test_changes_keep_the_input_and_the_shape():
    rng = np.random.default_rng(0)
    planes, layers = (rng.integers(0, 256, (count, 64, 96), np.uint8) for count in (3, 4))
    before = planes.copy()
    for seed in range(30):
        after, inks = changed(planes, layers, np.random.default_rng(seed))
        assert (after.shape, inks.shape) == (planes.shape, layers.shape)
        assert after.dtype == inks.dtype == np.uint8
        assert (inks >= layers).all()
        assert np.array_equal(inks[3], layers[3])  # what the picture shows does not grow
    assert np.array_equal(planes, before)
