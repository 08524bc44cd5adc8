import numpy as np

from ecgclip.training.sheet.sample import moved, quarter_turned
from tests.training.sheet.small_sheet import small_sheet


def marked():
    """A bright block, which is also a word's box, and a line along it."""
    trace = np.zeros((40, 64), np.uint8)
    trace[10:13, 50:56] = 200
    return small_sheet(40, 64, [(50, 10, 55, 12, 6)], [[(50, 11), (55, 11)]], trace=trace)


def test_words_and_lines_turn_with_the_sheet():
    for turns in range(-2, 6):
        turned = quarter_turned(marked(), turns)
        rows, columns = np.nonzero(turned.planes[0])
        box = [columns.min(), rows.min(), columns.max(), rows.max(), 6]
        assert turned.words.tolist() == [box]
        assert np.array_equal(turned.layers, np.rot90(marked().layers, turns, axes=(1, 2)))
        middle = turned.panels[0].mean(axis=0)
        assert np.allclose(middle, [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2])


def test_a_line_keeps_its_direction_of_reading():
    start, stop = quarter_turned(marked(), 1).panels[0]
    assert start.tolist() == [11, 13]  # counter-clockwise: right has become up
    assert stop.tolist() == [11, 8]


def test_a_crop_moves_and_scales_what_is_on_it():
    words, panels = moved(marked().words, marked().panels, (8, 48), 2.0)
    # the edges of pixels scale, not their middles: pixel 2 of the crop becomes pixels 4 and 5
    assert words.tolist() == [[4.5, 4.5, 14.5, 8.5, 6]]
    assert panels.tolist() == [[[4.5, 6.5], [14.5, 6.5]]]
