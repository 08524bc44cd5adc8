"""Cubics between samples."""

import numpy as np

from ecgclip.signal.finer import finer_curve


def test_a_cubic_goes_through_its_samples_and_keeps_straight_lines_and_gaps():
    line = np.arange(10, dtype=np.float32) * 0.1
    line[6] = np.nan
    finer = finer_curve(line, 5)
    np.testing.assert_array_equal(finer[::5], line)
    at = np.arange(26)
    np.testing.assert_allclose(finer[at], at * 0.02, atol=1e-6)
    np.testing.assert_array_equal(np.flatnonzero(np.isnan(finer)), np.arange(30, 35))
    np.testing.assert_array_equal(finer[26:30], finer[25])  # held until the next would come


def test_the_cubic_follows_a_wave_of_the_qrs_band():
    wave = lambda rate_hz: np.sin(2 * np.pi * 12 * np.arange(2 * rate_hz) / rate_hz).astype(np.float32)
    inside = slice(10, -10)
    assert np.abs(finer_curve(wave(100), 5)[inside] - wave(500)[inside]).max() < 0.03
