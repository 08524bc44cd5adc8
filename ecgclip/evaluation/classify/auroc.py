"""Macro AUROC with patient resamples, quick enough for hundreds of figures.

An AUROC is the share of pairs (positive, negative) in the right order. Which ones are is found once a class;
each resample then weighs the pairs: two matrix products instead of a thousand rankings.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ecgclip.evaluation.bootstrap import Interval, percentile_interval
from ecgclip.evaluation.metrics import ratio
from ecgclip.typing import Bools, Float64s, Floats


@dataclass(frozen=True, eq=False)
class MacroAuroc:
    """A macro AUROC and what it was in each resample, [resample]; classes: how many it is the mean of."""

    value: float
    resampled: Float64s
    classes: int

    @property
    def interval(self) -> Interval:
        return percentile_interval(self.value, self.resampled)

    def minus(self, other: "MacroAuroc") -> Interval:
        """The difference, the same patients drawn on both sides."""
        return percentile_interval(self.value - other.value, self.resampled - other.resampled)


def macro_auroc(labels: Bools, score_sets: Sequence[Floats], weights: Floats) -> MacroAuroc:
    """Mean over the classes that have positives and negatives, and over the sets of scores.

    labels: bool [case, class]; score_sets: each [case, class], larger is likelier, one set a draw of
    training labels; weights: [resample, case]. The figure itself is scikit-learn's.
    """
    known = labels.any(axis=0) & ~labels.all(axis=0)
    if not known.any():
        return MacroAuroc(float("nan"), np.full(len(weights), np.nan), 0)
    chosen = labels[:, known]
    sets = [np.asarray(scores)[:, known] for scores in score_sets]
    exact = np.array([_exact(chosen, scores) for scores in sets]).mean(axis=0)
    each = np.stack(
        [_resampled(chosen[:, c], [s[:, c] for s in sets], weights) for c in range(chosen.shape[1])], axis=1
    )
    resampled = np.where(np.isnan(each), exact, each).mean(axis=1)
    return MacroAuroc(float(exact.mean()), resampled, int(known.sum()))


def _exact(labels: Bools, scores: Floats) -> Float64s:
    """[class]"""
    from sklearn.metrics import roc_auc_score

    return np.array([roc_auc_score(labels[:, c], scores[:, c]) for c in range(labels.shape[1])])


def _resampled(labels: Bools, scores: Sequence[Floats], weights: Floats) -> Float64s:
    """AUROC of one class in each resample, [resample], mean over the sets; NaN where a side is not drawn."""
    won = np.mean([_won(one[labels], one[~labels]) for one in scores], axis=0)
    positive, negative = weights[:, labels].astype(np.float64), weights[:, ~labels].astype(np.float64)
    pairs = ((positive @ won) * negative).sum(axis=1)
    return ratio(pairs, positive.sum(axis=1) * negative.sum(axis=1))


def _won(positive: Floats, negative: Floats) -> Float64s:
    """1 where the positive scores higher, one half where they tie, [positive, negative]."""
    above, below = positive[:, None], negative[None]
    won: Float64s = (above > below) + (above == below) / 2
    return won
