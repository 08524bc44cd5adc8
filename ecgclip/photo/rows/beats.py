"""Heartbeats in the traces of a sheet: steep, brief, alike, at a beat's distance, and in all rows at once."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from ecgclip.photo.flat.flatten import FLAT_PX_PER_MM
from ecgclip.photo.rows.rows import Row
from ecgclip.units import LARGE_SQUARE_MM, SPEED_MM_S

_PX_PER_S: Final = SPEED_MM_S * FLAT_PX_PER_MM
_REACH_PX: Final = round(0.05 * _PX_PER_S)
"""Half width of the window over which travel is summed: about a QRS complex."""
_WHOLE_BEAT_S: Final = 0.1
"""Half width of a QRS complex, and of a wide one."""
_FLAT_MM: Final = 1.0
"""Less travel than this is no beat."""
_MOST_MM: Final = 4.0
"""Travel from one column to the next that counts: a jump to other ink travels further."""
_STEEPEST: Final = 0.1
_SHORTEST_BEAT_S: Final = 0.3
_LONGEST_BEAT_S: Final = 2.0
_SQUARE_PX: Final = LARGE_SQUARE_MM * FLAT_PX_PER_MM
_ON_LINE_PX: Final = 2.0
_SHAPE_S: Final = 0.25
_SLACK_PX: Final = 3

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.intp]


def steps_mm(row: Row) -> Floats:
    """How far the trace travels from column to column, float32 [column]; 0 where it is not seen."""
    steps = np.abs(np.diff(row.curve_px)) / FLAT_PX_PER_MM
    return np.asarray(np.nan_to_num(steps), np.float32)


def steepness(row: Row) -> Floats:
    """Travel in mm within about a QRS complex around each column of the sheet; 0 outside the row."""
    travel = np.minimum(steps_mm(row), _MOST_MM)[None]
    summed = cv2.boxFilter(
        travel, -1, (2 * _REACH_PX + 1, 1), normalize=False, borderType=cv2.BORDER_CONSTANT
    )[0]
    steep = np.zeros_like(summed)
    inside = slice(row.start_px, row.stop_px)
    steep[inside] = summed[inside]
    return np.asarray(steep, np.float32)


def beat_signal(row: Row, steep: Floats) -> Floats:
    """Steepness against the steepest within a second, less its mean; leads of small beats count alike."""
    around = 2 * round(_PX_PER_S) + 1
    level = cv2.dilate(steep[None], np.ones((1, around), np.uint8))[0]
    inside = slice(row.start_px, row.stop_px)
    share = steep[inside] / np.maximum(level[inside], _FLAT_MM)
    signal = np.zeros_like(steep)
    signal[inside] = share - share.mean()
    return np.asarray(signal, np.float32)


def quiet_share(row: Row, steep: Floats) -> float:
    """Share of the row in which it travels less than a quarter of what it does in its beats."""
    inside = steep[row.start_px : row.stop_px]
    return float(np.mean(inside < 0.25 * max(_FLAT_MM, float(np.quantile(inside, 0.97)))))


def beat_tops(steep: Floats) -> Ints:
    """Columns of the beats: the steepest within a third of a second, and half as steep as the row's best."""
    apart = 2 * round(_SHORTEST_BEAT_S * _PX_PER_S) + 1
    highest = cv2.dilate(steep[None], np.ones((1, apart), np.uint8))[0]
    enough = max(_FLAT_MM, 0.5 * float(np.quantile(steep, 0.97)))
    level = np.flatnonzero((steep == highest) & (steep > enough))
    runs = np.split(level, np.flatnonzero(np.diff(level) > 1) + 1)
    return np.array([run[run.size // 2] for run in runs if run.size], np.intp)


def returned(row: Row, tops: Ints) -> float:
    """How much of its travel in a beat the trace takes back: all of it in a spike, nothing in a step."""
    reach = round(_WHOLE_BEAT_S * _PX_PER_S)
    tops = tops[(tops >= reach) & (tops < row.curve_px.size - reach)]
    if tops.size == 0:
        return 0.0
    travelled_mm = np.concatenate([[0.0], np.cumsum(steps_mm(row), dtype=np.float64)])
    travel_mm = travelled_mm[tops + reach] - travelled_mm[tops - reach]
    net_mm = np.abs(row.curve_px[tops + reach] - row.curve_px[tops - reach]) / FLAT_PX_PER_MM
    return 1.0 - median(np.minimum(1.0, net_mm / np.maximum(travel_mm, _FLAT_MM)), empty=1.0)


def likeness(row: Row, tops: Ints) -> float:
    """Correlation of beats with the next ones of their row, its median; -1..1, 0 where there are none."""
    reach, slack = round(_SHAPE_S * _PX_PER_S), _SLACK_PX
    inside = tops[(tops >= reach + slack) & (tops < row.curve_px.size - reach - slack)]
    curve = np.nan_to_num(row.curve_px, nan=row.baseline_px).astype(np.float32)
    found = []
    for this, following in pairwise(inside):
        shape = curve[this - reach : this + reach + 1][None]
        window = curve[following - reach - slack : following + reach + slack + 1][None]
        found.append(float(cv2.matchTemplate(window, shape, cv2.TM_CCOEFF_NORMED).max()))
    return median(found)


def on_lines(tops: Sequence[Ints]) -> float:
    """Share of all beats that stand on a line of the 5 mm grid: what is left of it beats at its distance."""
    every = np.concatenate(tops) if tops else np.empty(0, np.intp)
    off = np.abs((every + _SQUARE_PX / 2) % _SQUARE_PX - _SQUARE_PX / 2)
    return float(np.mean(off <= _ON_LINE_PX)) if every.size else 0.0


def sharpness(row: Row) -> float:
    """Share of the whole travel that its steepest tenth of columns makes; .1 for a straight line."""
    steps = np.sort(steps_mm(row)[row.start_px : row.stop_px])
    total = float(steps.sum())
    return float(steps[-max(1, round(_STEEPEST * steps.size)) :].sum()) / total if total > 0 else 0.0


def periodicity(steep: Floats) -> float:
    """The highest correlation of the steepness with itself a beat later; atrial fibrillation keeps some."""
    known = np.flatnonzero(steep)
    if known.size < _PX_PER_S:
        return 0.0
    values = steep[known[0] : known[-1] + 1]
    size = 2 * values.size
    power = np.abs(np.fft.rfft(values, size)) ** 2
    correlation = np.fft.irfft(power, size)
    first, last = round(_SHORTEST_BEAT_S * _PX_PER_S), round(_LONGEST_BEAT_S * _PX_PER_S)
    lags = np.arange(first, min(last, values.size // 2))
    if lags.size == 0:
        return 0.0
    overlap = 1 - lags / values.size
    return float((correlation[lags] / overlap).max() / max(1e-6, float(correlation[0])))


def togetherness(steep: list[Floats]) -> float:
    """Mean correlation of every row's steepness with the sum of the others'."""
    if len(steep) < 2:
        return 0.0
    every = np.stack(steep)
    others = every.sum(axis=0) - every
    norms = np.linalg.norm(every, axis=1) * np.linalg.norm(others, axis=1)
    return float(np.mean((every * others).sum(axis=1) / np.maximum(norms, 1e-6)))


def median(values: Sequence[float] | Floats, empty: float = 0.0) -> float:
    """Of the finite values."""
    known = np.asarray(values, np.float64)
    known = known[np.isfinite(known)]
    return float(np.median(known)) if known.size else empty
