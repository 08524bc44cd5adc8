"""Even out the light, so that paper is white, and split what is on it into grid and ink."""

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from ecgclip.typing import Rgb, Uint8s

_SHRINK: Final = 8
_REACH: Final = 15
"""Pixels of the shrunken image over which the paper's brightness is taken (odd): 120 of the working image."""

_HALF_DARK: Final = 100.0
"""Median darkness of no ECG picture: theirs is below 25, that of other photos up to 95, of mosaics 180."""
_DARK_GROUND: Final = 80
"""The ground of dark modes lies below 50; paper in the deepest shadow above 60."""
_MOSTLY: Final = 0.6

INVERTED_WARNING: Final = "light on dark: the picture was inverted"


@dataclass(frozen=True, eq=False)
class Planes:
    """What is on the paper, uint8 [y, x] each, 0 where nothing is.

    dark: whatever absorbs any colour, ink and grid. colour: coloured lines alone. ink: black ink alone.
    """

    dark: Uint8s
    colour: Uint8s
    ink: Uint8s

    @property
    def mostly_paper(self) -> bool:
        """Whether at least half of the picture is as bright as what is around, as lines on paper leave it."""
        return float(np.median(self.dark[::8, ::8])) < _HALF_DARK


def separate_planes(rgb: Rgb) -> Planes:
    """Split what is darker than the paper into coloured lines and neutral ink.

    Coloured lines reflect at least one colour: the brightest channel less the spread of the channels leaves
    black ink. JPEG stores colour at half size, so the spread is widened by a pixel there.
    """
    red, green, blue = cv2.split(_evenly_lit(rgb))
    brightest = cv2.max(cv2.max(red, green), blue)
    darkest = cv2.min(cv2.min(red, green), blue)
    spread = cv2.subtract(brightest, darkest)
    wide = cv2.dilate(spread, np.ones((3, 3), np.uint8))
    ink = cv2.subtract(cv2.bitwise_not(brightest), wide)
    return Planes(_bytes(cv2.bitwise_not(darkest)), _bytes(spread), _bytes(ink))


def _evenly_lit(rgb: Rgb) -> Rgb:
    """Divide every channel by its local paper level, uint8 [y, x, 3]: shadows and colour casts vanish."""
    height, width = rgb.shape[:2]
    small = cv2.resize(
        rgb, (max(1, width // _SHRINK), max(1, height // _SHRINK)), interpolation=cv2.INTER_AREA
    )
    paper = cv2.medianBlur(cv2.dilate(small, np.ones((3, 3), np.uint8)), _REACH)
    level = cv2.resize(cv2.blur(paper, (5, 5)), (width, height), interpolation=cv2.INTER_LINEAR)
    return _bytes(cv2.divide(rgb, cv2.max(level, np.full_like(level, 16)), scale=255.0))


def light_on_dark(rgb: Rgb) -> bool:
    """Whether most of the picture, uint8 [y, x, 3], is dark: a screen in dark mode or a negative."""
    return float(np.mean(rgb[::8, ::8].max(axis=2) < _DARK_GROUND)) > _MOSTLY


def inverted(rgb: Rgb) -> Rgb:
    """Grey ink on white: traces on screens have any bright colour, which would pass for a coloured grid."""
    red, green, blue = cv2.split(rgb)
    grey = cv2.bitwise_not(cv2.max(cv2.max(red, green), blue))
    return _bytes(cv2.merge([grey, grey, grey]))


def _bytes(image: cv2.typing.MatLike) -> Uint8s:
    return image.astype(np.uint8, copy=False)
