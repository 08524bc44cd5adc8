"""Bootstrap intervals against repetition by hand and the closed forms of the normal and binomial laws."""

import numpy as np
import pytest
from scipy.stats import binomtest
from sklearn.metrics import roc_auc_score

from ecgclip.evaluation.bootstrap import (
    Interval,
    auroc_interval,
    mean_interval,
    patient_weights,
    percentile_interval,
    resampled_mean,
    wilson_interval,
)


def test_all_queries_of_a_patient_go_along():
    patients = ["a", "b", "a", "c", "b", "a"]
    weights = patient_weights(patients, np.random.default_rng(0), 50)
    assert weights.shape == (50, 6)
    assert np.array_equal(weights[:, 0], weights[:, 2])
    assert np.array_equal(weights[:, 1], weights[:, 4])
    assert np.array_equal(weights[:, [0, 1, 3]].sum(axis=1), np.full(50, 3))


def test_a_resampled_mean_is_the_mean_of_the_repeated_values():
    rng = np.random.default_rng(1)
    values, weights = rng.normal(size=20), patient_weights(list(range(20)), rng, 8)
    values[3] = np.nan
    expected = [np.nanmean(np.repeat(values, w)) for w in weights.astype(int)]
    assert resampled_mean(values, weights) == pytest.approx(expected)


def test_the_interval_of_a_mean_is_that_of_the_normal_law():
    rng = np.random.default_rng(2)
    values = rng.normal(size=2000)
    interval = mean_interval(values, patient_weights(list(range(2000)), rng, 4000))
    half = 1.96 * values.std() / np.sqrt(2000)
    assert interval.value == pytest.approx(values.mean())
    assert (interval.low, interval.high) == pytest.approx(
        (values.mean() - half, values.mean() + half), abs=0.004
    )


def test_twins_widen_the_interval_by_the_root_of_two():
    """200 patients with two equal queries each know no more than 200 queries."""
    rng = np.random.default_rng(3)
    values = np.repeat(rng.normal(size=200), 2)
    pooled = mean_interval(values, patient_weights(list(range(400)), rng, 4000))
    clustered = mean_interval(values, patient_weights([i // 2 for i in range(400)], rng, 4000))
    ratio = (clustered.high - clustered.low) / (pooled.high - pooled.low)
    assert ratio == pytest.approx(np.sqrt(2), rel=0.08)


def test_the_auroc_is_ranked_anew_in_each_resample():
    rng = np.random.default_rng(4)
    labels = rng.random((50, 2)) < 0.4
    scores = rng.normal(size=(50, 2)) + labels
    weights = patient_weights([i // 2 for i in range(50)], rng, 300)
    repeated = [
        roc_auc_score(np.repeat(labels, w, axis=0), np.repeat(scores, w, axis=0)) for w in weights.astype(int)
    ]
    interval = auroc_interval(labels, scores, weights)
    assert interval.value == pytest.approx(roc_auc_score(labels, scores))
    assert (interval.low, interval.high) == pytest.approx(tuple(np.quantile(repeated, [0.025, 0.975])))


def test_resamples_without_a_value_are_left_out():
    interval = percentile_interval(0.5, np.array([np.nan, 0.0, 1.0, np.nan]))
    assert (interval.low, interval.high) == pytest.approx((0.025, 0.975))
    assert np.isnan(percentile_interval(0.5, np.array([np.nan])).low)


def test_the_same_seed_draws_the_same_patients():
    draw = lambda seed: patient_weights("abcab", np.random.default_rng(seed), 20)
    assert np.array_equal(draw(7), draw(7))
    assert not np.array_equal(draw(7), draw(8))


@pytest.mark.parametrize(("successes", "trials"), [(0, 20), (17, 28), (28, 28)])
def test_wilson_agrees_with_scipy(successes, trials):
    expected = binomtest(successes, trials).proportion_ci(0.95, method="wilson")
    interval = wilson_interval(successes, trials)
    assert interval.value == successes / trials
    assert (interval.low, interval.high) == pytest.approx((expected.low, expected.high), abs=1e-7)


def test_no_trial_proves_nothing():
    interval = wilson_interval(0, 0)
    assert np.isnan(interval.value)
    assert (interval.low, interval.high) == (0.0, 1.0)


def test_text_shows_value_and_interval():
    assert Interval(0.4429, 0.42, 0.468).text() == "0.443 [0.420 0.468]"
