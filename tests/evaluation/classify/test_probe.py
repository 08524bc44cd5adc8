"""Linear probes against scikit-learn's own, and the choices they make inside the training cases."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score, roc_auc_score
from sklearn.preprocessing import StandardScaler

from ecgclip.evaluation.classify.probe import COMPONENTS, STRENGTHS, inner_folds, probe, thresholds


def cases(count, width, seed=0):
    """Features of which the first column holds the first class and the second the second one, with noise."""
    rng = np.random.default_rng(seed)
    features = rng.normal(size=(count, width))
    labels = np.stack([features[:, 0] > 0.5, features[:, 1] > 1, np.zeros(count, bool)], axis=1)
    return features + rng.normal(0, 0.3, features.shape), labels, [f"{i // 2}" for i in range(count)]


@pytest.mark.parametrize(("count", "width"), [(200, 10), (30, 60)])
def test_probabilities_are_those_of_plain_logistic_regression(count, width):
    train, labels, patients = cases(count, width)
    test, *_ = cases(40, width, seed=1)
    found = probe(train, labels, patients, test, np.random.default_rng(0))
    scaler = StandardScaler().fit(train)
    plain = LogisticRegression(C=found.strength, tol=1e-8).fit(scaler.transform(train), labels[:, 0])
    expected = plain.predict_proba(scaler.transform(test))[:, 1]
    assert found.probability[:, 0] == pytest.approx(expected, abs=1e-2)
    assert found.strength in STRENGTHS


def test_a_class_that_was_never_seen_is_never_told():
    train, labels, patients = cases(50, 5)
    found = probe(train, labels, patients, train, np.random.default_rng(0))
    assert not found.probability[:, 2].any()
    assert not found.predicted[:, 2].any()
    assert found.predicted[:, 0].any()


def test_wide_features_give_way_to_their_components():
    train, labels, patients = cases(COMPONENTS + 40, COMPONENTS + 10)
    train[:, 2:] = train[:, :1]  # all but two columns are one direction: nothing is lost
    found = probe(train, labels, patients, train, np.random.default_rng(0))
    assert roc_auc_score(labels[:, 0], found.probability[:, 0]) > 0.95


def test_inner_folds_never_part_a_patient():
    patients = [f"{i % 11}" for i in range(60)]
    part = inner_folds(patients, np.random.default_rng(3))
    assert all(
        len({fold for p, fold in zip(patients, part, strict=True) if p == one}) == 1 for one in patients
    )
    assert sorted(np.bincount(part[:11])) == [3, 4, 4]


def test_thresholds_have_the_best_f1():
    rng = np.random.default_rng(0)
    labels = rng.random((40, 2)) < (0.3, 0.0)
    scores = np.round(labels * 0.3 + rng.random((40, 2)), 1)
    best = thresholds(labels, scores)
    tried = {at: f1_score(labels[:, 0], scores[:, 0] >= at) for at in np.unique(scores[:, 0])}
    assert tried[best[0]] == max(tried.values())
    assert best[1] == np.inf
