"""Cues to the orientation of a sheet: numbers by which it differs from the same sheet upside down."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from ecgclip.paper.geometry import Layout, Panel, page_geometry
from ecgclip.paper.traces import TRACE_RATE_HZ, center_rows, panel_samples_at_trace_rate
from ecgclip.photo.flat.paper_map import FLAT_PX_PER_MM
from ecgclip.photo.layout.lead_laws import limb_lead_consistency
from ecgclip.photo.layout.sheet import Sheet
from ecgclip.photo.rows.row import Row
from ecgclip.signal.beats import separated_peaks
from ecgclip.typing import Float32s, Float64s, Int64s, Traces
from ecgclip.units import LEADS

CUES: Final = ("pulses", "limbs", "strip", "skew", "order", "chest", "print", "labels", *LEADS)
"""Cues in order; a lead's own is how much more it reaches up than down."""
_WAVES_S: Final = (0.08, 0.42)
"""After a QRS complex stands the T wave, before it but the smaller P wave."""
_LABEL_MM: Final = (7.0, 9.0)
"""Names of leads stand in the first millimetres of their panels, this far above or below the baseline."""
_BESIDE_PX: Final = 5


def orientation_cues(ink: Float32s, sheet: Sheet) -> Float64s:
    """The cues of `CUES`, float64 [cue]; 0 where the sheet does not show one. ink: 0..1, float32 [y, x]."""
    traces = sheet.traces_mv
    leads = dict(_lead_skews(traces, sheet.layout))
    limbs, strip = limb_lead_consistency(traces, sheet.layout)
    return np.array(
        [
            sheet.pulse_share,
            limbs,
            strip,
            _skew(traces),
            _order(traces),
            _chest(traces, sheet.layout),
            _print(ink, sheet.rows),
            _labels(ink, sheet),
            *(leads.get(lead, 0.0) for lead in LEADS),
        ]
    )


def _lead_panels(layout: Layout | None) -> tuple[Panel, ...]:
    """The panels of the twelve leads, without rhythm strips."""
    return page_geometry(layout).panels[: len(LEADS)] if layout else ()


def _lead_skews(traces: Traces, layout: Layout | None) -> Iterator[tuple[str, float]]:
    for panel in _lead_panels(layout):
        yield panel.lead, _skew(_shown(traces, panel)[None])


def _shown(traces: Traces, panel: Panel) -> Float32s:
    start, stop = panel_samples_at_trace_rate(panel)
    return traces[panel.row, start:stop]


def _skew(traces: Traces) -> float:
    """-1..1: how much more the traces [row, time] reach up than down from their medians."""
    up, down = 0.0, 0.0
    for row in traces:
        known = row[~np.isnan(row)]
        if known.size > TRACE_RATE_HZ:
            low, middle, high = np.quantile(known, [0.01, 0.5, 0.99])
            up, down = up + float(high - middle), down + float(middle - low)
    return _contrast(up, down)


def _contrast(one: float, other: float) -> float:
    """-1..1: 1 where there is nothing of the other; 0 where there is nothing of either."""
    return (one - other) / (one + other) if one + other > 0 else 0.0


def _order(traces: Traces) -> float:
    """-1..1: how much more the traces leave their medians after the beats than before them."""
    centred = np.nan_to_num(center_rows(traces))
    near, far = (round(edge * TRACE_RATE_HZ) for edge in _WAVES_S)
    away = np.abs(centred).clip(max=0.5).sum(axis=0)
    after = before = 0.0
    for peak in _steepest(centred):
        after += float(away[peak + near : peak + far].sum())
        before += float(away[max(0, peak - far) : max(0, peak - near)].sum())
    return _contrast(after, before)


def _steepest(centred: Float32s) -> Int64s:
    """Samples of the steepest strokes of all rows, at least .3 s apart and .4 s from the ends.

    The rows hold other leads after each 2.5 s and may stand upside down, so these are no beats of a signal.
    """
    steep = np.abs(np.diff(centred, axis=1)).clip(max=0.4).sum(axis=0)
    steep = np.convolve(steep, np.ones(5) / 5, "same")
    apart, edge = round(0.3 * TRACE_RATE_HZ), round(_WAVES_S[1] * TRACE_RATE_HZ)
    return separated_peaks(steep, 0.4 * float(np.quantile(steep, 0.99)), apart, edge)


def _chest(traces: Traces, layout: Layout | None) -> float:
    """-1..1: how much larger V2 to V5 are than the limb leads."""
    heights = {panel.lead: _height(_shown(traces, panel)) for panel in _lead_panels(layout)}
    limb = sum(heights.get(lead, 0.0) for lead in LEADS[:6]) / 6
    return _contrast(sum(heights.get(lead, 0.0) for lead in LEADS[7:11]) / 4, limb)


def _height(trace: Float32s) -> float:
    known = trace[~np.isnan(trace)]
    low, high = np.quantile(known, [0.01, 0.99]) if known.size else (0.0, 0.0)
    return float(high - low)


def _print(ink: Float32s, rows: tuple[Row, ...]) -> float:
    """-1..1: how much more is printed above the rows than below them."""
    top, bottom = max(0, rows[0].band_px[0]), max(0, rows[-1].band_px[1])
    return _contrast(float(ink[:top].sum()), float(ink[bottom:].sum()))


def _labels(ink: Float32s, sheet: Sheet) -> float:
    """-1..1: how much more is written where panels begin than where they end."""
    begin = end = 0.0
    width = round(_LABEL_MM[0] * FLAT_PX_PER_MM)
    for panel in _lead_panels(sheet.layout):
        start, stop = (round(sheet.zero_px) + edge for edge in panel_samples_at_trace_rate(panel))
        if panel.row < len(sheet.rows):
            row = sheet.rows[panel.row]
            begin += _written(ink, row, start, start + width)
            end += _written(ink, row, stop - width, stop)
    return _contrast(begin, end)


def _written(ink: Float32s, row: Row, start: int, stop: int) -> float:
    """Ink beside the trace of a row, between two columns."""
    first, last = max(0, start), min(ink.shape[1], stop)
    reach = round(_LABEL_MM[1] * FLAT_PX_PER_MM)
    top, bottom = max(0, round(row.baseline_px) - reach), round(row.baseline_px) + reach
    part = ink[top:bottom, first:last]
    if part.size == 0:
        return 0.0
    curve = row.curve_px[first:last]
    low, high = _around(curve, np.fmin), _around(curve, np.fmax)
    y = np.arange(top, top + part.shape[0])[:, None]
    beside = (y < low - _BESIDE_PX) | (y > high + _BESIDE_PX)
    return float((part * (part > 0.4) * beside).sum())


def _around(curve: Float32s, extreme: np.ufunc) -> Float32s:
    """The lowest or highest of each column and its two neighbours."""
    padded = np.pad(curve, 1, mode="edge")
    return np.asarray(extreme(extreme(padded[:-2], padded[2:]), curve), np.float32)
