"""Readings of turned pictures."""

import numpy as np

from ecgclip.evaluation.bootstrap import wilson_interval
from ecgclip.evaluation.photos.orientation import QuarterTurns, orientation_scores, read_turns
from ecgclip.evaluation.photos.outcome import read_photo
from ecgclip.evaluation.photos.pictures import quarter_turned

from .fakes import asked

ARROW = np.zeros((4, 6, 3), np.uint8)
ARROW[0, 0] = 255
"""Its bright corner is the top left."""


def angle_of(rgb):
    """How far an arrow is turned clockwise."""
    corners = {(0, 0): 0, (0, -1): 90, (-1, -1): 180, (-1, 0): 270}
    return next(angle for place, angle in corners.items() if rgb[place][0])


def reader(angle):
    return lambda rgb: asked(rotation_deg=angle(rgb))


def turns_of(angle, rgb=ARROW, stored=0):
    read = reader(angle)
    take = lambda turn: read_photo(read, quarter_turned(rgb, turn))
    return read_turns(take, read_photo(read, rgb), "a", stored)


def test_a_reader_that_sees_the_turn_is_right_in_all_four():
    found = turns_of(lambda rgb: angle_of(rgb) + 2.0)
    assert found.rotations_deg == (2, 92, 182, 272)
    assert found.right == (True,) * 4


def test_a_picture_that_is_stored_turned_is_upright_as_such():
    stored = np.ascontiguousarray(np.rot90(ARROW, -1))
    assert turns_of(angle_of, stored, 90).right == (True,) * 4
    assert turns_of(angle_of, stored, 0).right == (False,) * 4


def test_upside_down_inconsistent_and_refused_turns_are_wrong():
    head = turns_of(lambda rgb: 270 if angle_of(rgb) == 90 else angle_of(rgb))
    assert head.right == (True, False, True, True)
    loose = turns_of(lambda rgb: angle_of(rgb) + (20 if angle_of(rgb) == 180 else 0))
    assert loose.right == (True, True, False, True)
    refused = QuarterTurns("b", 0, (0.0, 90.0, None, 271.0))
    assert refused.right == (True, True, False, True)


def test_shares_count_pictures_that_are_right_in_all_turns():
    scores = orientation_scores(
        [QuarterTurns("a", 0, (0.0, 90.0, 180.0, 270.0)), QuarterTurns("b", 0, (0.0, 90.0, None, 90.0))]
    )
    assert (scores.pictures, scores.turns) == (2, 8)
    assert scores.right == wilson_interval(1, 2)
    assert scores.wrong == ("b turned 180: refused", "b turned 270: read at 90")
