"""Which way is up: traces run along the rows, pulses stand upright at the start, and leads add up."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from ecgclip.paper.geometry import Layout, page_geometry
from ecgclip.paper.traces import TRACE_RATE_HZ, panel_samples_at_trace_rate
from ecgclip.photo.layout import Sheet
from ecgclip.photo.retile import row_traces
from ecgclip.photo.rows import Row, level_strokes, row_profile
from ecgclip.units import LEADS

Floats = npt.NDArray[np.float32]


def level_share(ink: Floats) -> float:
    """0..1: whether the traces run along x (1) or along y (0); .5 says nothing.

    Baselines gather on a few lines across the sheet; flanks of the QRS, though long, stand apart, and the
    fourth power sees four rows, not fifty faint grid lines.
    """
    across, along = _gathered(ink), _gathered(np.ascontiguousarray(ink.T))
    return across / (across + along) if across + along > 0 else 0.5


def _gathered(ink: Floats) -> float:
    profile = row_profile(level_strokes(ink)).astype(np.float64)
    return float(np.sqrt(np.sqrt((profile**4).sum())))


def half_turned(ink: Floats, rows: list[Row]) -> tuple[Floats, list[Row]]:
    """The same sheet and rows turned by 180 degrees."""
    height, width = ink.shape
    turned = [
        replace(
            row,
            baseline_px=height - 1 - row.baseline_px,
            start_px=width - row.stop_px,
            stop_px=width - row.start_px,
            curve_px=(height - 1 - row.curve_px)[::-1],
        )
        for row in reversed(rows)
    ]
    return np.ascontiguousarray(ink[::-1, ::-1]), turned


def uprightness(sheet: Sheet) -> float:
    """Evidence that a sheet stands upright; compare it with that of the sheet turned by 180 degrees.

    A pulse is the surest sign. The limb leads add up only the right way up, and there the rhythm strip
    repeats lead II. More QRS complexes point up than down.
    """
    traces = row_traces(sheet)
    return 2.0 * sheet.pulse_share + _adding_up(traces, sheet.layout) + 0.5 * _skew(traces)


def told_apart(sheet: Sheet) -> Sheet:
    """Six rows are 6x2 or three rhythm strips below 3x4: where the limb leads add up."""
    if sheet.layout is not Layout.L6X2:
        return sheet
    traces = row_traces(sheet)
    strips = _adding_up(traces, Layout.L3X4_3R) > _adding_up(traces, Layout.L6X2)
    return replace(sheet, layout=Layout.L3X4_3R) if strips else sheet


def trace_length_mm(sheet: Sheet) -> float:
    """Millimetres of trace seen, counted double beside pulses: compares a sheet with itself on its side."""
    return sum(row.length_mm * row.coverage for row in sheet.rows) * (1.0 + sheet.pulse_share)


def _adding_up(traces: Floats, layout: Layout | None) -> float:
    """-2..2: how well II = I + III and aVR + aVL + aVF = 0 hold where the layout says that they stand."""
    if layout is None:
        return 0.0
    first, second, third, avr, avl, avf = (_panel(traces, layout, lead) for lead in LEADS[:6])
    einthoven = _agreement(first + third, second)
    if layout is Layout.L3X4_1R:
        einthoven = (einthoven + _agreement(traces[3, : second.size], second)) / 2
    return einthoven + _cancelling(np.stack([avr, avl, avf]))


def _panel(traces: Floats, layout: Layout, lead: str) -> Floats:
    panel = next(panel for panel in page_geometry(layout).panels if panel.lead == lead)
    start, stop = panel_samples_at_trace_rate(panel)
    return traces[panel.row, start:stop]


def _agreement(a: Floats, b: Floats) -> float:
    """-1..1: how alike two traces are, in size as well, where both are known; 0 for under half a second."""
    known = ~(np.isnan(a) | np.isnan(b))
    if known.sum() < TRACE_RATE_HZ // 2:
        return 0.0
    x, y = a[known] - a[known].mean(), b[known] - b[known].mean()
    size = float((x * x).sum() + (y * y).sum())
    return 2.0 * float((x * y).sum()) / size if size > 0 else 0.0


def _cancelling(leads: Floats) -> float:
    """-1..1: 1 where traces [n, time] sum to a constant, 0 where they have nothing in common."""
    known = leads[:, ~np.isnan(leads).any(axis=0)]
    if known.shape[1] < TRACE_RATE_HZ // 2:
        return 0.0
    apart = float(known.var(axis=1).sum())
    return max(-1.0, 1.0 - float(known.sum(axis=0).var()) / apart) if apart > 0 else 0.0


def _skew(traces: Floats) -> float:
    """-1..1: how much more the traces reach up than down from their medians."""
    up, down = 0.0, 0.0
    for row in traces:
        known = row[~np.isnan(row)]
        if known.size > TRACE_RATE_HZ:
            low, middle, high = np.quantile(known, [0.01, 0.5, 0.99])
            up, down = up + float(high - middle), down + float(middle - low)
    return (up - down) / (up + down) if up + down > 0 else 0.0
