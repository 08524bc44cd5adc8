"""The panels of any layout, read as curves and laid onto the canonical page by lead and time."""

from dataclasses import replace
from typing import Final

import cv2
import numpy as np

from ecgclip.paper.geometry import CANONICAL, CANONICAL_PX_PER_MM, Layout, Panel, page_geometry
from ecgclip.paper.raster import ink_page
from ecgclip.paper.traces import (
    TRACE_RATE_HZ,
    TRACE_SAMPLES,
    center_rows,
    panel_samples_at_trace_rate,
)
from ecgclip.records.ecg import Ecg
from ecgclip.typing import Traces, Uint8s
from ecgclip.units import LEADS

_HALF: Final = 0.5


def canonical_traces(rows: Traces, layout: Layout | None) -> Traces:
    """Lay the rows of a layout out as the canonical page's, float32 [4, 1000], each less its median."""
    traces = np.full((CANONICAL.rows, TRACE_SAMPLES), np.nan, np.float32)
    if layout is None:
        # A strip shows one lead for long, as the rhythm strip does: the last row.
        shown = rows[: CANONICAL.rows]
        first = CANONICAL.rows - 1 if len(shown) == 1 else 0
        traces[first : first + len(shown)] = shown
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


def cut_leads(traces: Traces) -> tuple[str, ...]:
    """Leads of which the canonical page shows less than half, though it shows others: float32 [4, 1000].

    Rhythm strips do not count: their leads are shown above.
    """
    shown = {}
    for panel in CANONICAL.panels[: len(LEADS)]:
        start, stop = panel_samples_at_trace_rate(panel)
        shown[panel.lead] = float(np.mean(~np.isnan(traces[panel.row, start:stop])))
    return tuple(lead for lead, share in shown.items() if share < _HALF and max(shown.values()) > _HALF)


def draw_traces(traces: Traces, px_per_mm: float = CANONICAL_PX_PER_MM, line_mm: float = 0.5) -> Uint8s:
    """Draw row traces as the canonical page's ink, uint8 [512, 1024], by the records' own renderer."""
    strips = tuple(panel for panel in CANONICAL.panels if panel.row == CANONICAL.rows - 1)
    columns = tuple(panel for panel in CANONICAL.panels if panel.row < CANONICAL.rows - 1)
    drawn = (_drawn(traces, panels, px_per_mm, line_mm) for panels in (columns, strips))
    return cv2.max(*drawn).astype(np.uint8, copy=False)


def _drawn(traces: Traces, panels: tuple[Panel, ...], px_per_mm: float, line_mm: float) -> Uint8s:
    signal = np.full((len(LEADS), TRACE_SAMPLES), np.nan, np.float32)
    for panel in panels:
        start, stop = panel_samples_at_trace_rate(panel)
        signal[LEADS.index(panel.lead), start:stop] = traces[panel.row, start:stop]
    geometry = replace(CANONICAL, panels=panels)
    ecg = Ecg(signal, float(TRACE_RATE_HZ))
    return ink_page(ecg, geometry, px_per_mm, line_mm, center_rows=False)
