"""One beating heart for all tests of photo/: leads from a turning dipole, so that Einthoven's law holds."""

import numpy as np
import pytest

from ecgclip.records.ecg import Ecg
from ecgclip.typing import Float64s

_WAVES = (
    (-0.18, 0.025, 0.12),
    (-0.02, 0.008, -0.12),
    (0.0, 0.011, 1.1),
    (0.025, 0.010, -0.25),
    (0.26, 0.05, 0.3),
)
"""Time from the R peak (s), width (s), height (mV) of P, Q, R, S and T."""


def beats(time_s: Float64s, peaks_s: Float64s) -> Float64s:
    total = np.zeros_like(time_s)
    for peak in peaks_s:
        for delay, width, height in _WAVES:
            total += height * np.exp(-0.5 * ((time_s - peak - delay) / width) ** 2)
    return total


@pytest.fixture(scope="session")
def ecg() -> Ecg:
    rate_hz = 500.0
    time_s = np.arange(5000) / rate_hz
    peaks = np.cumsum(np.random.default_rng(3).uniform(0.7, 0.95, 14)) - 0.4
    base, late = beats(time_s, peaks), beats(time_s - 0.012, peaks)
    one, two = 0.6 * base + 0.1 * late, 0.9 * base - 0.1 * late
    limb = [one, two, two - one, -(one + two) / 2, one - two / 2, two - one / 2]
    chest = [
        a * base + b * late for a, b in ((-0.6, 0), (-1, 0.4), (-0.2, 0.6), (0.6, 0.4), (1, 0), (0.8, -0.1))
    ]
    return Ecg(np.array(limb + chest, np.float32), rate_hz, name="12345", source="test")
