"""The fields against their formulas, moment by moment."""

import math
from itertools import pairwise

import numpy as np
import pytest

from ecgclip.records.ecg import Ecg
from research.qiu.fields import (
    MARKOV_BINS,
    Field,
    field_page,
    gramian_field,
    markov_field,
    moment_means,
    recurrence_field,
)


def walk(leads=12, samples=1000, seed=0):
    return np.random.default_rng(seed).standard_normal((leads, samples)).cumsum(1).astype(np.float32)


def test_means_are_those_of_equal_parts_of_ten_seconds():
    signal = walk()
    np.testing.assert_allclose(moment_means(signal, 50), signal.reshape(12, 50, 20).mean(2), rtol=1e-5)
    assert np.isnan(moment_means(signal[:, :500], 50)[:, 25:]).all()


def test_the_gramian_field_is_the_cosine_of_the_sum_of_two_angles():
    means = walk(2, 9)
    found = gramian_field(means)
    for lead, values in enumerate(means.astype(np.float64)):
        low, high = values.min(), values.max()
        angle = [math.acos(np.clip((2 * value - high - low) / (high - low), -1, 1)) for value in values]
        for i in range(9):
            for j in range(9):
                assert found[lead, i, j] == pytest.approx(math.cos(angle[i] + angle[j]), abs=1e-3)


def test_the_recurrence_field_is_distance_over_the_largest_distance():
    means = walk(2, 9)
    found = recurrence_field(means)
    for lead, values in enumerate(means):
        distance = np.array([[abs(a - b) for b in values] for a in values])
        np.testing.assert_allclose(found[lead], distance / distance.max(), atol=1e-6)


def test_the_markov_field_is_the_mean_probability_of_steps_between_the_samples_of_two_moments():
    signal, moments = walk(2, 1000, 3), 20
    found = markov_field(signal, moments)
    for lead, values in enumerate(signal):
        edges = np.quantile(values, np.arange(1, MARKOV_BINS) / MARKOV_BINS)
        bins = np.array([sum(value > edge for edge in edges) for value in values])
        steps = np.zeros((MARKOV_BINS, MARKOV_BINS))
        for before, after in pairwise(bins):
            steps[before, after] += 1
        transitions = steps / steps.sum(1, keepdims=True)
        whole = transitions[bins][:, bins]
        blocks = whole.reshape(moments, 50, moments, 50).mean((1, 3))
        np.testing.assert_allclose(found[lead], blocks, atol=1e-5)


def test_leads_stand_as_on_a_page_of_three_rows_and_four_columns():
    signal = np.full((12, 1000), np.nan, np.float32)
    signal[7] = walk(1)[0]  # V2: second row, fourth column is V5, third is V2
    page = field_page(Ecg(signal, 100.0), (Field.RP,), 16)
    assert page.shape == (1, 48, 64)
    cells = page[0].reshape(3, 16, 4, 16).any((1, 3))
    assert np.argwhere(cells).tolist() == [[1, 2]]


def test_the_range_of_a_field_fills_the_bytes():
    page = field_page(Ecg(walk(), 100.0), (Field.GAF, Field.RP, Field.MTF), 32)
    assert page.shape == (3, 96, 128)
    assert page.dtype == np.uint8
    recurrence = page[1].reshape(3, 32, 4, 32).transpose(0, 2, 1, 3)
    assert (recurrence.max((2, 3)) == 255).all()
    assert (np.diagonal(recurrence, axis1=2, axis2=3) == 0).all()


@pytest.mark.parametrize("field", list(Field))
def test_gaps_are_blank_and_level_leads_are_no_error(field):
    signal = walk()
    signal[0] = np.nan
    signal[1] = 0.5
    signal[2, 400:] = np.nan
    page = field_page(Ecg(signal, 100.0), (field,), 20)[0]
    assert not page[:20, :20].any()
    assert len(np.unique(page[20:40, :20])) == 1
    assert not page[48:60, :20].any()
    assert page[40:48, :8].any()


def test_other_rates_show_the_same_field():
    time_s = np.arange(5000) / 500
    wave = np.sin(2 * np.pi * 1.3 * time_s)[None] * np.linspace(0.5, 1.5, 12)[:, None]
    fast = field_page(Ecg(wave.astype(np.float32), 500.0), (Field.GAF,), 64)
    slow = field_page(Ecg(wave[:, ::5].astype(np.float32), 100.0), (Field.GAF,), 64)
    assert np.abs(fast.astype(int) - slow.astype(int)).mean() < 3
