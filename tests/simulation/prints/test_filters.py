"""The band of a machine, against closed forms."""

import numpy as np
import pytest

from ecgclip.simulation.prints.filters import Filters, filtered

RATE = 500.0
TIME = np.arange(5000) / RATE


def _wave(hertz):
    return np.tile(np.sin(2 * np.pi * hertz * TIME), (12, 1)).astype(np.float32)


@pytest.mark.parametrize(("hertz", "kept"), [(5.0, 1.0), (40.0, 0.5), (120.0, 0.0)])
def test_the_upper_limit_halves_its_frequency_and_stops_those_above(hertz, kept):
    out = filtered(_wave(hertz), RATE, Filters(0.0, 40.0))
    assert np.abs(out[:, 1000:4000]).max() == pytest.approx(kept, abs=0.03)


def test_the_lower_limit_takes_the_offset_and_gaps_stay():
    signal = _wave(8.0) + 3.0
    signal[2, 100:200] = np.nan
    out = filtered(signal, RATE, Filters(0.5, 0.0))
    assert abs(np.median(out[0])) < 0.05
    assert np.array_equal(np.isnan(out), np.isnan(signal))


def test_nothing_is_done_without_filters_or_to_a_moment():
    signal = _wave(5.0)
    assert filtered(signal, RATE, Filters(0.0, 0.0)) is signal
    short = signal[:, :100]
    assert filtered(short, RATE, Filters(0.5, 40.0)) is short
