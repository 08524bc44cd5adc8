"""`Tracing`: row traces ready to be compared: without baseline, smoothed, single jumps clipped."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from ecgclip.typing import Float32s

RATE_HZ: Final = 100
OFFSET_S: Final = 0.3
"""Largest error of time zero on a page that was read, forward and back."""
_BASELINE_S: Final = 1.2
"""Window of the mean taken off: what is slower is baseline wander, or a baseline read at a wrong height."""
_SMOOTH_S: Final = 0.04
"""Window of each of two means: folds of the paper move a QRS by some 20 ms, which must not spoil a match."""
_CLIP_MV: Final = 3.0
"""Clipping level in mV, so that a single jump of a misread trace does not decide a row."""


@dataclass(frozen=True, eq=False)
class Tracing:
    """values: [record, row, sample], 0 where unknown; known: 1 or 0, [1, row, sample] where it is the
    same for all records."""

    values: Float32s
    known: Float32s

    @classmethod
    def of(cls, traces_mv: Float32s) -> "Tracing":
        """Clip, remove the baseline, smooth traces [record, row, sample] in mV at 100 Hz, NaN = unknown."""
        known = ~np.isnan(traces_mv)
        if (known == known[:1]).all():
            known = known[:1]
        weights = known.astype(np.float32)
        values = np.clip(np.nan_to_num(traces_mv, nan=0.0), -_CLIP_MV, _CLIP_MV)
        values = values.astype(np.float32, copy=False)
        values = (values - _moving_mean(values, weights, _BASELINE_S)) * weights
        for _ in range(2):  # two boxes make a triangle
            values = _moving_mean(values, weights, _SMOOTH_S) * weights
        return cls(values, weights)


def _moving_mean(values: Float32s, known: Float32s, window_s: float) -> Float32s:
    """Mean of what is known within a window around each sample; `values` are 0 where nothing is."""
    half = round(window_s * RATE_HZ / 2)
    mean = _moving_sum(values, half) / np.maximum(_moving_sum(known, half), 1)
    return np.asarray(mean, np.float32)


def _moving_sum(values: Float32s, half: int) -> Float32s:
    import cv2  # here: an index is opened and searched without it

    if values.size == 0:
        return values
    lines = np.ascontiguousarray(values).reshape(-1, values.shape[-1])
    total = cv2.boxFilter(lines, -1, (2 * half + 1, 1), normalize=False, borderType=cv2.BORDER_CONSTANT)
    return np.asarray(total, np.float32).reshape(values.shape)
