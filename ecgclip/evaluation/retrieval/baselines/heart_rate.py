"""Heart-rate baseline: how far one number gets, so that nobody mistakes it for reading the ECG."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from ecgclip.records.ecg import Ecg
from ecgclip.typing import Floats

QRS_BAND_HZ = (5.0, 20.0)
SMOOTH_S = 0.08
REFRACTORY_S = 0.3
SHORTEST_S = 2.0
FAR = 10.0
"""Distance in log rate to a record without a countable rate: farther than any heart."""


class HeartRate:
    """Similarity is minus the difference of the logarithms of the median heart rates."""

    name = "heart rate only"

    def features(self, records: Sequence[Ecg]) -> npt.NDArray[np.float32]:
        """Log beats per minute, [record, 1]; NaN where fewer than three beats are found."""
        return np.log(np.array([[beats_per_minute(record)] for record in records], np.float32))

    def similarity(self, queries: Floats, gallery: Floats) -> Floats:
        distance = np.abs(queries - gallery.T)
        return -np.nan_to_num(distance, nan=FAR)


def beats_per_minute(ecg: Ecg) -> float:
    """60 s over the median interval of the peaks of the QRS-band energy; NaN where there are fewer than 3.

    NaN, too, where there are less than two seconds or the rate is too low for that band.
    """
    from scipy.signal import butter, find_peaks, sosfiltfilt

    if ecg.rate_hz <= 2 * QRS_BAND_HZ[1] or ecg.signal_mv.shape[1] < SHORTEST_S * ecg.rate_hz:
        return float("nan")
    signal = np.nan_to_num(ecg.signal_mv.astype(np.float64))
    sos = butter(2, QRS_BAND_HZ, "bandpass", fs=ecg.rate_hz, output="sos")
    energy = np.sqrt((sosfiltfilt(sos, signal, axis=1) ** 2).sum(axis=0))
    width = max(1, round(SMOOTH_S * ecg.rate_hz))
    smooth = np.convolve(energy, np.full(width, 1 / width), "same")
    # 35 % of the tallest beats: above T waves in this band, below the smallest QRS of most records
    height = 0.35 * float(np.quantile(smooth, 0.98))
    peaks, _ = find_peaks(smooth, distance=max(1, round(REFRACTORY_S * ecg.rate_hz)), height=height)
    if len(peaks) < 3:
        return float("nan")
    return float(60 * ecg.rate_hz / np.median(np.diff(peaks)))
