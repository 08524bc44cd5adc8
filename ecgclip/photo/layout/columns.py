"""Where the columns of a named sheet begin and end, and at which second of the record."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from ecgclip.photo.flat.paper_map import FLAT_PX_PER_MM
from ecgclip.photo.layout.names import NamedLayout
from ecgclip.photo.layout.panel import PrintedPanel
from ecgclip.photo.seen.ridges import RidgeRow
from ecgclip.typing import Float64s
from ecgclip.units import RECORD_S

UNNAMED: Final = "?"
_SAME_MM: Final = 4.0
"""Panels of a column begin so near to each other."""
_STRIP_MM: Final = 10.0
"""Strips begin with the first column, where they are seen to begin this near to it."""
_SAME_ZERO_MM: Final = 3.0
_GAP_MM: Final = 1.5
"""Paper between columns from which on time stands still there."""
_UNEVEN_MM: Final = 2.0
"""How far the starts of columns may lie from equal distances to be taken for equal."""
_MOST: Final = 0.5
_ROUND_S: Final = 0.5
"""Columns begin at multiples of this ..."""
_ROUND: Final = 0.02
"""... where they do within this share of the time before them."""


def panels_of(
    named: NamedLayout, speed_mm_s: float, gain_mm_mv: float, zero_mm: float | None = None
) -> tuple[PrintedPanel, ...]:
    """The panels of a sheet whose leads are named, strips last, each of them; `UNNAMED` where it has no name.

    zero_mm: where pulses and the ends of rows say that time begins, more exactly than names and baselines;
    it counts where it is near to where the first column was seen to begin.
    """
    strips = len(named.strips)
    lead_rows = named.rows[: len(named.rows) - strips]
    columns = named.template.columns
    starts, stops = _columns(lead_rows, columns, named.step_mm)
    even = _evenly(starts, float(stops[-1]), speed_mm_s)
    starts = starts if even is None else even
    if zero_mm is not None and abs(zero_mm - starts[0]) < _SAME_ZERO_MM:
        starts, stops = starts + (zero_mm - starts[0]), stops + (zero_mm - starts[0])
    times = _times(starts, stops if even is None else None, speed_mm_s)
    panels = []
    for number, (row, leads) in enumerate(zip(lead_rows, named.leads, strict=False)):
        own = _own_starts(row, starts) if even is None else starts
        ends = np.append(own[1:], max(stops[-1], row.stop_mm))
        for lead, start, stop, at in zip(leads, own, ends, times, strict=True):
            panels.append(_panel(lead, number, start, stop, at, speed_mm_s, gain_mm_mv))
    for number, lead in enumerate(named.strips, start=len(lead_rows)):
        row = named.rows[number]
        start = float(starts[0]) if abs(row.start_mm - starts[0]) < _STRIP_MM else row.start_mm
        panels.append(_panel(lead or UNNAMED, number, start, row.stop_mm, 0.0, speed_mm_s, gain_mm_mv))
    return tuple(panels)


def _panel(
    lead: str, row: int, start_mm: float, stop_mm: float, at_s: float, speed: float, gain: float
) -> PrintedPanel:
    start_px, stop_px = (mm * FLAT_PX_PER_MM - 0.5 for mm in (start_mm, stop_mm))
    return PrintedPanel(lead, row, float(start_px), float(stop_px), float(at_s), speed, gain)


def _columns(rows: Sequence[RidgeRow], columns: int, step_mm: float | None) -> tuple[Float64s, Float64s]:
    """Where the columns begin and end, mm [column] each: the median of the rows that show it."""
    clearest = _clearest(rows, columns)
    starts = np.median([row.column_starts_mm(columns, step_mm) for row in clearest], axis=0)
    stop = float(np.median([row.stop_mm for row in rows]))
    if step_mm is not None:
        stop = max(stop, float(starts[-1]) + 1.0)
    ends = np.append(starts[1:], stop)
    seen = [
        [stop for stop in row.stops_mm if start + 5 < stop < end + _SAME_MM]
        for row in rows
        for start, end in zip(starts, ends, strict=True)
    ]
    stops = []
    for column in range(columns):
        found = [min(seen[k]) for k in range(column, len(seen), columns) if seen[k]]
        stops.append(min(float(np.median(found)), ends[column]) if found else ends[column])
    return starts, np.array(stops)


def _evenly(starts: Float64s, stop: float, speed_mm_s: float) -> Float64s | None:
    """The starts at equal distances of whole half seconds, where that is what most of them are; else None.

    stop: where the last column ends.
    """
    if starts.size == 1:
        return None
    step_mm = _ROUND_S * speed_mm_s
    for width in (float(np.median(np.diff(starts))), (stop - float(starts[0])) / starts.size):
        wanted = max(1, round(width / step_mm)) * step_mm
        even = wanted * np.arange(starts.size)
        even = even + float(np.median(starts - even))
        fits = np.abs(starts - even) < _UNEVEN_MM
        if abs(wanted - width) < _ROUND * width and fits.mean() > _MOST:
            return np.asarray(even, np.float64)
    return None


def _clearest(rows: Sequence[RidgeRow], columns: int) -> Sequence[RidgeRow]:
    """The rows in which most of the columns were seen to begin; all where none is."""
    return [row for row in rows if len(row.inner_starts_mm) >= columns - 2] or rows


def _own_starts(row: RidgeRow, starts: Float64s) -> Float64s:
    """Where the row's own panels begin, mm [column]: as seen near the column's start, else there."""
    seen = np.array(row.starts_mm) if row.starts_mm else np.array([np.inf])
    nearest = seen[np.abs(seen[None] - starts[:, None]).argmin(axis=1)]
    off = np.abs(nearest - starts)
    return np.where((off >= _GAP_MM) & (off < _SAME_MM), nearest, starts)


def _times(starts: Float64s, stops: Float64s | None, speed_mm_s: float) -> Float64s:
    """Seconds of the record at which the columns begin, [column].

    stops: where they end, if paper may lie between them, on which no time passes.
    """
    lengths = np.diff(starts)
    gaps = np.zeros_like(lengths) if stops is None else starts[1:] - stops[:-1]
    if gaps.size and float(np.median(gaps)) > _GAP_MM:
        lengths = lengths - gaps
    times = np.concatenate([[0.0], np.cumsum(lengths)]) / speed_mm_s
    rounded = np.round(times / _ROUND_S) * _ROUND_S
    near = np.abs(times - rounded) <= _ROUND * np.maximum(times, _ROUND_S)
    return np.minimum(np.where(near, rounded, times), RECORD_S)
