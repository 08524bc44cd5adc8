"""The calibration pulse, 10 mm high and 5 mm wide with its feet: it stands where time begins, or ends."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import cv2
import numpy as np

from ecgclip.photo.flat.paper_map import FLAT_PX_PER_MM
from ecgclip.photo.rows.row import Row
from ecgclip.typing import Float32s
from ecgclip.units import GAIN_MM_MV, LARGE_SQUARE_MM

CLEAR_PULSE: Final = 0.7
"""Correlation with the drawn pulse from which it is believed; real ones reach .8 to .95, QRS complexes .5."""
FAINT_PULSE: Final = 0.55
"""Enough where clear pulses of other rows end at the same place."""
_SEARCH_MM: Final = 40.0
_BEYOND_MM: Final = 10.0


@dataclass(frozen=True)
class Pulse:
    """The best match of a pulse beside a row: `end_px` is its right edge, `score` the correlation."""

    end_px: float
    score: float


def find_pulse(ink: Float32s, row: Row, *, at_end: bool) -> Pulse:
    """Search the first 40 mm of a row, and 10 mm before it, for a pulse standing near its baseline.

    at_end: search the last 40 mm, and 10 mm after it, where some makers draw it.
    """
    px = FLAT_PX_PER_MM
    shapes = [_template(0.0), _template(_FOOT_MM)]
    top = max(0, round(row.baseline_px - (GAIN_MM_MV + 5.0) * px))
    edge = row.stop_px - _SEARCH_MM * px if at_end else row.start_px - _BEYOND_MM * px
    left = max(0, round(edge))
    right = round(edge + (_SEARCH_MM + _BEYOND_MM) * px)
    window = ink[top : round(row.baseline_px + 6.0 * px), left:right]
    if window.shape[0] < shapes[0].shape[0] or window.shape[1] < shapes[0].shape[1]:
        return Pulse(float(row.start_px), 0.0)
    soft = np.asarray(cv2.GaussianBlur(np.ascontiguousarray(window), (0, 0), _SOFT_PX), np.float32)
    match = np.maximum(*(_correlation(soft, shape) for shape in shapes))
    x = int(match.argmax()) % match.shape[1]
    return Pulse(left + x + _MARGIN + LARGE_SQUARE_MM * px, float(match.max()))


def _correlation(window: Float32s, shape: Float32s) -> Float32s:
    """Normalised correlation at every place, float32; 0 where there is too little ink to compare."""
    match = cv2.matchTemplate(window, shape, cv2.TM_CCOEFF_NORMED)
    every = np.full(shape.shape, 1.0 / shape.size, np.float32)
    mean = cv2.matchTemplate(window, every, cv2.TM_CCORR)
    spread = cv2.matchTemplate(window * window, every, cv2.TM_CCORR) - mean * mean
    enough = spread > _LEAST_CONTRAST * float(shape.var())
    return np.where(enough & np.isfinite(match), match, 0.0).astype(np.float32)


_LEAST_CONTRAST: Final = 0.7
"""A pulse is as dark as the traces; what is left of the grid draws squares of its size, but pale."""
_FOOT_MM: Final = 1.0
"""Width of the feet: half of the makers draw a pulse of 3 mm between two of them."""
_MARGIN: Final = 4
_SOFT_PX: Final = 1.5
"""Both pulse and template are blurred: a fold may widen or narrow the pulse by half a millimetre."""


@lru_cache(maxsize=2)
def _template(foot_mm: float) -> Float32s:
    """A pulse that takes 5 mm in all, standing on feet of this width."""
    width, height = round(LARGE_SQUARE_MM * FLAT_PX_PER_MM), round(GAIN_MM_MV * FLAT_PX_PER_MM)
    canvas = np.zeros((height + 2 * _MARGIN, width + 2 * _MARGIN), np.float32)
    foot = round(foot_mm * FLAT_PX_PER_MM)
    left, right, top, bottom = _MARGIN + foot, _MARGIN + width - foot, _MARGIN, _MARGIN + height
    outline = [(_MARGIN, bottom), (left, bottom), (left, top), (right, top), (right, bottom)]
    outline.append((_MARGIN + width, bottom))
    cv2.polylines(canvas, [np.array(outline, np.int32)[:, None]], False, 1.0, 1, cv2.LINE_8)
    return cv2.GaussianBlur(canvas, (0, 0), _SOFT_PX).astype(np.float32, copy=False)
