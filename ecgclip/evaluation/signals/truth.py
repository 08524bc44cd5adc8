"""What a print truly shows of a record, and what the best and the poorest reading of it would score."""

from collections.abc import Iterable
from typing import Final

import numpy as np

from ecgclip.evaluation.signals.alignment import align
from ecgclip.paper.geometry import Panel
from ecgclip.photo.signal import SIGNAL_RATE_HZ, SIGNAL_SAMPLES
from ecgclip.records.ecg import Ecg
from ecgclip.signal.finer import finer_curve
from ecgclip.typing import Float32s, Floats, Signal
from ecgclip.units import LEADS

REFERENCES: Final = (
    "flat line",
    "true signal at 100 Hz",
    "true signal at 250 Hz",
    "true signal, 0.7 ms late",
)
"""Floor and ceilings: every fifth and every second sample with cubics between, and a time between samples."""
_LATE: Final = 0.35
"""Of a sample: at 500 Hz, 0.7 ms."""


def true_signal(ecg: Ecg) -> Signal:
    """The first 10 s of a record, float32 [12, 5000] in mV at 500 Hz, NaN where nothing was recorded.

    Slower records are joined by straight lines, as a print of them is.
    """
    times_s = np.arange(SIGNAL_SAMPLES) / SIGNAL_RATE_HZ
    own_s = np.arange(ecg.signal_mv.shape[1]) / ecg.rate_hz
    return np.stack([_at(times_s, own_s, lead) for lead in ecg.signal_mv]).astype(np.float32)


def _at(times_s: Floats, own_s: Floats, lead: Float32s) -> Floats:
    """NaN beside gaps and past the end."""
    values = np.interp(times_s, own_s, np.nan_to_num(lead), right=np.nan)
    unknown = np.interp(times_s, own_s, np.isnan(lead).astype(np.float64), right=1.0)
    return np.where(unknown > 1e-6, np.nan, values)


def shown_alone(signal_mv: Signal, panels: Iterable[Panel]) -> Signal:
    """The signal with NaN wherever no panel shows it, float32 [12, sample]."""
    shown = np.zeros(signal_mv.shape, np.bool_)
    for panel in panels:
        part = slice(round(panel.start_s * SIGNAL_RATE_HZ), round(panel.stop_s * SIGNAL_RATE_HZ))
        shown[LEADS.index(panel.lead), part] = True
    return np.where(shown, signal_mv, np.float32(np.nan))


def reference_db(lead_mv: Float32s) -> tuple[float, ...]:
    """The SNR in dB of each of `REFERENCES` for one true lead [sample]."""
    readings: list[Floats] = [np.where(np.isnan(lead_mv), np.nan, np.float32(0))]
    readings += [_decimated(lead_mv, factor) for factor in (5, 2)]
    readings.append(_late(lead_mv))
    fits = [align(reading, lead_mv) for reading in readings]
    return tuple(fit.fit().snr_db if fit is not None else 0.0 for fit in fits)


def _decimated(lead_mv: Float32s, factor: int) -> Float32s:
    return finer_curve(lead_mv[::factor], factor)[: lead_mv.size]


def _late(lead_mv: Float32s) -> Floats:
    at = np.arange(lead_mv.size, dtype=np.float64)
    return _at(np.maximum(at - _LATE, 0.0), at, lead_mv)
