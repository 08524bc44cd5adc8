"""`Split`: training and test cases with their labels, and each method's features of them."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from ecgclip.errors import RecordError
from ecgclip.evaluation.bootstrap import RESAMPLES, patient_numbers, patient_weights
from ecgclip.evaluation.classify.labels import LabelSet, Taxonomy, label_sets
from ecgclip.evaluation.retrieval.baselines import tfidf
from ecgclip.evaluation.retrieval.corpus import EXPECTED_DATA, Corpus, LabelledCase, Method
from ecgclip.typing import Floats, Int64s

SHARES: Final = (0.01, 0.1, 1.0)
DRAWS: Final = 3


@dataclass(frozen=True, eq=False)
class Draw:
    """Training cases of which the labels are known: share of the patients, rows among the training cases."""

    share: float
    rows: Int64s


@dataclass(frozen=True, eq=False)
class MethodFeatures:
    """One method: the inputs of its probe, and how similar it finds the cases of both sides.

    train, test: [case, feature], of width 0 where it has nothing for a probe; similarity: [test, train].
    """

    name: str
    train: Floats
    test: Floats
    similarity: Floats


@dataclass(frozen=True, eq=False)
class Split:
    """The cases of a patient-wise split.

    train_labels, test_labels: the same label sets in the same order. draws: which training labels are known.
    weights: [resample, test case], how often a test case is drawn.
    """

    train: tuple[LabelledCase, ...]
    test: tuple[LabelledCase, ...]
    train_labels: tuple[LabelSet, ...]
    test_labels: tuple[LabelSet, ...]
    draws: tuple[Draw, ...]
    weights: Floats
    methods: tuple[MethodFeatures, ...]

    @property
    def pairs(self) -> tuple[tuple[LabelSet, LabelSet], ...]:
        """Each label set of the training and of the test cases; those that one side lacks are left out."""
        both = zip(self.train_labels, self.test_labels, strict=True)
        return tuple((train, test) for train, test in both if train.truth.any() and test.truth.any())


def split_cases(
    corpus: Corpus,
    methods: Sequence[Method],
    taxonomy: Taxonomy,
    test_fold: int,
    *,
    rng: np.random.Generator,
    draw_count: int,
    resamples: int = RESAMPLES,
) -> Split:
    """Split by fold, draw the training labels that may be known, and compute each method's similarities.

    Errors: RecordError where one side of the split is empty.
    """
    is_test = corpus.folds([test_fold])
    train = tuple(case for case, test in zip(corpus.cases, is_test, strict=True) if not test)
    test = tuple(case for case, test in zip(corpus.cases, is_test, strict=True) if test)
    if not train or not test:
        raise RecordError(f"{len(train)} training and {len(test)} test cases were found; {EXPECTED_DATA}")
    draw_rng, weight_rng = rng.spawn(2)
    features = [
        _features(method, corpus.features[method.name][~is_test], corpus.features[method.name][is_test])
        for method in methods
    ]
    oracle = tfidf.tfidf_similarity([case.report for case in test], [case.report for case in train])
    return Split(
        train,
        test,
        label_sets([case.codes for case in train], taxonomy),
        label_sets([case.codes for case in test], taxonomy),
        draws([case.patient for case in train], draw_rng, draw_count),
        patient_weights([case.patient for case in test], weight_rng, resamples),
        (*features, MethodFeatures(tfidf.NAME, np.zeros((len(train), 0)), np.zeros((len(test), 0)), oracle)),
    )


def _features(method: Method, train: Floats, test: Floats) -> MethodFeatures:
    return MethodFeatures(method.name, *filled(train, test), method.similarity(test, train))


def filled(train: Floats, test: Floats) -> tuple[Floats, Floats]:
    """NaN (no countable heart rate) as the training median, 0 without one, with a column that says so."""
    known = ~np.isnan(train)
    if known.all() and not np.isnan(test).any():
        return train, test
    middle = np.ma.median(np.ma.masked_invalid(train), axis=0).filled(0.0)  # type: ignore[no-untyped-call]
    return _put(train, middle), _put(test, middle)


def _put(features: Floats, middle: Floats) -> Floats:
    unknown = np.isnan(features)
    return np.concatenate([np.where(unknown, middle, features), unknown], axis=1)


def draws(
    patients: Sequence[Hashable],
    rng: np.random.Generator,
    count: int = DRAWS,
    shares: Sequence[float] = SHARES,
) -> tuple[Draw, ...]:
    """`count` draws of each share, one of the whole; at least two patients each.

    patients: of the training cases; all cases of a patient go along.
    """
    return tuple(
        Draw(share, _drawn(patients, share, rng))
        for share in shares
        for _ in range(1 if share >= 1 else count)
    )


def _drawn(patients: Sequence[Hashable], share: float, rng: np.random.Generator) -> Int64s:
    count = len(set(patients))
    chosen = rng.permutation(count)[: max(2, round(share * count))]
    return np.flatnonzero(np.isin(patient_numbers(patients), chosen))


def patients_of(cases: Sequence[LabelledCase], rows: Int64s) -> list[Hashable]:
    """The patients of these rows."""
    return [cases[row].patient for row in rows]
