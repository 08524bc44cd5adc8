"""The row traces of a record: the signal of each row of its canonical page, for correlation."""

from typing import Final

import numpy as np

from ecgclip.paper.geometry import CANONICAL, Panel
from ecgclip.records.ecg import Ecg
from ecgclip.typing import Float64s, Traces
from ecgclip.units import LEADS, RECORD_S

TRACE_RATE_HZ: Final = 100
TRACE_SAMPLES: Final = round(RECORD_S * TRACE_RATE_HZ)

TRACES_SHAPE: Final = (CANONICAL.rows, TRACE_SAMPLES)
"""Shape of the traces of a canonical page, [row, sample]."""


def record_traces(ecg: Ecg) -> Traces:
    """The rows of the canonical page of a record, float32 [4, 1000] in mV at 100 Hz.

    Each row is the concatenation of its panels in time order, less its median; NaN where the record has
    nothing. Faster records are averaged over each 10 ms around the sample, slower ones interpolated.
    """
    traces = np.full(TRACES_SHAPE, np.nan, np.float32)
    for panel in CANONICAL.panels:
        start, stop = panel_samples_at_trace_rate(panel)
        traces[panel.row, start:stop] = _resampled(ecg, panel.lead, start, stop)
    return center_rows(traces)


def panel_samples_at_trace_rate(panel: Panel) -> tuple[int, int]:
    """First sample of a panel and the one after its last, at 100 Hz."""
    return round(panel.start_s * TRACE_RATE_HZ), round(panel.stop_s * TRACE_RATE_HZ)


def center_rows(traces: Traces) -> Traces:
    """Subtract from each row the median of what it shows; rows of NaN stay NaN."""
    centered = traces.copy()
    for row in centered:
        known = row[~np.isnan(row)]
        if known.size:
            row -= np.median(known)
    return centered


def _resampled(ecg: Ecg, lead: str, start: int, stop: int) -> Traces:
    signal = ecg.signal_mv[LEADS.index(lead)]
    taps = max(1, round(ecg.rate_hz / TRACE_RATE_HZ))
    offsets = (np.arange(taps) - (taps - 1) / 2) / ecg.rate_hz
    times = np.arange(start, stop)[:, None] / TRACE_RATE_HZ + offsets
    return _nan_mean(_interpolated(signal, np.maximum(times, 0.0) * ecg.rate_hz))


def _interpolated(signal: Traces, positions: Float64s) -> Float64s:
    """Linear interpolation at fractional indices; NaN past the last sample and beside NaN samples."""
    positions = np.where(np.abs(positions - np.round(positions)) < 1e-6, np.round(positions), positions)
    last = signal.size - 1
    left = np.minimum(np.floor(positions).astype(np.intp), last)
    right = np.minimum(np.ceil(positions).astype(np.intp), last)
    values = signal[left] + (positions - left) * (signal[right] - signal[left])
    return np.where(positions > last + 0.5, np.nan, values)


def _nan_mean(values: Float64s) -> Traces:
    known = ~np.isnan(values)
    total = np.where(known, values, 0.0).sum(axis=1)
    count = known.sum(axis=1)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan).astype(np.float32)
