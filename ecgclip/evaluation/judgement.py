"""What is right for each query, and the scores that follow from it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ecgclip.evaluation.bootstrap import auroc_interval, mean_interval
from ecgclip.evaluation.corpus import Case
from ecgclip.evaluation.metrics import (
    RECALL_KS,
    Bools,
    Floats,
    average_precision_per_query,
    cosine,
    first_hit_rank,
    hits_at,
    jaccard,
    knn_scores,
    ndcg_per_query,
    precision_per_query,
    same_text,
)
from ecgclip.evaluation.retrieval_report import LabelScores, PairScores, Recall
from ecgclip.evaluation.statements import SUPERCLASSES, Statements, one_hot


@dataclass(frozen=True, eq=False)
class Truth:
    """What is known about queries and gallery.

    relevance: [query, gallery], Jaccard index of the statements.
    query_classes, gallery_classes: bool [n, 5], the diagnostic superclasses.
    same_report: bool [query, query], reports that are word for word the same.
    weights: [resample, query], how often a query is drawn.
    """

    relevance: npt.NDArray[np.float64]
    query_classes: Bools
    gallery_classes: Bools
    same_report: Bools
    weights: Floats

    @property
    def shares_class(self) -> Bools:
        """bool [query, gallery]: at least one superclass in common."""
        return (self.query_classes.astype(np.float32) @ self.gallery_classes.T.astype(np.float32)) > 0


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
    return Truth(
        jaccard(one_hot(asked, vocabulary), one_hot(prior, vocabulary)),
        one_hot([statements.superclasses(codes) for codes in asked], SUPERCLASSES),
        one_hot([statements.superclasses(codes) for codes in prior], SUPERCLASSES),
        same_text(reports, reports),
        weights,
    )


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
    )


def pair_scores(images: Floats, reports: Floats, truth: Truth) -> PairScores:
    """Figures of the pairs; images and reports: unit vectors [query, dim], row by row of one case."""
    similarity = cosine(images, reports)
    own = np.eye(len(images), dtype=np.bool_)
    to_report = _hits(similarity, own)
    to_image = _hits(similarity.T, own)
    return PairScores(
        _recall(to_report, truth),
        _recall(_hits(similarity, truth.same_report), truth),
        _recall(to_image, truth),
        _recall(_hits(similarity.T, truth.same_report), truth),
        mean_interval(to_report.sum(axis=0) + to_image.sum(axis=0), truth.weights),
    )


def _hits(similarity: Floats, right: Bools) -> npt.NDArray[np.float64]:
    """100 or 0 at each k, [k, query]."""
    ranks = first_hit_rank(similarity, right)
    return np.stack([hits_at(ranks, k) for k in RECALL_KS])


def _recall(hits: npt.NDArray[np.float64], truth: Truth) -> Recall:
    return Recall(*(mean_interval(values, truth.weights) for values in hits))
