"""Samples as the whole steps of a 16-bit converter, as files of signals hold them."""

import math
from typing import Final

import numpy as np

from ecgclip.errors import RecordError
from ecgclip.typing import Array, Signal

GAP: Final = -(2**15)
"""The step that stands for a sample that was not recorded."""
LARGEST_STEP: Final = 2**15 - 1
_USUAL: Final = 1000
"""Steps a mV, as in PTB-XL: 1 µV, a hundredth of what is seen on paper."""


def steps_per_mv(signal_mv: Signal) -> int:
    """The gain at which no sample is clipped: 1000, or less where the amplitudes ask for it.

    Errors: RecordError where not even one step a mV would do.
    """
    largest = float(np.max(np.abs(signal_mv), initial=0.0, where=~np.isnan(signal_mv)))
    if largest > LARGEST_STEP:
        raise RecordError(f"amplitudes of {largest:g} mV; expected an ECG in mV, below {LARGEST_STEP} mV")
    return min(_USUAL, int(LARGEST_STEP / largest)) if largest > 0 else _USUAL


def microvolts_per_step(signal_mv: Signal) -> int:
    """As `steps_per_mv`, for formats that say it so: 1 µV, or as many more as the amplitudes ask for."""
    return math.ceil(1000 / steps_per_mv(signal_mv))


def in_steps(signal_mv: Signal, per_mv: float) -> Array:
    """int16 [lead, sample]; `GAP` where the signal is NaN."""
    gaps = np.isnan(signal_mv)
    steps = np.round(np.where(gaps, 0.0, signal_mv.astype(np.float64)) * per_mv)
    return np.where(gaps, GAP, steps).astype("<i2")
