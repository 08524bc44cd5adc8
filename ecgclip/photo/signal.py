"""From the curves of a flat sheet to the record: twelve leads at 500 Hz, and the canonical page of it."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from ecgclip.paper.geometry import CANONICAL
from ecgclip.paper.page import CanonicalPage
from ecgclip.paper.traces import TRACE_RATE_HZ, TRACE_SAMPLES, record_traces
from ecgclip.photo.curves.network import COLUMNS_PER_PX
from ecgclip.photo.curves.read_rows import RowCurve
from ecgclip.photo.flat.paper_map import FLAT_PX_PER_MM
from ecgclip.photo.layout.panel import PrintedPanel
from ecgclip.photo.layout.retile import canonical_traces, draw_traces
from ecgclip.records.ecg import Ecg
from ecgclip.typing import Float32s, Floats, Signal
from ecgclip.units import GAIN_MM_MV, LEADS, RECORD_S, SPEED_MM_S

SIGNAL_RATE_HZ: Final = 500
SIGNAL_SAMPLES: Final = round(RECORD_S * SIGNAL_RATE_HZ)
_INVERTED: Final = {f"-{lead}": lead for lead in LEADS}
_STAND_IN_S: Final = 0.5
"""A panel of the canonical page that shows less of its lead's own seconds is drawn with others of it."""


def signal_of(panels: Sequence[PrintedPanel], curves: Sequence[RowCurve]) -> Signal:
    """The leads that a sheet shows, float32 [12, 5000] in mV at `SIGNAL_RATE_HZ`, NaN where it shows nothing.

    panels: those that come first count where two show the same second of a lead. curves: of each row.
    A panel's zero is where its row's baseline was seen. Leads beyond the twelve are left out.
    """
    signal = np.full((len(LEADS), SIGNAL_SAMPLES), np.nan, np.float32)
    for panel in panels:
        lead = _INVERTED.get(panel.lead, panel.lead)
        if lead not in LEADS:
            continue
        first, stop = (
            min(max(0, round(at * SIGNAL_RATE_HZ)), SIGNAL_SAMPLES) for at in (panel.start_s, panel.stop_s)
        )
        if first >= stop:
            continue
        times = np.arange(first, stop) / SIGNAL_RATE_HZ
        places = panel.start_px + (times - panel.start_s) * panel.px_per_s
        y_px = curve_at(curves[panel.row].y_px, places)
        if np.isnan(y_px).all():
            continue
        zero_px = curves[panel.row].level_px(panel.start_px, panel.stop_px)
        mv = (zero_px - y_px) / (FLAT_PX_PER_MM * panel.gain_mm_mv)
        part = signal[LEADS.index(lead), first:stop]
        part[:] = np.where(np.isnan(part), -mv if panel.lead in _INVERTED else mv, part)
    return signal


def curve_at(y_px: Float32s, places: Floats) -> Float32s:
    """The curve between its columns, by a cubic of Catmull and Rom; straight beside its ends.

    y_px: float32 [column]; places: x on the sheet, float [place]. NaN beside a column without trace and
    beyond the sheet. Straight lines would cut the tips of R waves off by some hundredths.
    """
    at = (places + 0.5) * COLUMNS_PER_PX - 0.5
    left = np.clip(np.floor(at), 0, y_px.size - 2).astype(np.intp)
    part = at - left
    outer = np.clip([left - 1, left + 2], 0, y_px.size - 1)
    before, first, last, after = (y_px[k].astype(np.float64) for k in (outer[0], left, left + 1, outer[1]))
    last = np.where(np.isnan(last) & (part == 0), first, last)
    before = np.where(np.isnan(before), 2 * first - last, before)
    after = np.where(np.isnan(after), 2 * last - first, after)
    slope, other = (last - before) / 2, (after - first) / 2
    bend = 2 * (first - last) + slope + other
    values = first + part * (slope + part * (3 * (last - first) - 2 * slope - other + part * bend))
    return np.where((part >= 0) & (part <= 1), values, np.nan).astype(np.float32)


def page_of(signal_mv: Signal, warnings: tuple[str, ...]) -> CanonicalPage:
    """The canonical page of a signal that was read: float32 [12, 5000].

    Its traces are the seconds that each panel stands for. Its ink shows other seconds of the same lead where
    the print does not show those: what a beat looks like is the same in all of them.
    """
    traces = record_traces(Ecg(signal_mv, float(SIGNAL_RATE_HZ)))
    shown = record_traces(Ecg(with_stand_ins(signal_mv), float(SIGNAL_RATE_HZ)))
    return CanonicalPage(draw_traces(shown), traces, warnings)


def page_of_rows(curves: Sequence[RowCurve], zero_px: float, warnings: tuple[str, ...]) -> CanonicalPage:
    """The page of a sheet whose leads are unknown: its first rows as they stand, at 25 mm/s and 10 mm/mV."""
    places = zero_px + np.arange(TRACE_SAMPLES) * (SPEED_MM_S * FLAT_PX_PER_MM / TRACE_RATE_HZ)
    rows = [
        (float(np.median(curve.baseline_px)) - curve_at(curve.y_px, places)) / (FLAT_PX_PER_MM * GAIN_MM_MV)
        for curve in curves
    ]
    traces = canonical_traces(np.asarray(np.stack(rows), np.float32), None)
    return CanonicalPage(draw_traces(traces), traces, warnings)


def with_stand_ins(signal_mv: Signal) -> Signal:
    """The signal with panels of the canonical page that show nothing filled from elsewhere in their lead."""
    filled = signal_mv.copy()
    for panel in CANONICAL.panels:
        lead = LEADS.index(panel.lead)
        first, stop = (round(at * SIGNAL_RATE_HZ) for at in (panel.start_s, panel.stop_s))
        known = ~np.isnan(signal_mv[lead])
        if panel.row == CANONICAL.rows - 1 or known[first:stop].sum() >= _STAND_IN_S * SIGNAL_RATE_HZ:
            continue
        if known.sum() >= _STAND_IN_S * SIGNAL_RATE_HZ:
            start = int(known.argmax())
            part = signal_mv[lead, start : start + stop - first]
            filled[lead, first : first + part.size] = part
    return filled
