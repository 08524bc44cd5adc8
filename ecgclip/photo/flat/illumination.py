"""Paper becomes white under any light: each colour is divided by the paper around it."""

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

_SHRINK: Final = 8
_REACH: Final = 15
"""Pixels of the shrunken image over which the paper's brightness is taken (odd): 120 of the working image."""

_HALF_DARK: Final = 100.0
"""Median darkness of no ECG picture: theirs is below 25, that of other photos up to 95, of mosaics 180."""

Plane = npt.NDArray[np.uint8]


def flatten(rgb: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Divide every channel by its local paper level, uint8 [y, x, 3]: shadows and colour casts vanish."""
    height, width = rgb.shape[:2]
    small = cv2.resize(
        rgb, (max(1, width // _SHRINK), max(1, height // _SHRINK)), interpolation=cv2.INTER_AREA
    )
    paper = cv2.medianBlur(cv2.dilate(small, np.ones((3, 3), np.uint8)), _REACH)
    level = cv2.resize(cv2.blur(paper, (5, 5)), (width, height), interpolation=cv2.INTER_LINEAR)
    return cv2.divide(rgb, cv2.max(level, np.full_like(level, 16)), scale=255.0).astype(np.uint8, copy=False)


@dataclass(frozen=True, eq=False)
class Planes:
    """What is on the paper, uint8 [y, x] each, 0 where nothing is.

    dark: whatever absorbs any colour, ink and grid. colour: coloured lines alone. ink: black ink alone.
    """

    dark: Plane
    colour: Plane
    ink: Plane


def separate(flat: npt.NDArray[np.uint8]) -> Planes:
    """Split what is dark into coloured lines and neutral ink.

    Coloured lines reflect at least one colour: the brightest channel less the spread of the channels leaves
    black ink. JPEG stores colour at half size, so the spread is widened by a pixel there.
    """
    red, green, blue = cv2.split(flat)
    brightest = cv2.max(cv2.max(red, green), blue)
    darkest = cv2.min(cv2.min(red, green), blue)
    spread = cv2.subtract(brightest, darkest)
    wide = cv2.dilate(spread, np.ones((3, 3), np.uint8))
    ink = cv2.subtract(cv2.bitwise_not(brightest), wide)
    return Planes(_plane(cv2.bitwise_not(darkest)), _plane(spread), _plane(ink))


def mostly_paper(planes: Planes) -> bool:
    """Whether at least half of the picture is as bright as what surrounds it, as lines on paper leave it."""
    return float(np.median(planes.dark[::8, ::8])) < _HALF_DARK


def _plane(image: npt.NDArray[np.generic]) -> Plane:
    return image.astype(np.uint8, copy=False)
