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

_SAME_MM: Final = 4.0
"""Panels of a column begin so near to each other."""
_GAP_MM: Final = 1.5
"""Paper between columns from which on time stands still there."""
_ROUND_S: Final = 0.5
"""Columns begin at multiples of this ..."""
_ROUND: Final = 0.02
"""... where they do within this share of the time before them."""


def panels_of(named: NamedLayout, speed_mm_s: float, gain_mm_mv: float) -> tuple[PrintedPanel, ...]:
    """The panels of a sheet whose leads are named, strips last."""
    strips = len(named.strips)
    lead_rows = named.rows[: len(named.rows) - strips]
    columns = named.template.columns
    starts, stops = _columns(lead_rows, columns)
    times = _times(starts, stops, speed_mm_s)
    panels = []
    for number, (row, leads) in enumerate(zip(lead_rows, named.leads, strict=False)):
        own = _own_starts(row, starts)
        ends = np.append(own[1:], max(stops[-1], row.stop_mm))
        for lead, start, stop, at in zip(leads, own, ends, times, strict=True):
            panels.append(_panel(lead, number, start, stop, at, speed_mm_s, gain_mm_mv))
    for number, lead in enumerate(named.strips, start=len(lead_rows)):
        row = named.rows[number]
        start = starts[0] if abs(row.start_mm - starts[0]) < _SAME_MM else row.start_mm
        if lead:
            panels.append(_panel(lead, number, start, row.stop_mm, 0.0, speed_mm_s, gain_mm_mv))
    return tuple(panels)


def _panel(
    lead: str, row: int, start_mm: float, stop_mm: float, at_s: float, speed: float, gain: float
) -> PrintedPanel:
    start_px, stop_px = (mm * FLAT_PX_PER_MM - 0.5 for mm in (start_mm, stop_mm))
    return PrintedPanel(lead, row, start_px, stop_px, at_s, speed, gain)


def _columns(rows: Sequence[RidgeRow], columns: int) -> tuple[Float64s, Float64s]:
    """Where the columns begin and end, mm [column] each: the median of the rows that show it."""
    starts = np.median([row.column_starts_mm(columns) for row in _clearest(rows, columns)], axis=0)
    stop = float(np.median([row.stop_mm for row in rows]))
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


def _clearest(rows: Sequence[RidgeRow], columns: int) -> Sequence[RidgeRow]:
    """The rows in which as many panels were seen to begin as there are columns; all where none is."""
    return [row for row in rows if len(row.starts_mm) == columns] or rows


def _own_starts(row: RidgeRow, starts: Float64s) -> Float64s:
    """Where the row's own panels begin, mm [column]: where it was seen near the column's start, else there."""
    seen = np.array(row.starts_mm) if row.starts_mm else np.array([np.inf])
    nearest = seen[np.abs(seen[None] - starts[:, None]).argmin(axis=1)]
    off = np.abs(nearest - starts)
    return np.where((off >= _GAP_MM) & (off < _SAME_MM), nearest, starts)


def _times(starts: Float64s, stops: Float64s, speed_mm_s: float) -> Float64s:
    """Seconds of the record at which the columns begin, [column].

    Columns follow each other: paper between them counts only where it is no gap.
    """
    gaps = starts[1:] - stops[:-1]
    lengths = np.diff(starts)
    if gaps.size and float(np.median(gaps)) > _GAP_MM:
        lengths = lengths - gaps
    times = np.concatenate([[0.0], np.cumsum(lengths)]) / speed_mm_s
    rounded = np.round(times / _ROUND_S) * _ROUND_S
    near = np.abs(times - rounded) <= _ROUND * np.maximum(times, _ROUND_S)
    return np.minimum(np.where(near, rounded, times), RECORD_S)
