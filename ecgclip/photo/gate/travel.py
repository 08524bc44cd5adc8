"""How far the curve of a row travels in each column, and whether it travels there as heartbeats do.

No beats of a signal are found here (`ecgclip.signal.beats` does that): charts, staircases and lines of a grid
have steep columns as well, and the gate asks whether they are brief, alike, periodic and in all rows at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Self

import cv2
import numpy as np

from ecgclip.photo.flat.paper_map import FLAT_PX_PER_MM
from ecgclip.photo.rows.row import Row
from ecgclip.typing import Array, Float32s, Int64s
from ecgclip.units import LARGE_SQUARE_MM, SPEED_MM_S

_PX_PER_S: Final = SPEED_MM_S * FLAT_PX_PER_MM
_REACH_PX: Final = round(0.05 * _PX_PER_S)
"""Half width of the window over which travel is summed: about a QRS complex."""
_WHOLE_BEAT_S: Final = 0.1
"""Half width in s of the window that holds a whole QRS complex, also a wide one."""
_FLAT_MM: Final = 1.0
"""Least travel of a beat in mm."""
_MOST_MM: Final = 4.0
"""Travel from one column to the next that counts: a jump to other ink travels further."""
_STEEPEST: Final = 0.1
_SHORTEST_BEAT_S: Final = 0.3
_LONGEST_BEAT_S: Final = 2.0
_SQUARE_PX: Final = LARGE_SQUARE_MM * FLAT_PX_PER_MM
_ON_LINE_PX: Final = 2.0
_SHAPE_S: Final = 0.25
_SLACK_PX: Final = 3


@dataclass(frozen=True, eq=False)
class Travel:
    """The travel of one row.

    steps_mm: float32 [column], from each column of the sheet to the next; 0 where the curve is not seen.
    steep_mm: float32 [column], within about a QRS complex around each column; 0 outside the row.
    tops: int64 [top], the steepest columns within a third of a second, half as steep as the row's best.
    """

    row: Row
    steps_mm: Float32s
    steep_mm: Float32s
    tops: Int64s

    @classmethod
    def of(cls, row: Row) -> Self:
        travelled_mm = np.abs(np.diff(row.curve_px)) / FLAT_PX_PER_MM
        steps_mm = np.asarray(np.nan_to_num(travelled_mm), np.float32)
        steep_mm = _steepness(row, steps_mm)
        return cls(row, steps_mm, steep_mm, _tops(steep_mm))

    @property
    def relative(self) -> Float32s:
        """Steepness over the largest within a second, less its mean: rows of small beats count equally."""
        around = 2 * round(_PX_PER_S) + 1
        level = cv2.dilate(self.steep_mm[None], np.ones((1, around), np.uint8))[0]
        inside = slice(self.row.start_px, self.row.stop_px)
        share = self.steep_mm[inside] / np.maximum(level[inside], _FLAT_MM)
        relative = np.zeros_like(self.steep_mm)
        relative[inside] = share - share.mean()
        return relative

    @property
    def quiet_share(self) -> float:
        """Share of the row in which it travels less than a quarter of what it does in its beats."""
        inside = self.steep_mm[self.row.start_px : self.row.stop_px]
        return float(np.mean(inside < 0.25 * max(_FLAT_MM, float(np.quantile(inside, 0.97)))))

    @property
    def sharpness(self) -> float:
        """Share of the whole travel that its steepest tenth of columns makes; .1 for a straight line."""
        steps = np.sort(self.steps_mm[self.row.start_px : self.row.stop_px])
        total = float(steps.sum())
        return float(steps[-max(1, round(_STEEPEST * steps.size)) :].sum()) / total if total > 0 else 0.0

    @property
    def returned(self) -> float:
        """Share of its travel around a top that the curve takes back: all in a spike, nothing in a step."""
        curve_px, reach = self.row.curve_px, round(_WHOLE_BEAT_S * _PX_PER_S)
        tops = self.tops[(self.tops >= reach) & (self.tops < curve_px.size - reach)]
        if tops.size == 0:
            return 0.0
        travelled_mm = np.concatenate([[0.0], np.cumsum(self.steps_mm, dtype=np.float64)])
        travel_mm = travelled_mm[tops + reach] - travelled_mm[tops - reach]
        net_mm = np.abs(curve_px[tops + reach] - curve_px[tops - reach]) / FLAT_PX_PER_MM
        return 1.0 - median(np.minimum(1.0, net_mm / np.maximum(travel_mm, _FLAT_MM)), empty=1.0)

    @property
    def beat_similarity(self) -> float:
        """Median correlation of the curve around a top with that around the next; -1..1, 0 without tops."""
        reach, slack = round(_SHAPE_S * _PX_PER_S), _SLACK_PX
        curve = np.nan_to_num(self.row.curve_px, nan=self.row.baseline_px).astype(np.float32)
        inside = self.tops[(self.tops >= reach + slack) & (self.tops < curve.size - reach - slack)]
        found = []
        for this, following in pairwise(inside):
            shape = curve[this - reach : this + reach + 1][None]
            window = curve[following - reach - slack : following + reach + slack + 1][None]
            found.append(float(cv2.matchTemplate(window, shape, cv2.TM_CCOEFF_NORMED).max()))
        return median(found)


def _steepness(row: Row, steps_mm: Float32s) -> Float32s:
    travel = np.minimum(steps_mm, _MOST_MM)[None]
    summed = cv2.boxFilter(
        travel, -1, (2 * _REACH_PX + 1, 1), normalize=False, borderType=cv2.BORDER_CONSTANT
    )[0]
    steep = np.zeros_like(summed, np.float32)
    inside = slice(row.start_px, row.stop_px)
    steep[inside] = summed[inside]
    return steep


def _tops(steep_mm: Float32s) -> Int64s:
    apart = 2 * round(_SHORTEST_BEAT_S * _PX_PER_S) + 1
    highest = cv2.dilate(steep_mm[None], np.ones((1, apart), np.uint8))[0]
    enough = max(_FLAT_MM, 0.5 * float(np.quantile(steep_mm, 0.97)))
    level = np.flatnonzero((steep_mm == highest) & (steep_mm > enough))
    runs = np.split(level, np.flatnonzero(np.diff(level) > 1) + 1)
    return np.array([run[run.size // 2] for run in runs if run.size], np.int64)


def on_grid_lines(tops: Sequence[Int64s]) -> float:
    """Share of all tops that stand on a line of the 5 mm grid: what is left of it beats at its distance."""
    every = np.concatenate(tops) if tops else np.empty(0, np.int64)
    off = np.abs((every + _SQUARE_PX / 2) % _SQUARE_PX - _SQUARE_PX / 2)
    return float(np.mean(off <= _ON_LINE_PX)) if every.size else 0.0


def periodicity(relative: Float32s) -> float:
    """The highest correlation of the steepness with itself a beat later; atrial fibrillation keeps some."""
    known = np.flatnonzero(relative)
    if known.size < _PX_PER_S:
        return 0.0
    values = relative[known[0] : known[-1] + 1]
    size = 2 * values.size
    power = np.abs(np.fft.rfft(values, size)) ** 2
    correlation = np.fft.irfft(power, size)
    first, last = round(_SHORTEST_BEAT_S * _PX_PER_S), round(_LONGEST_BEAT_S * _PX_PER_S)
    lags = np.arange(first, min(last, values.size // 2))
    if lags.size == 0:
        return 0.0
    overlap = 1 - lags / values.size
    return float((correlation[lags] / overlap).max() / max(1e-6, float(correlation[0])))


def simultaneity(relative: list[Float32s]) -> float:
    """Mean correlation of every row's steepness with the sum of the others'."""
    if len(relative) < 2:
        return 0.0
    every = np.stack(relative)
    others = every.sum(axis=0) - every
    norms = np.linalg.norm(every, axis=1) * np.linalg.norm(others, axis=1)
    return float(np.mean((every * others).sum(axis=1) / np.maximum(norms, 1e-6)))


def median(values: Sequence[float] | Array, empty: float = 0.0) -> float:
    """Of the finite values."""
    known = np.asarray(values, np.float64)
    known = known[np.isfinite(known)]
    return float(np.median(known)) if known.size else empty
