"""Signal-spectrum baseline: what the magnitude spectrum alone tells, without any learning."""

from collections.abc import Sequence

import numpy as np

from ecgclip.evaluation.metrics import cosine, ratio
from ecgclip.records.ecg import Ecg
from ecgclip.typing import Float32s, Floats
from ecgclip.units import RECORD_S

BAND_HZ = 10.0
REFERENCE_RATE_HZ = 100.0
"""Magnitudes are scaled to this rate, so that the logarithm sees the same numbers from any rate."""


class Spectrum:
    """Per lead log(1 + |DFT|) of 10 s from 0.1 to 9.9 Hz, standardised on the gallery, unit norm.

    12 leads x 99 bins. The signal is in mV less the lead's mean; missing samples count as that mean.
    Above 10 Hz lie details that differ between two records of one kind: with all 500 bins nDCG falls.
    """

    name = "signal spectrum"

    def features(self, records: Sequence[Ecg]) -> Float32s:
        return np.stack([log_spectrum(record) for record in records])

    def similarity(self, queries: Floats, gallery: Floats) -> Floats:
        mean, spread = gallery.mean(axis=0), gallery.std(axis=0)
        scale = np.where(spread > 0, spread, 1.0)
        return cosine(unit((queries - mean) / scale), unit((gallery - mean) / scale))


def log_spectrum(ecg: Ecg) -> Float32s:
    """log(1 + magnitude) of each lead below 10 Hz, float32 [12 * 99]; shorter records are padded to 10 s."""
    samples = round(RECORD_S * ecg.rate_hz)
    signal = ecg.signal_mv[:, :samples].astype(np.float64)
    known = ~np.isnan(signal)
    total = np.where(known, signal, 0.0).sum(axis=1)
    mean = ratio(total, known.sum(axis=1), empty=0.0)
    centred = np.where(known, signal - mean[:, None], 0.0)
    magnitude = np.abs(np.fft.rfft(centred, n=samples, axis=1)) * (REFERENCE_RATE_HZ / ecg.rate_hz)
    return np.log1p(magnitude[:, 1 : round(BAND_HZ * RECORD_S)]).astype(np.float32).ravel()


def unit(vectors: Floats) -> Float32s:
    """Rows scaled to norm 1; rows of zeros stay."""
    norm = np.linalg.norm(vectors, axis=1, keepdims=True)
    return (vectors / np.where(norm > 0, norm, 1.0)).astype(np.float32)
