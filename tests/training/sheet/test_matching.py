import numpy as np

from ecgclip.training.sheet.matching import (
    Counts,
    overlap,
    peak_places,
    point_counts,
    stroke_counts,
    word_counts,
)
from ecgclip.training.sheet.targets import splats
from tests.training.sheet.small_sheet import small_sheet


def test_overlap_forgives_one_pixel_and_no_more():
    line = np.zeros((20, 20), bool)
    line[10] = True
    assert overlap(line, line) == 1
    assert overlap(np.roll(line, 1, 0), line) == 1
    assert overlap(np.roll(line, 3, 0), line) == 0
    half = line.copy()
    half[10, 10:] = False
    assert overlap(half, line) == 2 * 0.55 / 1.55  # 11 of 20 pixels lie within one of the half
    assert overlap(np.zeros_like(line), line) == 0
    assert overlap(np.zeros_like(line), np.zeros_like(line)) == 1


def test_recall_and_precision_of_nothing_are_unknown():
    assert np.isnan(Counts().recall)
    assert Counts(3, 1, 2).recall == 0.75
    assert (Counts(1, 0, 0) + Counts(0, 0, 1)).precision == 0.5


def test_strokes_count_by_the_cell_and_unlabelled_cells_do_not():
    truth = np.zeros((12, 16), np.float32)
    truth[4, 2:10] = 1
    chance = np.roll(truth, 1, axis=0)
    chance[9, 3] = 1
    assert stroke_counts(chance, truth) == Counts(8, 0, 1)
    truth[8:11] = -1
    assert stroke_counts(chance, truth) == Counts(8, 0, 0)
    assert stroke_counts(chance * 0, truth) == Counts(0, 8, 0)


def test_peaks_lie_between_cells_by_their_neighbours():
    points = np.array([[41.5, 33.5], [72.3, 60.8]], np.float32)
    places = peak_places(splats(points, (24, 32), 0.9))
    assert np.abs(places[np.argsort(places[:, 0])] - points).max() < 1.0


def test_points_are_found_within_one_and_a_half_millimetres():
    points = np.array([[41, 33], [71, 61], [200, 61]], np.float32)  # the third is off the sheet
    shown = np.full((96, 128), 255, np.uint8)
    near = splats(points + np.array([4, 2], np.float32), (24, 32), 0.9)
    assert point_counts(near, points, shown) == Counts(2, 0, 0)
    far = splats(points[:1] + np.array([9, 0], np.float32), (24, 32), 0.9)
    assert point_counts(far, points, shown) == Counts(0, 2, 1)
    assert point_counts(far * 0, points[:0], shown) == Counts()


def reading(*found: tuple[int, int, int, float]) -> np.ndarray:
    """Chances of words, from (class, row, column, chance)."""
    chances = np.zeros((22, 12, 16), np.float32)
    for number, row, column, chance in found:
        chances[number, row, column] = chance
    return chances


def test_a_word_is_found_by_its_strongest_cell():
    sheet = small_sheet(words=[(40, 32, 60, 44, 2), (80, 64, 100, 76, 7)])
    counts = word_counts(reading((2, 4, 6, 0.9), (3, 4, 5, 0.6), (7, 8, 11, 0.4)), sheet)
    assert counts[2] == Counts(1, 0, 0)
    assert counts[3] == Counts(0, 0, 1)  # a patch of another class on the same word is false
    assert counts[7] == Counts(0, 1, 0)
    assert sum(counts, Counts()) == Counts(1, 1, 1)


def test_words_without_a_class_are_neither_found_nor_false():
    sheet = small_sheet(words=[(40, 32, 60, 44, -1)])
    assert sum(word_counts(reading((18, 4, 6, 0.9)), sheet), Counts()) == Counts()
    assert sum(word_counts(reading((18, 10, 14, 0.9)), sheet), Counts()) == Counts(0, 0, 1)
