"""Macro AUROC and its resamples against scikit-learn and against rankings done one by one."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from ecgclip.evaluation.bootstrap import patient_weights
from ecgclip.evaluation.classify.auroc import macro_auroc
from ecgclip.evaluation.metrics import macro_auroc_weighted


@pytest.fixture
def drawn():
    rng = np.random.default_rng(1)
    labels = rng.random((60, 4)) < (0.05, 0.3, 0.6, 0.0)
    scores = np.round(labels + rng.normal(0, 1, labels.shape), 1)  # rounded: ties
    weights = patient_weights([f"{i // 2}" for i in range(60)], rng, 50)
    return labels, scores, weights


def test_every_resample_equals_a_ranking_of_its_own(drawn):
    labels, scores, weights = drawn
    found = macro_auroc(labels, [scores], weights)
    all_drawn = (weights @ labels[:, :3] > 0).all(axis=1)
    assert not all_drawn.all()
    expected = macro_auroc_weighted(labels, scores, weights)
    assert found.resampled[all_drawn] == pytest.approx(expected[all_drawn])
    assert found.classes == 3
    each = [roc_auc_score(labels[:, c], scores[:, c]) for c in range(3)]
    assert found.value == pytest.approx(np.mean(each))
    once = [roc_auc_score(labels[:, c], scores[:, c], sample_weight=weights[0]) for c in (1, 2)]
    only = macro_auroc(labels[:, 1:3], [scores[:, 1:3]], weights)
    assert only.resampled[0] == pytest.approx(np.mean(once))


def test_a_class_that_was_not_drawn_keeps_its_own_figure(drawn):
    labels, scores, _ = drawn
    weights = (~labels[:, :1]).T.astype(np.float32)
    found = macro_auroc(labels, [scores], weights)
    others = macro_auroc_weighted(labels[:, 1:3], scores[:, 1:3], weights)[0]
    first = roc_auc_score(labels[:, 0], scores[:, 0])
    assert found.resampled == pytest.approx([(first + 2 * others) / 3])


def test_several_sets_of_scores_are_averaged(drawn):
    labels, scores, weights = drawn
    both = macro_auroc(labels, [scores, -scores], weights)
    assert both.value == pytest.approx(0.5)
    assert both.resampled == pytest.approx(np.full(50, 0.5))


def test_differences_are_paired(drawn):
    labels, scores, weights = drawn
    found = macro_auroc(labels, [scores], weights)
    nothing = found.minus(macro_auroc(labels, [scores * 3 + 1], weights))
    assert (nothing.value, nothing.low, nothing.high) == pytest.approx((0, 0, 0))


def test_without_a_class_to_tell_there_is_no_figure(drawn):
    labels, scores, weights = drawn
    found = macro_auroc(labels[:, 3:], [scores[:, 3:]], weights)
    assert found.classes == 0
    assert np.isnan(found.value)
    assert np.isnan(found.interval.low)
