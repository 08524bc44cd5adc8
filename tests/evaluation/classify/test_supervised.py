"""Figures of probes: macro F1 of any number of classes."""

import numpy as np
import pytest
from sklearn.metrics import f1_score

from ecgclip.evaluation.classify.probe import Probed
from ecgclip.evaluation.classify.split import filled
from ecgclip.evaluation.classify.supervised import macro_f1


def probed(predicted):
    return Probed(np.zeros(predicted.shape), predicted, 1.0)


@pytest.mark.parametrize("classes", [1, 2, 5])
def test_macro_f1_is_the_mean_of_every_classes_own(classes):
    rng = np.random.default_rng(classes)
    truth = rng.random((40, classes)) < 0.4
    said = [rng.random((40, classes)) < 0.5 for _ in range(2)]
    weights = np.ones((3, 40), np.int64)
    found = macro_f1(truth, [probed(one) for one in said], weights)
    each = [f1_score(truth[:, c], one[:, c]) for one in said for c in range(classes)]
    assert found.value == pytest.approx(np.mean(each))
    # every resample is the whole here
    assert (found.low, found.high) == pytest.approx((found.value, found.value))


def test_a_single_class_that_nobody_named_or_everybody_has():
    some = np.arange(10)[:, None] < 2
    nobody, everybody = probed(np.zeros((10, 1), bool)), probed(np.ones((10, 1), bool))
    weights = np.ones((2, 10), np.int64)
    assert macro_f1(some, [nobody], weights).value == 0
    missed = probed(np.arange(10)[:, None] > 0)
    expected = np.mean([1, 18 / 19])
    assert macro_f1(np.ones((10, 1), bool), [everybody, missed], weights).value == pytest.approx(expected)


def test_what_is_unknown_everywhere_is_0_and_said():
    train, test = np.array([[np.nan, 1.0], [np.nan, 3.0], [np.nan, np.nan]]), np.array([[4.0, np.nan]])
    given, asked = filled(train, test)
    assert given.tolist() == [[0, 1, 1, 0], [0, 3, 1, 0], [0, 2, 1, 1]]
    assert asked.tolist() == [[4, 2, 0, 1]]
