"""`Bench`: training and test cases, their labels, and what each method makes of them."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ecgclip.errors import RecordError
from ecgclip.evaluation.bootstrap import RESAMPLES, patient_weights
from ecgclip.evaluation.classify.draws import Draw, draws
from ecgclip.evaluation.classify.labels import LabelSet, Taxonomy, label_sets
from ecgclip.evaluation.metrics import Floats
from ecgclip.evaluation.retrieval.baselines import tfidf
from ecgclip.evaluation.retrieval.corpus import Case, Corpus, Method


@dataclass(frozen=True, eq=False)
class Entry:
    """One method: the inputs of its probe, and its likeness to prior cases.

    train, test: [case, feature], of width 0 where it has nothing for a probe; similarity: [test, train].
    """

    name: str
    train: Floats
    test: Floats
    similarity: Floats


@dataclass(frozen=True, eq=False)
class Bench:
    """train_labels, test_labels: the same sets in the same order; weights: [resample, test case]."""

    train: tuple[Case, ...]
    test: tuple[Case, ...]
    train_labels: tuple[LabelSet, ...]
    test_labels: tuple[LabelSet, ...]
    draws: tuple[Draw, ...]
    weights: Floats
    entries: tuple[Entry, ...]

    @property
    def pairs(self) -> tuple[tuple[LabelSet, LabelSet], ...]:
        """Each label set of the training and of the test cases; those that one side lacks are left out."""
        both = zip(self.train_labels, self.test_labels, strict=True)
        return tuple((train, test) for train, test in both if train.truth.any() and test.truth.any())


def make_bench(
    corpus: Corpus,
    methods: Sequence[Method],
    taxonomy: Taxonomy,
    test_fold: int,
    *,
    rng: np.random.Generator,
    draw_count: int,
    resamples: int = RESAMPLES,
) -> Bench:
    """Split by fold, draw the training labels that may be seen, and measure likeness.

    Errors: RecordError where one side of the split is empty.
    """
    is_test = corpus.folds([test_fold])
    train = tuple(case for case, test in zip(corpus.cases, is_test, strict=True) if not test)
    test = tuple(case for case, test in zip(corpus.cases, is_test, strict=True) if test)
    if not train or not test:
        raise RecordError(
            f"{len(train)} training and {len(test)} test cases were found; expected some of both"
        )
    draw_rng, weight_rng = rng.spawn(2)
    entries = [
        _entry(method, corpus.features[method.name][~is_test], corpus.features[method.name][is_test])
        for method in methods
    ]
    oracle = tfidf.tfidf_similarity([case.report for case in test], [case.report for case in train])
    return Bench(
        train,
        test,
        label_sets([case.codes for case in train], taxonomy),
        label_sets([case.codes for case in test], taxonomy),
        draws([case.patient for case in train], draw_rng, draw_count),
        patient_weights([case.patient for case in test], weight_rng, resamples),
        (*entries, Entry(tfidf.NAME, np.zeros((len(train), 0)), np.zeros((len(test), 0)), oracle)),
    )


def _entry(method: Method, train: Floats, test: Floats) -> Entry:
    return Entry(method.name, *filled(train, test), method.similarity(test, train))


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


def patients_of(cases: Sequence[Case], rows: npt.NDArray[np.int64]) -> list[Hashable]:
    """The patients of these rows."""
    return [cases[row].patient for row in rows]
