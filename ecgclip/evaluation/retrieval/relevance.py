"""What is right for each query, and the scores that follow from it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ecgclip.evaluation.bootstrap import auroc_interval, mean_interval
from ecgclip.evaluation.metrics import (
    RECALL_KS,
    Bools,
    Floats,
    Ints,
    average_precision_per_query,
    collapsed,
    cosine,
    first_hit_rank,
    hit_per_query,
    hits_at,
    jaccard,
    knn_scores,
    ndcg_per_query,
    precision_per_query,
    recall_per_query,
    same_text,
)
from ecgclip.evaluation.retrieval.corpus import Case
from ecgclip.evaluation.retrieval.results import ClassScores, LabelScores, PairScores, RareScores, Recall
from ecgclip.evaluation.statements import SUPERCLASSES, Statements, one_hot

RARE_SHARE = 0.01
"""Statements that fewer of the gallery's records carry are rare: what a reader has seldom or never seen."""
RARE_DEPTH = 50


@dataclass(frozen=True, eq=False)
class Truth:
    """What is known about queries and gallery.

    relevance: [query, gallery], Jaccard index of the statements.
    query_classes, gallery_classes: bool [n, 5], the diagnostic superclasses.
    same_report: bool [query, query], reports that are word for word the same.
    gallery_report: int [gallery], equal numbers for equal reports.
    rare: the rare statements; rare_relevance: [query, gallery], Jaccard index of these alone.
    weights: [resample, query], how often a query is drawn.
    """

    relevance: npt.NDArray[np.float64]
    query_classes: Bools
    gallery_classes: Bools
    same_report: Bools
    gallery_report: Ints
    rare: tuple[str, ...]
    rare_relevance: npt.NDArray[np.float64]
    weights: Floats

    @property
    def shares_class(self) -> Bools:
        """bool [query, gallery]: at least one superclass in common."""
        return (self.query_classes.astype(np.float32) @ self.gallery_classes.T.astype(np.float32)) > 0

    @property
    def has_rare(self) -> Bools:
        """bool [query]: carries a rare statement; some case of the gallery then carries it, too."""
        carries: Bools = self.rare_relevance.sum(axis=1) > 0
        return carries


def truth_of(
    queries: Sequence[Case], gallery: Sequence[Case], statements: Statements, weights: Floats
) -> Truth:
    """The truth by statements, superclasses and report texts.

    Statements are those of the gallery: what no prior case has, nobody could find.
    """
    asked = [statements.known(case.codes) for case in queries]
    prior = [statements.known(case.codes) for case in gallery]
    vocabulary = sorted(frozenset().union(*prior))
    reports = [case.report for case in queries]
    rare = rare_statements(prior)
    return Truth(
        jaccard(one_hot(asked, vocabulary), one_hot(prior, vocabulary)),
        one_hot([statements.superclasses(codes) for codes in asked], SUPERCLASSES),
        one_hot([statements.superclasses(codes) for codes in prior], SUPERCLASSES),
        same_text(reports, reports),
        np.unique([case.report for case in gallery], return_inverse=True)[1],
        rare,
        jaccard(one_hot(asked, rare), one_hot(prior, rare)),
        weights,
    )


def rare_statements(prior: Sequence[frozenset[str]], share: float = RARE_SHARE) -> tuple[str, ...]:
    """The statements that some of the records carry, but fewer than `share` of them, in alphabetical order.

    >>> rare_statements([frozenset({"NORM"})] * 150 + [frozenset({"WPW", "NORM"})])
    ('WPW',)
    """
    counts = Counter(code for codes in prior for code in codes)
    return tuple(sorted(code for code, count in counts.items() if count < share * len(prior)))


def label_scores(similarity: Floats, truth: Truth, spectrum_ndcg: Floats) -> LabelScores:
    """Figures by labels; similarity: [query, gallery], spectrum_ndcg: [query] of the spectrum baseline."""
    shares = truth.shares_class
    ndcg = ndcg_per_query(similarity, truth.relevance)
    return LabelScores(
        mean_interval(ndcg, truth.weights),
        auroc_interval(truth.query_classes, knn_scores(similarity, truth.gallery_classes), truth.weights),
        mean_interval(precision_per_query(similarity, shares), truth.weights),
        mean_interval(average_precision_per_query(similarity, shares), truth.weights),
        mean_interval(ndcg - spectrum_ndcg, truth.weights),
        mean_interval(
            ndcg_per_query(*collapsed(similarity, truth.relevance, truth.gallery_report)), truth.weights
        ),
        tuple(_class_scores(similarity, truth, column) for column in range(len(SUPERCLASSES))),
        _rare_scores(similarity, truth),
    )


def _class_scores(similarity: Floats, truth: Truth, column: int) -> ClassScores:
    """Of the queries of one superclass, whose first cases should be of it, too."""
    asked, prior = truth.query_classes[:, column], truth.gallery_classes[:, column]
    right = asked[:, None] & prior[None]
    return ClassScores(
        SUPERCLASSES[column],
        int(asked.sum()),
        100 * float(prior.mean()),
        mean_interval(100 * precision_per_query(similarity, right), truth.weights),
        mean_interval(average_precision_per_query(similarity, right), truth.weights),
    )


def _rare_scores(similarity: Floats, truth: Truth) -> RareScores:
    shares = truth.rare_relevance > 0
    return RareScores(
        len(truth.rare),
        int(truth.has_rare.sum()),
        mean_interval(ndcg_per_query(similarity, truth.rare_relevance), truth.weights),
        mean_interval(100 * hit_per_query(similarity, shares), truth.weights),
        mean_interval(100 * recall_per_query(similarity, shares, RARE_DEPTH), truth.weights),
    )


def pair_scores(images: Floats, reports: Floats, truth: Truth) -> PairScores:
    """Figures of the pairs; images and reports: unit vectors [query, dim], row by row of one case."""
    similarity = cosine(images, reports)
    own = np.eye(len(images), dtype=np.bool_)
    to_report = _hits(similarity, own)
    to_image = _hits(similarity.T, own)
    collapsed_to_report = _hits(similarity, truth.same_report)
    return PairScores(
        _recall(to_report, truth),
        _recall(collapsed_to_report, truth),
        _recall(to_image, truth),
        _recall(_hits(similarity.T, truth.same_report), truth),
        mean_interval(to_report.sum(axis=0) + to_image.sum(axis=0), truth.weights),
        _recall(np.where(truth.has_rare, to_report, np.nan), truth),
        _recall(np.where(truth.has_rare, collapsed_to_report, np.nan), truth),
    )


def _hits(similarity: Floats, right: Bools) -> npt.NDArray[np.float64]:
    """100 or 0 at each k, [k, query]."""
    ranks = first_hit_rank(similarity, right)
    return np.stack([hits_at(ranks, k) for k in RECALL_KS])


def _recall(hits: npt.NDArray[np.float64], truth: Truth) -> Recall:
    return Recall(*(mean_interval(values, truth.weights) for values in hits))
