"""Resampling against closed forms: sines, constants, gaps."""

import numpy as np
import pytest

from ecgclip.errors import RecordError
from ecgclip.records.ecg import Ecg
from ecgclip.records.resample import resampled
from ecgclip.signal.resample import to_rate

RATES = [(500.0, 100.0), (100.0, 500.0), (257.0, 500.0), (360.0, 500.0), (500.0, 250.0), (128.0, 100.0)]


def sines(rate_hz: float, seconds: float = 10.0) -> np.ndarray:
    time = np.arange(round(rate_hz * seconds)) / rate_hz
    return np.stack([np.sin(2 * np.pi * (lead + 1) * time) for lead in range(12)]).astype(np.float32)


@pytest.mark.parametrize(("old", "new"), RATES)
def test_a_sine_stays_that_sine(old: float, new: float) -> None:
    out = to_rate(sines(old), old, new)
    truth = sines(new)
    assert out.shape == truth.shape
    assert out.dtype == np.float32
    inner = slice(round(new / 2), -round(new / 2))
    np.testing.assert_allclose(out[:, inner], truth[:, inner], atol=0.02)


@pytest.mark.parametrize(("old", "new"), RATES)
def test_a_constant_stays_constant_to_both_ends(old: float, new: float) -> None:
    out = to_rate(np.full((12, 1000), 0.7, np.float32), old, new)
    np.testing.assert_allclose(out, 0.7, atol=1e-5)


def test_what_the_new_rate_cannot_hold_is_filtered_away() -> None:
    time = np.arange(5000) / 500
    mains_harmonic = np.sin(2 * np.pi * 150 * time)[None].astype(np.float32)
    assert np.abs(to_rate(mains_harmonic, 500, 100)[:, 50:-50]).max() < 0.01


@pytest.mark.parametrize(("old", "new"), RATES)
def test_gaps_stay_where_they_were_and_do_not_ring(old: float, new: float) -> None:
    signal = np.full((12, round(10 * old)), -2.0, np.float32)
    edge = round(2.5 * old)
    signal[3, :edge] = np.nan
    signal[4] = np.nan
    out = to_rate(signal, old, new)
    time = np.arange(out.shape[1]) / new
    gap = np.isnan(out[3])
    half_step = 0.5 / old + 1e-9
    assert gap[time < 2.5 - 1 / old - half_step].all()
    assert not gap[time > 2.5 + half_step].any()
    assert np.isnan(out[4]).all()
    np.testing.assert_allclose(out[3, ~gap], -2.0, atol=1e-5)
    np.testing.assert_allclose(out[5], -2.0, atol=1e-5)


def test_a_record_keeps_everything_but_rate_and_samples() -> None:
    ecg = Ecg(
        signal_mv=sines(500.0), rate_hz=500.0, name="a", report="sinus rhythm", codes={"SR": 100.0}, age=5
    )
    out = resampled(ecg, 100)
    assert (out.rate_hz, out.signal_mv.shape, out.duration_s) == (100.0, (12, 1000), ecg.duration_s)
    assert (out.name, out.report, out.codes, out.age) == ("a", "sinus rhythm", {"SR": 100.0}, 5)
    assert resampled(ecg, 500) is ecg


@pytest.mark.parametrize("rate", [0.0, -100.0, float("nan"), float("inf"), 1e-6])
def test_impossible_rates_are_refused(rate: float) -> None:
    with pytest.raises(RecordError, match="cannot resample from 500"):
        to_rate(sines(500.0), 500.0, rate)
