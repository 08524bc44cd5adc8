"""An ECG whose every value is known: beats are sums of Gaussians, different in each lead."""

from collections.abc import Callable

import numpy as np
import pytest

from ecgclip.records.ecg import Ecg

MakeEcg = Callable[..., Ecg]


def beats(time_s: np.ndarray, lead: int) -> np.ndarray:
    """mV of one lead: P, QRS and T every 0.8 s."""
    phase = (time_s + 0.3) % 0.8 - 0.3
    waves = (
        (-0.16, 0.02, 0.12),
        (-0.03, 0.008, -0.15),
        (0.0, 0.01, 1.1),
        (0.03, 0.008, -0.3),
        (0.25, 0.04, 0.3),
    )
    height = np.cos(1.0 + 0.7 * lead) * 1.3
    return height * sum(mv * np.exp(-(((phase - at) / width) ** 2) / 2) for at, width, mv in waves)


def make(rate_hz: float = 100.0, duration_s: float = 10.0) -> Ecg:
    time_s = np.arange(round(rate_hz * duration_s)) / rate_hz
    signal = np.stack([beats(time_s, lead) for lead in range(12)])
    return Ecg(signal.astype(np.float32), rate_hz, name="00001", source="test", age=63, sex="male")


@pytest.fixture
def make_ecg() -> MakeEcg:
    return make


@pytest.fixture
def ecg() -> Ecg:
    return make()
