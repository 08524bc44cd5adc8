"""Rows of traces are evenly spaced: of the heights where a row may run, the series that explains most."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from ecgclip.photo.flat.paper_map import FLAT_PX_PER_MM
from ecgclip.typing import Float64s

_WORTH: Final = 0.35
"""Share of columns at which a place neither raises nor lowers the score of a series."""
_TOLERANCE: Final = 0.3
"""How far a row may stand off its even place, as a share of the distance between rows ..."""
_UNEVEN: Final = 4.0
"""... and what the square of that costs."""
_LEAST_STEP_MM: Final = 8.0
_MOST_ROWS: Final = 13
_USUAL: Final = (1, 2, 3, 4, 6, 12)
"""Numbers of rows that machines print ..."""
_UNUSUAL_COST: Final = 0.25
"""... and what another number costs."""


@dataclass(frozen=True)
class Mark:
    """A height where a row may run, pixels of the flat sheet, and its columns as a share of the most."""

    y_px: float
    share: float


def evenly_spaced_rows(marks: list[Mark]) -> list[float]:
    """The heights of the best series of evenly spaced rows, from top to bottom; none of no marks.

    Each row adds what its share exceeds `_WORTH` by and pays for standing off its place, so that a series of
    half the distance, every other row of which is missing, loses. A row missing within a series is filled in.
    """
    if not marks:
        return []
    heights = np.array([mark.y_px for mark in marks])
    first, step = _hypotheses(heights)
    places = first[:, None] + step[:, None] * np.arange(_MOST_ROWS)
    off = np.abs(heights[None, None] - places[..., None]) / step[:, None, None]
    worth = np.where(
        off <= _TOLERANCE, np.array([m.share for m in marks]) - _WORTH - _UNEVEN * off**2, -np.inf
    )
    found = worth.argmax(axis=2)
    gain = worth.max(axis=2)
    score = np.cumsum(np.where(np.isfinite(gain), gain, -_WORTH), axis=1) - _unusual_cost()
    # a series ends with a row that was seen
    score = np.where(np.isfinite(gain), score, -np.inf)
    best, last = divmod(int(score.argmax()), _MOST_ROWS)
    seen = np.isfinite(gain[best])
    return [float(heights[found[best, k]]) if seen[k] else float(places[best, k]) for k in range(last + 1)]


def _hypotheses(heights: Float64s) -> tuple[Float64s, Float64s]:
    """First row and step, float [hypothesis] each: any mark first, any below it a later row."""
    steps = (heights[None] - heights[:, None])[..., None] / np.arange(1, _MOST_ROWS)
    possible = steps >= _LEAST_STEP_MM * FLAT_PX_PER_MM
    first = np.broadcast_to(heights[:, None, None], steps.shape)[possible]
    # a row that stands alone: a step that leads out of any sheet
    alone = np.full(heights.size, 1e6)
    return np.concatenate([first, heights]), np.concatenate([steps[possible], alone])


def _unusual_cost() -> Float64s:
    return np.array([0.0 if count in _USUAL else _UNUSUAL_COST for count in range(1, _MOST_ROWS + 1)])
