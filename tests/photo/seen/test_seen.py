"""Words, ridges and pulses found on maps that are drawn here."""

import numpy as np
import pytest

from ecgclip.photo.flat.words import WORDS
from ecgclip.photo.seen.pulses import seen_pulses
from ecgclip.photo.seen.ridges import seen_rows
from ecgclip.photo.seen.words import seen_words


def word_maps(*words, size=(60, 80)):
    """Maps of words: (kind, value, row, column, height, width, chance) of each patch of cells."""
    maps = np.zeros((len(WORDS), *size), np.float32)
    for kind, value, row, column, height, width, chance in words:
        maps[WORDS.index((kind, value)), row : row + height, column : column + width] = chance
    return maps


def test_a_word_is_found_where_it_stands_and_by_what_most_of_its_cells_say():
    maps = word_maps(("lead", "II", 10, 20, 2, 3, 0.6), ("lead", "III", 10, 20, 2, 3, 0.3))
    (word,) = seen_words(maps)
    assert (word.kind, word.value) == ("lead", "II")
    assert (word.x_mm, word.y_mm) == pytest.approx((43, 22))
    assert 0.3 < word.chance < 0.6


def test_words_of_different_kinds_and_places_are_told_apart():
    maps = word_maps(
        ("lead", "V1", 5, 5, 2, 2, 0.9), ("lead", "V1", 40, 5, 2, 2, 0.8), ("speed", "50", 50, 30, 1, 5, 0.7)
    )
    found = [(word.kind, word.value, round(word.y_mm)) for word in seen_words(maps)]
    assert found == [("lead", "V1", 12), ("lead", "V1", 82), ("speed", "50", 101)]


def test_a_doubtful_word_is_none():
    assert seen_words(word_maps(("lead", "V1", 5, 5, 2, 2, 0.2))) == ()


def ridge_maps(*panels, size=(120, 260)):
    """Maps of baselines, starts and stops, of panels (start, stop, y) in mm."""
    maps = np.zeros((3, *size), np.float32)
    for start, stop, y in panels:
        maps[0, y, start:stop] = 0.9
        for number, at in ((1, start), (2, stop - 1)):
            maps[number, y - 1 : y + 2, at - 1 : at + 2] = 0.8
    return maps


def test_panels_on_one_line_are_a_row_and_their_ends_are_known():
    rows = seen_rows(*ridge_maps((10, 72, 30), (72, 134, 30), (10, 134, 70)))
    assert [round(row.level_mm, 1) for row in rows] == [30.5, 70.5]
    first = rows[0]
    assert first.starts_mm == pytest.approx((10.5, 72.5), abs=0.6)
    assert first.stops_mm == pytest.approx((71.5, 133.5), abs=0.6)
    assert first.column_starts_mm(2) == pytest.approx(first.starts_mm)
    # of another number of columns than was seen to begin: evenly
    assert np.diff(rows[1].column_starts_mm(4)) == pytest.approx(31, abs=0.5)


def test_panels_with_baselines_of_their_own_are_followed():
    rows = seen_rows(*ridge_maps((10, 72, 30), (72, 134, 37), (134, 196, 28)))
    assert len(rows) == 1
    levels = rows[0].baseline_px(260 * 4) / 4
    assert levels[[40 * 4, 100 * 4, 160 * 4]] == pytest.approx([30.5, 37.5, 28.5], abs=0.3)
    assert rows[0].level_at_mm(100) == pytest.approx(37.5, abs=0.2)


def test_rows_far_apart_are_not_joined_across_columns():
    rows = seen_rows(*ridge_maps((10, 72, 30), (76, 138, 60)))
    assert len(rows) == 2


def test_gaps_are_bridged_and_specks_are_no_rows():
    maps = ridge_maps((10, 100, 30), (150, 158, 80))
    maps[0, :, 50:56] = 0
    (row,) = seen_rows(*maps)
    assert row.length_mm == pytest.approx(89, abs=1)


def test_pulses_are_boxes_of_their_ink():
    chance = np.zeros((60, 80), np.float32)
    chance[20:30, 10:15] = 0.9
    chance[40:41, 40:41] = 0.9  # a speck
    chance[50, 5:60] = 0.9  # a frame
    (pulse,) = seen_pulses(chance)
    assert (pulse.left_mm, pulse.right_mm, pulse.top_mm, pulse.bottom_mm) == (10, 15, 20, 30)
    assert pulse.chance == pytest.approx(0.9)
