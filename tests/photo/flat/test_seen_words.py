import numpy as np
import pytest

from ecgclip.photo.flat.seen_words import seen_words
from ecgclip.photo.flat.words import NO_WORD, word_class


def chances(*found: tuple[str, str, slice, slice, float]) -> np.ndarray:
    maps = np.zeros((NO_WORD, 20, 30), np.float32)
    for kind, value, rows, columns, chance in found:
        maps[word_class(kind, value), rows, columns] = chance
    return maps


def test_a_patch_is_one_word_where_it_lies():
    (word,) = seen_words(chances(("lead", "V2", slice(4, 6), slice(10, 13), 0.8)))
    assert (word.kind, word.value) == ("lead", "V2")
    assert (word.x_mm, word.y_mm) == pytest.approx((23, 10))
    assert (word.width_mm, word.height_mm) == (6, 4)
    assert word.chance == pytest.approx(0.8)


def test_cells_that_disagree_are_one_word_of_what_most_say():
    maps = chances(
        ("lead", "V5", slice(4, 6), slice(10, 12), 0.6), ("lead", "V6", slice(4, 5), slice(12, 13), 0.7)
    )
    maps[word_class("lead", "V6"), 4:6, 10:12] = 0.3
    (word,) = seen_words(maps)
    assert word.value == "V5"
    assert word.chance == pytest.approx(2.4 / (2.4 + 1.2 + 0.7) * 0.9, rel=1e-5)


def test_a_speed_beside_a_gain_stays_apart_and_weak_cells_are_no_word():
    maps = chances(
        ("gain", "10", slice(2, 3), slice(8, 13), 0.9),
        ("speed", "25", slice(2, 3), slice(3, 8), 0.9),
        ("lead", "I", slice(9, 10), slice(3, 4), 0.4),
    )
    assert [(word.kind, word.value) for word in seen_words(maps)] == [("speed", "25"), ("gain", "10")]
    assert seen_words(np.zeros((NO_WORD, 4, 4), np.float32)) == ()
