import numpy as np

from ecgclip.photo.flat.network import CELL_PX, NAMES
from ecgclip.training.sheet.crops import changed, cut, name_cells, quarter_turned, random_batch
from ecgclip.training.sheet.flat import FlatSample
from ecgclip.training.sheet.store import Drawn, path_of, save


def marked() -> FlatSample:
    """One bright pixel, which is also the place of V1."""
    planes = np.zeros((3, 40, 64), np.uint8)
    planes[:, 10, 50] = 200
    return FlatSample(planes, planes[0], np.array([[50, 10, 6]], np.float32), True)


def test_names_turn_with_the_sheet():
    for turns in range(4):
        turned = quarter_turned(marked(), turns)
        row, column = np.argwhere(turned.planes[0] == 200)[0]
        assert turned.labels.tolist() == [[column, row, 6]]
        assert np.array_equal(turned.trace, np.rot90(marked().trace, turns))


def test_four_quarter_turns_are_none():
    sample = marked()
    for _ in range(4):
        sample = quarter_turned(sample, 1)
    assert np.array_equal(sample.labels, marked().labels)
    assert np.array_equal(sample.planes, marked().planes)


def test_a_cut_beyond_the_sheet_is_blank_there():
    plane = np.arange(1, 13, dtype=np.uint8).reshape(3, 4)
    assert cut(plane, -1, -2, (5, 8)).tolist() == np.pad(plane, ((1, 1), (2, 2))).tolist()
    assert cut(plane, 1, 2, (2, 2)).tolist() == plane[1:3, 2:4].tolist()


def test_cells_carry_the_nearest_name():
    labels = np.array([[44, 44, 2], [84, 44, 7]], np.float32)
    cells = name_cells(labels, (96, 128))
    assert cells[44 // CELL_PX, 44 // CELL_PX] == 2
    assert cells[44 // CELL_PX, 84 // CELL_PX] == 7
    assert cells[0, 0] == NAMES
    assert set(np.unique(cells)) == {2, 7, NAMES}
    assert 3 <= (cells == 2).sum() <= 9


def test_a_batch_says_how_to_turn_each_piece_upright(tmp_path):
    """The sheet's only ink is a bar along its upper edge."""
    bar = np.zeros((256, 256), np.uint8)
    bar[:40] = 255
    sample = FlatSample(np.stack([bar] * 3), bar, np.zeros((0, 3), np.float32), True)
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
    blank = np.zeros((64, 64), np.uint8)
    save(
        Drawn(FlatSample(np.stack([blank] * 3), blank, np.zeros((0, 3), np.float32), True), "S0"),
        path_of(tmp_path, 0),
    )
    batch = random_batch([path_of(tmp_path, 0)], 4, (32, 32), np.random.default_rng(0))
    assert batch.turns.tolist() == [-1] * 4
    assert not batch.ecg.any()


def test_changes_keep_the_input_and_the_shape():
    planes = np.random.default_rng(0).integers(0, 256, (3, 64, 96), np.uint8)
    before = planes.copy()
    for seed in range(30):
        after, trace = changed(planes, planes[0], np.random.default_rng(seed))
        assert after.shape == planes.shape
        assert after.dtype == trace.dtype == np.uint8
        assert (trace >= planes[0]).all()
    assert np.array_equal(planes, before)
