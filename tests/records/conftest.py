"""Small WFDB records made by the tests themselves."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import wfdb

from ecgclip.units import LEADS

WriteRecord = Callable[..., Path]


def beats(samples: int, rate_hz: float, seed: int = 0) -> npt.NDArray[np.float64]:
    """Twelve consistent leads [12, sample] in mV, whole µV: one spike a second, random amplitudes."""
    rng = np.random.default_rng(seed)
    time = np.arange(samples) / rate_hz
    spike = np.exp(-(((time % 1.0) - 0.4) ** 2) / (2 * 0.02**2))
    one, two, *chest = (np.round(rng.uniform(0.5, 1.5) * spike, 3) for _ in range(8))
    limbs = [one, two, two - one, -(one + two) / 2, one - two / 2, two - one / 2]
    return np.round(np.stack([*limbs, *chest]), 3)


@pytest.fixture
def write_record(tmp_path: Path) -> WriteRecord:
    """Return a function that writes a record of 1 µV steps and returns its path without suffix."""

    def write(
        name: str = "a",
        signal_mv: npt.NDArray[np.floating] | None = None,
        *,
        leads: Sequence[str] = LEADS,
        rate_hz: float = 100.0,
        unit: str = "mV",
        per_unit: float = 1000.0,
        comments: Sequence[str] = (),
    ) -> Path:
        signal = beats(1000, rate_hz)[: len(leads)] if signal_mv is None else signal_mv
        stem = tmp_path / name
        stem.parent.mkdir(parents=True, exist_ok=True)
        wfdb.wrsamp(
            stem.name,
            fs=rate_hz,
            units=[unit] * len(leads),
            sig_name=list(leads),
            p_signal=signal.T.astype(np.float64),
            fmt=["16"] * len(leads),
            adc_gain=[per_unit] * len(leads),
            baseline=[0] * len(leads),
            comments=list(comments),
            write_dir=str(stem.parent),
        )
        return stem

    return write
