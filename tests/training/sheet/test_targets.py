import numpy as np

from ecgclip.photo.flat.words import NO_WORD
from ecgclip.training.sheet.targets import cell_targets, shown_share, splats, trace_target, word_cells
from tests.training.sheet.small_sheet import small_sheet


def test_a_hairline_between_two_pixels_counts_as_a_stroke():
    assert trace_target(np.array([[0, 80, 90, 255]], np.uint8)).tolist() == [[0, 136, 153, 255]]


def test_cells_carry_the_word_that_covers_them():
    sheet = small_sheet(words=[(40, 32, 60, 44, 2), (64, 32, 90, 44, 7)])
    cells = word_cells(sheet)
    assert cells.shape == (12, 16)
    assert (cells[4:6, 5:7] == 2).all()
    assert (cells[4:6, 8:11] == 7).all()
    assert set(np.unique(cells)) == {2, 7, NO_WORD}
    assert cells[0, 0] == NO_WORD


def test_a_word_without_a_class_or_cut_off_is_unlabelled():
    shown = np.full((96, 128), 255, np.uint8)
    shown[:, 100:] = 0
    sheet = small_sheet(words=[(8, 8, 24, 20, -1), (90, 40, 110, 52, 3)], shown=shown)
    cells = word_cells(sheet)
    assert set(np.unique(cells)) == {-1, NO_WORD}
    assert cells[1, 1] == -1
    assert cells[5, 12] == -1


def test_the_share_of_a_box_that_is_shown():
    shown = np.zeros((20, 20), np.uint8)
    shown[:, :10] = 255
    assert shown_share(shown, (0, 0, 10, 10)) == 1
    assert shown_share(shown, (5, 0, 15, 10)) == 0.5
    assert shown_share(shown, (-10, 0, 10, 10)) == 0.5
    assert shown_share(shown, (12, 0, 18, 10)) == 0


def test_strokes_fill_every_cell_that_they_touch():
    ink = np.zeros((96, 128), np.uint8)
    ink[17, 8:24] = 255
    maps = cell_targets(small_sheet(pulse=ink))
    assert maps.shape == (5, 24, 32)
    assert (maps[0, 4, 2:6] == 1).all()
    assert maps[0].sum() == 4
    assert not maps[1:].any()


def test_a_line_at_zero_volts_is_a_ridge_with_a_blob_at_each_end():
    y = 4 * 10 + 1.5  # the middle of the cells of row 10
    maps = cell_targets(small_sheet(panels=[[(21.5, y), (61.5, y), (101.5, y)]]))
    ridge, start, stop = maps[2:]
    assert (ridge[10, 5:26] > 0.95).all()
    assert np.allclose(ridge[[9, 11], 6:25], np.exp(-1 / (2 * 0.6**2)), atol=0.03)
    assert np.unravel_index(start.argmax(), start.shape) == (10, 5)
    assert np.unravel_index(stop.argmax(), stop.shape) == (10, 25)
    assert start.max() == stop.max() == 1
    assert ridge[10, 28:].max() == 0


def test_truth_outside_the_picture_is_unlabelled_and_blank_there_is_blank():
    shown = np.full((96, 128), 255, np.uint8)
    shown[:, 64:] = 0
    ridge = cell_targets(small_sheet(panels=[[(8, 41.5), (120, 41.5)]], shown=shown))[2]
    assert (ridge[10, 3:15] > 0.95).all()
    assert (ridge[10, 16:29] == -1).all()
    assert (ridge[:6] == 0).all()


def test_a_splat_equals_the_nearest_distance_of_brute_force():
    rng = np.random.default_rng(0)
    points = rng.uniform(-30, 120, (40, 2)).astype(np.float32)
    rows, columns = np.mgrid[:24, :20]
    middles = np.stack([columns, rows], axis=-1) * 4 + 1.5
    nearest = np.linalg.norm(middles[:, :, None] - points, axis=-1).min(axis=-1) / 4
    near = nearest < 1.5
    assert np.allclose(
        splats(points, (24, 20), 0.9)[near], np.exp(-(nearest[near] ** 2) / (2 * 0.81)), atol=1e-5
    )
    assert splats(points[:0], (24, 20), 0.9).max() == 0
