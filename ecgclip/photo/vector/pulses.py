"""Calibration pulses: two equal upright strokes, and a stroke across their tops."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from ecgclip.photo.vector.rulings import Straight
from ecgclip.typing import Indices

_HEIGHTS_MM: Final = (3.0, 45.0)
_WIDTHS_MM: Final = (1.5, 14.0)
_EQUAL_MM: Final = 0.15
_REACH_MM: Final = 0.4
"""From the end of an upright stroke to the stroke across: half the width of a pen."""
_COVERED: Final = 0.8
_MOST: Final = 2000
"""Upright strokes that are looked at."""


@dataclass(frozen=True)
class Pulse:
    """A pulse on the page, in mm: its upright strokes, its top and its foot."""

    left: float
    right: float
    top: float
    foot: float

    @property
    def height(self) -> float:
        return self.foot - self.top

    @property
    def width(self) -> float:
        return self.right - self.left


def pulses_of(upright: Straight, across: Straight) -> list[Pulse]:
    """The pulses among the straight lines of a page, from the left."""
    length = upright.length
    tall = np.flatnonzero((length > _HEIGHTS_MM[0]) & (length < _HEIGHTS_MM[1]))[:_MOST]
    found = []
    for first in tall[np.argsort(upright.at[tall], kind="stable")]:
        pulse = _pulse(upright, across, int(first), tall)
        if pulse is not None:
            found.append(pulse)
    return found


def _pulse(upright: Straight, across: Straight, first: int, tall: Indices) -> Pulse | None:
    left, top, foot = upright.at[first], upright.start[first], upright.stop[first]
    distance = upright.at[tall] - left
    partner = (distance > _WIDTHS_MM[0]) & (distance < _WIDTHS_MM[1])
    partner &= upright.style[tall] == upright.style[first]
    partner &= np.abs(upright.start[tall] - top) < _EQUAL_MM
    partner &= np.abs(upright.stop[tall] - foot) < _EQUAL_MM
    if not partner.any():
        return None
    right = float(left + distance[partner].min())
    lid = _level(across, float(top), float(left), right, upright.style[first])
    if lid is None:
        return None
    ground = _level(across, float(foot), float(left) - _WIDTHS_MM[0], float(left), upright.style[first])
    return Pulse(float(left), right, lid, float(foot) if ground is None else ground)


def _level(across: Straight, near: float, left: float, right: float, style: float) -> float | None:
    """The height of the strokes that cover most of left..right near a height; None where none do."""
    here = (np.abs(across.at - near) < _REACH_MM) & (across.style == style)
    start, stop = np.maximum(across.start[here], left), np.minimum(across.stop[here], right)
    lengths = np.maximum(0, stop - start)
    covers = lengths.sum() > _COVERED * (right - left)
    return float(np.average(across.at[here], weights=lengths)) if covers else None
