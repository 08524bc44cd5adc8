"""Heart-rate baseline: cases of similar heart rate, which a model must beat."""

from collections.abc import Sequence

import numpy as np

from ecgclip.records.ecg import Ecg
from ecgclip.signal.beats import QRS_BAND_HZ, find_beats
from ecgclip.typing import Float32s, Floats

SHORTEST_S = 2.0
FEWEST_BEATS = 3
FAR = 10.0
"""Distance in log rate to a record without a countable rate: farther than any heart."""


class HeartRate:
    """Similarity is minus the difference of the logarithms of the median heart rates."""

    name = "heart rate only"

    def features(self, records: Sequence[Ecg]) -> Float32s:
        """Log beats per minute, [record, 1]; NaN where fewer than three beats are found."""
        return np.log(np.array([[beats_per_minute(record)] for record in records], np.float32))

    def similarity(self, queries: Floats, gallery: Floats) -> Floats:
        distance = np.abs(queries - gallery.T)
        return -np.nan_to_num(distance, nan=FAR)


def beats_per_minute(ecg: Ecg) -> float:
    """60 s over the median interval of the beats; NaN where there are fewer than three.

    NaN, too, where there are less than two seconds or the rate is too low for a QRS complex.
    """
    if ecg.rate_hz <= 2 * QRS_BAND_HZ[1] or ecg.signal_mv.shape[1] < SHORTEST_S * ecg.rate_hz:
        return float("nan")
    beats = find_beats(ecg.signal_mv, ecg.rate_hz)
    if len(beats) < FEWEST_BEATS:
        return float("nan")
    return float(60 * ecg.rate_hz / np.median(np.diff(beats)))
