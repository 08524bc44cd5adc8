"""The panels of any layout, read as curves and laid onto the canonical page by lead and time."""

from dataclasses import replace
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from ecgclip.paper.geometry import CANONICAL, CANONICAL_PX_PER_MM, Layout, Panel, page_geometry
from ecgclip.paper.raster import ink_page
from ecgclip.paper.traces import (
    TRACE_RATE_HZ,
    TRACE_SAMPLES,
    Traces,
    center_rows,
    panel_samples_at_trace_rate,
)
from ecgclip.photo.flatten import FLAT_PX_PER_MM
from ecgclip.photo.layout import Sheet
from ecgclip.photo.trace import read_values, trace_paths
from ecgclip.records.ecg import Ecg
from ecgclip.units import GAIN_MM_MV, LEADS

_REACH_MM: Final = 30.0
"""Above and below a baseline: 3 mV."""

Floats = npt.NDArray[np.float32]


def row_traces(ink: Floats, sheet: Sheet) -> Traces:
    """Read every row of the sheet, float32 [row, 1000] in mV at 100 Hz from time zero; NaN where blank.

    One column of the flat sheet is one sample: 25 mm/s at 4 px/mm.
    """
    bands = np.stack([_band(ink, row.baseline_px, sheet.zero_px) for row in sheet.rows])
    home = np.full(len(sheet.rows), bands.shape[1] // 2)
    paths = trace_paths(bands, home)
    values = np.stack([read_values(band, path) for band, path in zip(bands, paths, strict=True)])
    return np.asarray((home[:, None] - values) / (FLAT_PX_PER_MM * GAIN_MM_MV), np.float32)


def _band(ink: Floats, baseline_px: float, zero_px: float) -> Floats:
    """The ink around one row from time zero on, float32 [y, 1000]; blank beyond the sheet."""
    reach = round(_REACH_MM * FLAT_PX_PER_MM)
    x, y = round(zero_px), round(baseline_px) - reach
    band = np.zeros((2 * reach + 1, TRACE_SAMPLES), np.float32)
    height, width = ink.shape
    y0, y1 = max(0, y), min(height, y + band.shape[0])
    x0, x1 = max(0, x), min(width, x + band.shape[1])
    if y0 < y1 and x0 < x1:
        band[y0 - y : y1 - y, x0 - x : x1 - x] = ink[y0:y1, x0:x1]
    return band


def canonical_traces(rows: Traces, layout: Layout | None) -> Traces:
    """Lay the rows of a layout out as the canonical page's, float32 [4, 1000], each less its median."""
    traces = np.full((CANONICAL.rows, TRACE_SAMPLES), np.nan, np.float32)
    if layout is None:
        shown = rows[: CANONICAL.rows]
        traces[: len(shown)] = shown
        return center_rows(traces)
    source = page_geometry(layout)
    for panel in CANONICAL.panels:
        start, stop = panel_samples_at_trace_rate(panel)
        for other in source.panels:
            if other.lead == panel.lead and other.stop_s > panel.start_s and other.start_s < panel.stop_s:
                a, b = panel_samples_at_trace_rate(other)
                low, high = max(a, start), min(b, stop)
                traces[panel.row, low:high] = rows[other.row, low:high]
    return center_rows(traces)


def draw_traces(traces: Traces) -> npt.NDArray[np.uint8]:
    """Draw row traces as the canonical page's ink, uint8 [512, 1024], by the records' own renderer."""
    strips = tuple(panel for panel in CANONICAL.panels if panel.row == CANONICAL.rows - 1)
    columns = tuple(panel for panel in CANONICAL.panels if panel.row < CANONICAL.rows - 1)
    return cv2.max(_drawn(traces, columns), _drawn(traces, strips)).astype(np.uint8, copy=False)


def _drawn(traces: Traces, panels: tuple[Panel, ...]) -> npt.NDArray[np.uint8]:
    signal = np.full((len(LEADS), TRACE_SAMPLES), np.nan, np.float32)
    for panel in panels:
        start, stop = panel_samples_at_trace_rate(panel)
        signal[LEADS.index(panel.lead), start:stop] = traces[panel.row, start:stop]
    geometry = replace(CANONICAL, panels=panels)
    ecg = Ecg(signal, float(TRACE_RATE_HZ))
    return ink_page(ecg, geometry, CANONICAL_PX_PER_MM, center_rows=False)
