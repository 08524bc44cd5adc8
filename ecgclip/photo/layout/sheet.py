"""`Sheet`: what a flat sheet shows, its rows and their traces from time zero on."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from ecgclip.paper.geometry import Layout
from ecgclip.paper.traces import TRACE_SAMPLES
from ecgclip.photo.flat.paper_map import FLAT_PX_PER_MM
from ecgclip.photo.rows.row import Row
from ecgclip.typing import Traces
from ecgclip.units import GAIN_MM_MV


@dataclass(frozen=True, eq=False)
class Sheet:
    """What a flat sheet shows; made by `read`, its layout decided by `resolve_layout`.

    rows: from top to bottom; the last of the layout may be missing.
    traces_mv: float32 [row, 1000], the rows from time zero on at 100 Hz; NaN where blank or missing.
    layout: None when unknown.
    zero_px: column of the sheet where the record's time 0 stands.
    pulse_share: mean correlation with the calibration pulse of the rows that have one, times their share.
    printed: the layout in words, where the print has more strips than `rows`; else as `layout` is called.
    """

    rows: tuple[Row, ...]
    traces_mv: Traces
    layout: Layout | None
    zero_px: float
    pulse_share: float
    printed: str = ""

    @classmethod
    def read(
        cls, rows: list[Row], zero_px: float, layout: Layout | None = None, pulse_share: float = 0.0
    ) -> Self:
        """The sheet of these rows and this time zero: its traces are read off here, once."""
        return cls(tuple(rows), _traces_mv(rows, zero_px), layout, zero_px, pulse_share)

    @property
    def label(self) -> str:
        return self.printed or (self.layout.label if self.layout else "unknown")


def _traces_mv(rows: list[Row], zero_px: float) -> Traces:
    """Curves become traces: one column of the flat sheet is one sample, 25 mm/s at 4 px/mm."""
    traces = np.full((len(rows), TRACE_SAMPLES), np.nan, np.float32)
    place = zero_px + np.arange(TRACE_SAMPLES)
    left = np.floor(place).astype(np.intp)
    share = (place - left).astype(np.float32)
    for row, trace in zip(rows, traces, strict=True):
        inside = (left >= row.start_px) & (left + 1 < row.stop_px)
        at, part = left[inside], share[inside]
        curve_px = row.curve_px[at] * (1 - part) + row.curve_px[at + 1] * part
        trace[inside] = (row.baseline_px - curve_px) / (FLAT_PX_PER_MM * GAIN_MM_MV)
    return traces
