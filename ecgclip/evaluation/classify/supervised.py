"""Linear probes and nearest neighbours of every method, from all training labels and from few."""

from collections.abc import Iterator, Sequence
from typing import Final
from zlib import crc32

import numpy as np

from ecgclip.evaluation.bootstrap import Interval, percentile_interval
from ecgclip.evaluation.classify.auroc import macro_auroc
from ecgclip.evaluation.classify.labels import LabelSet
from ecgclip.evaluation.classify.probe import Probed, probe
from ecgclip.evaluation.classify.results import Supervised, Task
from ecgclip.evaluation.classify.split import Draw, MethodFeatures, Split, patients_of
from ecgclip.evaluation.metrics import knn_scores, ratio
from ecgclip.typing import Bools, Float64s, Floats, Int64s

PROBE: Final = "linear probe"
NEIGHBOURS: Final = "20 neighbours"


def tasks(split: Split) -> tuple[Task, ...]:
    """The label sets with the numbers of their cases, and the classes that no test case has."""
    return tuple(
        Task(
            test.name,
            int(train.counted.sum()),
            int(test.counted.sum()),
            int(_present(test).sum()),
            tuple(name for name, some in zip(test.classes, _present(test), strict=True) if not some),
        )
        for train, test in zip(split.train_labels, split.test_labels, strict=True)
    )


def _present(labels: LabelSet) -> Bools:
    """The classes of which there is a positive, bool [class]."""
    present: Bools = np.logical_or.reduce(labels.truth, axis=0)
    return present


def supervised(split: Split, rng: np.random.Generator) -> Iterator[Supervised]:
    """The figures of every method.

    rng: deals the probes' inner folds, the same for all methods: none changes the figures of another.
    """
    seed = int(rng.integers(2**32))
    for method in split.methods:
        for train, test in split.pairs:
            for share in dict.fromkeys(draw.share for draw in split.draws):
                drawn = [_seen(draw, train) for draw in split.draws if draw.share == share]
                own = np.random.default_rng([seed, crc32(test.name.encode()), round(100 * share)])
                yield from _figures(split, method, train, test, share, drawn, own)


def _seen(draw: Draw, train: LabelSet) -> Int64s:
    """The training cases of a draw that take part in this label set."""
    return draw.rows[train.counted[draw.rows]]


def _figures(
    split: Split,
    method: MethodFeatures,
    train: LabelSet,
    test: LabelSet,
    share: float,
    drawn: Sequence[Int64s],
    rng: np.random.Generator,
) -> Iterator[Supervised]:
    truth, weights = test.truth[test.counted], split.weights[:, test.counted]
    size = float(np.mean([len(rows) for rows in drawn]))
    similarity = method.similarity[test.counted]
    votes = [_votes(similarity[:, rows], train.truth[rows]) for rows in drawn]
    if method.train.shape[1]:
        given, asked = method.train, method.test[test.counted]
        probed = [
            probe(given[rows], train.truth[rows], patients_of(split.train, rows), asked, rng)
            for rows in drawn
        ]
        scores = [one.probability for one in probed]
        yield Supervised(
            method.name,
            PROBE,
            test.name,
            share,
            len(drawn),
            size,
            macro_auroc(truth, scores, weights).interval,
            macro_average_precision(truth, scores),
            macro_f1(truth, probed, weights),
        )
    auroc = macro_auroc(truth, votes, weights).interval
    precision = macro_average_precision(truth, votes)
    yield Supervised(method.name, NEIGHBOURS, test.name, share, len(drawn), size, auroc, precision)


def _votes(similarity: Floats, labels: Bools) -> Floats:
    """Class scores by the votes of the neighbours; 0 where a small draw has no case of this label set."""
    return knn_scores(similarity, labels) if len(labels) else np.zeros((len(similarity), labels.shape[1]))


def macro_average_precision(truth: Bools, score_sets: Sequence[Floats]) -> float:
    """scikit-learn's average precision, mean over the classes with positives and the sets of scores."""
    from sklearn.metrics import average_precision_score

    known = np.flatnonzero(truth.any(axis=0))
    each = [average_precision_score(truth[:, c], scores[:, c]) for scores in score_sets for c in known]
    return float(np.mean(each)) if each else float("nan")


def macro_f1(truth: Bools, probed: Sequence[Probed], weights: Floats) -> Interval:
    """F1 of the predictions, mean over classes with positives and draws; the figure is scikit-learn's."""
    from sklearn.metrics import f1_score

    known = truth.any(axis=0)
    if not known.any():
        return Interval(float("nan"), float("nan"), float("nan"))
    right = truth[:, known]
    said = [one.predicted[:, known] for one in probed]
    # Class by class: scikit-learn takes a matrix of one column for the two classes yes and no.
    whole = [
        np.array([f1_score(*sides, zero_division=0) for sides in zip(right.T, one.T, strict=True)])
        for one in said
    ]
    drawn = np.mean([_f1(right, one, weights, own) for one, own in zip(said, whole, strict=True)], axis=0)
    return percentile_interval(float(np.mean(whole)), drawn)


def _f1(truth: Bools, predicted: Bools, weights: Floats, whole: Floats) -> Float64s:
    """Macro F1 in each resample, [resample]; a class that was not drawn keeps its own, whole: [class]."""
    drawn = weights.astype(np.float64)
    positives = drawn @ truth
    each = ratio(2 * (drawn @ (truth & predicted)), positives + drawn @ predicted, empty=0.0)
    return np.asarray(np.where(positives > 0, each, whole).mean(axis=1), np.float64)
