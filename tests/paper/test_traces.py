"""The traces of a record against closed forms."""

import numpy as np
import pytest

from ecgclip.paper.traces import record_traces
from ecgclip.records.ecg import Ecg
from ecgclip.units import LEADS


def ramp_ecg(rate_hz: float, seconds: float = 10.0) -> Ecg:
    """Lead i is the line i + t: affine, so every resampling must give it back exactly."""
    time_s = np.arange(round(rate_hz * seconds)) / rate_hz
    signal = np.arange(len(LEADS))[:, None] + time_s[None]
    return Ecg(signal.astype(np.float32), rate_hz)


@pytest.mark.parametrize("rate_hz", [100.0, 400.0, 500.0, 1000.0])
def test_rows_are_the_panels_in_time_order_less_their_median(rate_hz: float) -> None:
    traces = record_traces(ramp_ecg(rate_hz))
    time_s = np.arange(1000) / 100
    for row in range(3):
        lead = row + 3 * np.minimum(np.arange(1000) // 250, 3)
        line = lead + time_s
        np.testing.assert_allclose(traces[row, 1:-1], (line - np.median(line))[1:-1], atol=5e-3)
    np.testing.assert_allclose(traces[3, 1:-1], (time_s - np.median(time_s))[1:-1], atol=5e-3)


def test_a_record_at_the_trace_rate_passes_through_unchanged() -> None:
    signal = np.random.default_rng(0).normal(size=(12, 1000)).astype(np.float32)
    row = record_traces(Ecg(signal, 100.0))[3]
    np.testing.assert_array_equal(row, signal[1] - np.median(signal[1]))


def test_what_was_not_recorded_is_nan() -> None:
    signal = np.ones((12, 1000), np.float32)
    signal[0] = np.nan
    traces = record_traces(Ecg(signal, 200.0))
    assert np.isnan(traces[0, :250]).all()
    assert np.isnan(traces[:, 501:]).all()
    assert (traces[1, :250] == 0).all()


def test_an_empty_record_gives_nan_without_a_warning() -> None:
    assert np.isnan(record_traces(Ecg(np.full((12, 10), np.nan, np.float32), 100.0))).all()
