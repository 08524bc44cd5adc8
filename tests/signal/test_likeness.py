import numpy as np
import pytest

from ecgclip.signal.likeness import agreement

WAVE = np.sin(np.arange(400) / 7).astype(np.float32)


def test_the_same_lead_agrees_wherever_its_zero_is():
    assert agreement(WAVE, WAVE + 3, 100) == pytest.approx(1)
    assert agreement(WAVE, -WAVE, 100) == pytest.approx(-1)


def test_a_lead_of_another_size_agrees_less():
    assert agreement(WAVE, 2 * WAVE, 100) == pytest.approx(0.8, abs=0.01)


def test_only_what_both_show_counts_and_too_little_says_nothing():
    part = WAVE.copy()
    part[150:] = np.nan
    assert agreement(part, np.where(np.isnan(part), 9, WAVE), 150) == pytest.approx(1)
    assert agreement(part, WAVE, 151) is None
    assert agreement(np.zeros(400, np.float32), np.ones(400, np.float32), 100) == 0
