"""Linear probe: logistic regression on embeddings that are not trained further."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from ecgclip.evaluation.bootstrap import patient_numbers
from ecgclip.typing import Bools, Float64s, Floats, Int64s

STRENGTHS: Final = (1e-3, 1e-2, 1e-1)
"""scikit-learn's C; embeddings of 256 numbers want little of it with 2,000 records."""
INNER_FOLDS: Final = 3
COMPONENTS: Final = 256
"""Most inputs of a probe, so that wide features have no larger one than embeddings."""
_TOLERANCE: Final = 1e-3
_MAX_STEPS: Final = 1000


@dataclass(frozen=True, eq=False)
class Probed:
    """What the probe says of the test cases.

    probability: [case, class]; where a class has no positive among the training labels, 0 for everybody.
    predicted: bool [case, class], at the threshold that had the best F1 inside the training cases.
    strength: C.
    """

    probability: Float64s
    predicted: Bools
    strength: float


def probe(
    train: Floats, labels: Bools, patients: Sequence[Hashable], test: Floats, rng: np.random.Generator
) -> Probed:
    """Fit one logistic regression a class on standardised features.

    train, test: [case, feature]; labels: bool [train case, class]; patients: of the training cases.
    C and the thresholds are chosen by predictions for cases left out of inner folds of patients, which `rng`
    deals; all classes share one C, as single ones have too few positives to choose.
    """
    if not labels.any():
        nothing = np.zeros((len(test), labels.shape[1]))
        return Probed(nothing, nothing.astype(np.bool_), STRENGTHS[0])
    inside, outside = _standardised(train, test)
    part = inner_folds(patients, rng)
    held_out = {c: _held_out(inside, labels, part, c) for c in STRENGTHS}
    strength = max(STRENGTHS, key=lambda c: _quality(labels, held_out[c]))
    probability = _fit_predict(inside, labels, outside, strength)
    return Probed(probability, probability >= thresholds(labels, held_out[strength]), strength)


def inner_folds(patients: Sequence[Hashable], rng: np.random.Generator) -> Int64s:
    """The inner fold of each case, int64 [case]; patients are dealt evenly."""
    dealt: Int64s = rng.permutation(len(set(patients)))[patient_numbers(patients)] % INNER_FOLDS
    return dealt


def thresholds(labels: Bools, probability: Floats) -> Float64s:
    """For each class the probability from which on calling it positive has the best F1, [class].

    Infinite where the class has no positive: it is then never called.
    """
    from sklearn.metrics import precision_recall_curve

    best = np.full(labels.shape[1], np.inf)
    for c in np.flatnonzero(labels.any(axis=0)):
        precision, recall, at = precision_recall_curve(labels[:, c], probability[:, c])
        f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-12)
        best[c] = at[np.argmax(f1[:-1])]
    return best


def _standardised(train: Floats, test: Floats) -> tuple[Float64s, Float64s]:
    """Both scaled by the training cases, and turned into their principal directions where those are fewer.

    What is orthogonal to all training cases gets no weight under an L2 penalty: few cases lose nothing by
    it and are fitted ten times as quick. Features beyond `COMPONENTS` give way to that many directions.
    """
    from sklearn.decomposition import PCA
    from sklearn.preprocessing import StandardScaler

    scaler = StandardScaler().fit(np.asarray(train, np.float64))
    inside, outside = scaler.transform(train), scaler.transform(np.asarray(test, np.float64))
    count, width = inside.shape
    if width <= min(count, COMPONENTS):
        return inside, outside
    solver = "full" if count < width else "covariance_eigh"
    axes = PCA(min(count, width, COMPONENTS), svd_solver=solver).fit(inside)
    return axes.transform(inside), axes.transform(outside)


def _held_out(features: Floats, labels: Bools, part: Int64s, strength: float) -> Float64s:
    """Probabilities of each training case by the probes that did not see its patient, [case, class]."""
    found = np.zeros(labels.shape)
    for fold in range(INNER_FOLDS):
        left = part == fold
        if left.any() and not left.all():
            found[left] = _fit_predict(features[~left], labels[~left], features[left], strength)
    return found


def _fit_predict(train: Floats, labels: Bools, test: Floats, strength: float) -> Float64s:
    from sklearn import config_context
    from sklearn.linear_model import LogisticRegression

    found = np.zeros((len(test), labels.shape[1]))
    # Checked once by the scaler: with few cases the checks of a thousand fits take longer than the fits.
    with config_context(assume_finite=True, skip_parameter_validation=True):
        for c in range(labels.shape[1]):
            if labels[:, c].all() or not labels[:, c].any():
                found[:, c] = float(labels[:, c].all())
                continue
            model = LogisticRegression(C=strength, tol=_TOLERANCE, max_iter=_MAX_STEPS)
            found[:, c] = model.fit(train, labels[:, c]).predict_proba(test)[:, 1]
    return found


def _quality(labels: Bools, probability: Floats) -> float:
    """Macro AUROC of held-out predictions; 0 where no class has both kinds."""
    from sklearn.metrics import roc_auc_score

    known = labels.any(axis=0) & ~labels.all(axis=0)
    each = [roc_auc_score(labels[:, c], probability[:, c]) for c in np.flatnonzero(known)]
    return float(np.mean(each)) if each else 0.0
