"""Distortions whose figures are known: noise, gain, offset, a shift between samples, gaps, a missing lead."""

import numpy as np
import pytest

from ecgclip.evaluation.signals.alignment import LARGEST_DB, align
from ecgclip.evaluation.signals.lead_scores import heart_rate_bpm, lead_scores
from ecgclip.evaluation.signals.truth import REFERENCES, reference_db, shown_alone, true_signal
from ecgclip.paper.geometry import CANONICAL
from ecgclip.records.ecg import Ecg

RATE = 500
AT = np.arange(5000) / RATE


def lead(at_s=AT):
    """Beats of .8 s: waves that a few samples resolve, no two beats alike."""
    total = 0.2 * np.sin(2 * np.pi * 0.31 * at_s)
    for number, peak in enumerate(np.arange(0.5, 10, 0.8)):
        for delay, width, height in ((-0.16, 0.02, 0.15), (0, 0.012, 1 + 0.1 * number), (0.25, 0.05, 0.3)):
            total = total + height * np.exp(-0.5 * ((at_s - peak - delay) / width) ** 2)
    return total


def fit(read, true):
    found = align(np.asarray(read, np.float32), np.asarray(true, np.float32))
    assert found is not None
    return found.fit()


def test_the_same_lead_is_perfect():
    found = fit(lead(), lead())
    assert (found.snr_db, found.shift_ms) == (LARGEST_DB, 0)
    assert found.r == pytest.approx(1)
    assert found.rmse_mv == pytest.approx(0, abs=1e-6)
    assert found.height == pytest.approx(1)


@pytest.mark.parametrize("expected_db", [0.0, 6.0, 20.0, 35.0])
def test_noise_of_known_power(expected_db):
    true = lead()
    noise = np.random.default_rng(0).normal(0, 1, true.size)
    noise *= true.std() / noise.std() * 10 ** (-expected_db / 20)
    found = fit(true + noise, true)
    assert found.snr_db == pytest.approx(expected_db, abs=0.15)
    assert found.rmse_mv == pytest.approx(noise.std(), rel=0.02)


@pytest.mark.parametrize("gain", [0.5, 0.9, 1.25])
def test_a_wrong_gain(gain):
    found = fit(gain * lead(), lead())
    assert found.snr_db == pytest.approx(-20 * np.log10(abs(1 - gain)), abs=0.01)
    assert found.height == pytest.approx(gain, rel=1e-4)
    assert found.r == pytest.approx(1)


def test_an_offset_costs_nothing():
    assert fit(lead() + 3, lead()).snr_db > 50


@pytest.mark.parametrize("late_ms", [0.5, 1.0, 5.5, -37.0, 120.0, -199.0])
def test_a_shift_is_found_between_samples_and_costs_nothing(late_ms):
    found = fit(lead(AT - late_ms / 1e3), lead())
    assert found.shift_ms == late_ms
    assert found.snr_db > 33


def test_whole_samples_would_cap_the_figure():
    true = lead()
    half = lead(AT - 0.001)
    error = min(np.var(half[5:-5] - np.roll(true, k)[5:-5]) for k in (0, 1))
    assert 10 * np.log10(true.var() / error) < 26 < 40 < fit(half, true).snr_db


def test_a_shift_beyond_the_limit_is_an_error():
    assert fit(lead(AT - 0.4), lead()).snr_db < 3


def test_gaps_are_left_out_and_the_rest_is_compared():
    true, read = lead(), lead(AT - 0.004)
    true[:1000] = np.nan
    read[3000:] = np.nan
    read[1500:1510] = np.nan
    found = align(read, true)
    assert found is not None
    assert found.compared.sum() == 2000 - 10 - 2  # two came from the gap before
    assert found.fit().snr_db > 35
    assert found.fit().shift_ms == 4


@pytest.mark.parametrize("samples", [0, 499])
def test_less_than_a_second_is_not_compared(samples):
    read = np.full(5000, np.nan)
    read[2000 : 2000 + samples] = lead()[2000 : 2000 + samples]
    assert align(read, lead()) is None


def test_a_flat_line_has_no_decibel():
    found = fit(np.zeros(5000), lead())
    assert found.snr_db == pytest.approx(0)
    assert (found.r, found.height) == (0, 0)
    assert fit(lead(), np.zeros(5000)).snr_db == 0


def test_leads_are_scored_each_and_a_missing_one_has_nothing():
    true = np.tile(lead(), (12, 1)).astype(np.float32)
    true[5] = np.nan  # not on the print
    read = true.copy()
    read[3] = np.nan
    read[7] *= 0.5
    read[2, :2500] = np.nan
    scores = {score.lead: score for score in lead_scores(read, true)}
    assert len(scores) == 11
    assert "aVF" not in scores
    missing = scores["aVR"]
    assert missing.is_missing
    assert (missing.snr_db, missing.height, missing.r, missing.qrs_height) == (0, 0, 0, None)
    assert scores["V2"].qrs_height == pytest.approx(0.5)
    assert scores["III"].read_share == 0.5
    assert scores["III"].snr_db == scores["I"].snr_db == LARGEST_DB


def test_a_spike_outside_the_beats_changes_the_height_and_not_that_of_the_qrs():
    true = np.tile(lead(), (12, 1)).astype(np.float32)
    read = true.copy()
    read[0, 2300:2304] = 6
    found = lead_scores(read, true)[0]
    assert found.height > 2.5
    assert found.qrs_height == pytest.approx(1, abs=0.01)


def test_heart_rate():
    true = np.tile(lead(), (12, 1)).astype(np.float32)
    assert heart_rate_bpm(true) == pytest.approx(75, abs=0.2)
    assert heart_rate_bpm(np.full((12, 5000), np.nan, np.float32)) is None


def test_the_references_are_a_floor_and_rising_ceilings():
    values = dict(zip(REFERENCES, reference_db(lead().astype(np.float32)), strict=True))
    assert values["flat line"] == pytest.approx(0, abs=1e-6)
    assert 15 < values["true signal at 100 Hz"] < values["true signal at 250 Hz"]
    assert values["true signal, 0.7 ms late"] > 30


def test_the_truth_at_500_hz_is_what_a_print_draws():
    slow = lead(np.arange(1000) / 100).astype(np.float32)
    slow[300] = np.nan
    signal = np.full((12, 1000), np.nan, np.float32)
    signal[0] = slow
    true = true_signal(Ecg(signal, 100.0))
    np.testing.assert_array_equal(true[0, :1500:5], slow[:300])
    np.testing.assert_allclose(true[0, 2], 0.6 * slow[0] + 0.4 * slow[1], rtol=1e-5)
    np.testing.assert_array_equal(np.flatnonzero(np.isnan(true[0]))[:9], np.arange(1496, 1505))
    assert np.isnan(true[1]).all()


def test_only_what_panels_show_is_true():
    shown = shown_alone(np.zeros((12, 5000), np.float32), CANONICAL.panels)
    seconds = np.isfinite(shown).sum(axis=1) / RATE
    np.testing.assert_array_equal(seconds, [2.5, 10, *[2.5] * 10])
    assert np.isnan(shown[11, :3750]).all()
