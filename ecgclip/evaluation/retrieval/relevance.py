"""Relevance judgements (qrels): which prior cases are right for a query, and the scores that follow."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NoReturn

import numpy as np

from ecgclip.errors import RecordError
from ecgclip.evaluation.bootstrap import auroc_interval, mean_interval
from ecgclip.evaluation.metrics import (
    RECALL_KS,
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
from ecgclip.evaluation.retrieval.corpus import LabelledCase
from ecgclip.evaluation.retrieval.results import ClassScores, LabelScores, PairScores, RareScores, Recall
from ecgclip.evaluation.statements import FILE_NAME, SUPERCLASSES, Statements, one_hot
from ecgclip.typing import Bools, Float64s, Floats, Int64s

RARE_SHARE = 0.01
"""Statements that fewer of the gallery's records carry are rare: what a reader has seldom or never seen."""
RARE_DEPTH = 50


@dataclass(frozen=True, eq=False)
class RelevanceJudgements:
    """Which cases of the gallery are relevant to each query, and how the queries are weighted.

    relevance: [query, gallery], Jaccard index of the statements.
    query_classes, gallery_classes: bool [n, 5], the diagnostic superclasses.
    same_report: bool [query, query], reports that are word for word the same.
    gallery_report: int [gallery], equal numbers for equal reports.
    rare: the rare statements; rare_relevance: [query, gallery], Jaccard index of these alone.
    weights: [resample, query], how often a query is drawn.
    """

    relevance: Float64s
    query_classes: Bools
    gallery_classes: Bools
    same_report: Bools
    gallery_report: Int64s
    rare: tuple[str, ...]
    rare_relevance: Float64s
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


def judge_relevance(
    queries: Sequence[LabelledCase], gallery: Sequence[LabelledCase], statements: Statements, weights: Floats
) -> RelevanceJudgements:
    """Judge by statements, superclasses and report texts.

    Statements are those of the gallery: what no prior case has, nobody could find.
    Errors: RecordError where no case of the gallery carries a known statement.
    """
    query_codes = [statements.known(case.codes) for case in queries]
    prior = [statements.known(case.codes) for case in gallery]
    vocabulary = sorted(frozenset().union(*prior))
    if not vocabulary:
        _refuse_unknown_statements(gallery)
    reports = [case.report for case in queries]
    rare = rare_statements(prior)
    return RelevanceJudgements(
        jaccard(one_hot(query_codes, vocabulary), one_hot(prior, vocabulary)),
        one_hot([statements.superclasses(codes) for codes in query_codes], SUPERCLASSES),
        one_hot([statements.superclasses(codes) for codes in prior], SUPERCLASSES),
        same_text(reports, reports),
        np.unique([case.report for case in gallery], return_inverse=True)[1],
        rare,
        jaccard(one_hot(query_codes, rare), one_hot(prior, rare)),
        weights,
    )


def _refuse_unknown_statements(gallery: Sequence[LabelledCase]) -> NoReturn:
    found = sorted({code for case in gallery for code in case.codes})
    raise RecordError(
        f"no known statement among the codes of {len(gallery)} prior cases (found: "
        f"{', '.join(found)[:200] or 'none'}); expected SCP statements such as NORM or AFIB, or a table "
        f"{FILE_NAME} beside the data that explains them"
    )


def rare_statements(prior: Sequence[frozenset[str]], share: float = RARE_SHARE) -> tuple[str, ...]:
    """The statements that some of the records carry, but fewer than `share` of them, in alphabetical order.

    >>> rare_statements([frozenset({"NORM"})] * 150 + [frozenset({"WPW", "NORM"})])
    ('WPW',)
    """
    counts = Counter(code for codes in prior for code in codes)
    return tuple(sorted(code for code, count in counts.items() if count < share * len(prior)))


def label_scores(similarity: Floats, judged: RelevanceJudgements, spectrum_ndcg: Floats) -> LabelScores:
    """Figures by labels; similarity: [query, gallery], spectrum_ndcg: [query] of the spectrum baseline."""
    shares = judged.shares_class
    ndcg = ndcg_per_query(similarity, judged.relevance)
    return LabelScores(
        mean_interval(ndcg, judged.weights),
        auroc_interval(judged.query_classes, knn_scores(similarity, judged.gallery_classes), judged.weights),
        mean_interval(precision_per_query(similarity, shares), judged.weights),
        mean_interval(average_precision_per_query(similarity, shares), judged.weights),
        mean_interval(ndcg - spectrum_ndcg, judged.weights),
        mean_interval(
            ndcg_per_query(*collapsed(similarity, judged.relevance, judged.gallery_report)), judged.weights
        ),
        tuple(_class_scores(similarity, judged, column) for column in range(len(SUPERCLASSES))),
        _rare_scores(similarity, judged),
    )


def _class_scores(similarity: Floats, judged: RelevanceJudgements, column: int) -> ClassScores:
    """Scores over the queries of one superclass; a case of the same superclass is right."""
    in_class, prior = judged.query_classes[:, column], judged.gallery_classes[:, column]
    right = in_class[:, None] & prior[None]
    return ClassScores(
        SUPERCLASSES[column],
        int(in_class.sum()),
        100 * float(prior.mean()),
        mean_interval(100 * precision_per_query(similarity, right), judged.weights),
        mean_interval(average_precision_per_query(similarity, right), judged.weights),
    )


def _rare_scores(similarity: Floats, judged: RelevanceJudgements) -> RareScores:
    shares = judged.rare_relevance > 0
    return RareScores(
        len(judged.rare),
        int(judged.has_rare.sum()),
        mean_interval(ndcg_per_query(similarity, judged.rare_relevance), judged.weights),
        mean_interval(100 * hit_per_query(similarity, shares), judged.weights),
        mean_interval(100 * recall_per_query(similarity, shares, RARE_DEPTH), judged.weights),
    )


def pair_scores(images: Floats, reports: Floats, judged: RelevanceJudgements) -> PairScores:
    """Figures of the pairs; images and reports: unit vectors [query, dim], row by row of one case."""
    similarity = cosine(images, reports)
    own = np.eye(len(images), dtype=np.bool_)
    to_report = _hits(similarity, own)
    to_image = _hits(similarity.T, own)
    collapsed_to_report = _hits(similarity, judged.same_report)
    return PairScores(
        _recall(to_report, judged),
        _recall(collapsed_to_report, judged),
        _recall(to_image, judged),
        _recall(_hits(similarity.T, judged.same_report), judged),
        mean_interval(to_report.sum(axis=0) + to_image.sum(axis=0), judged.weights),
        _recall(np.where(judged.has_rare, to_report, np.nan), judged),
        _recall(np.where(judged.has_rare, collapsed_to_report, np.nan), judged),
    )


def _hits(similarity: Floats, right: Bools) -> Float64s:
    """100 or 0 at each k, [k, query]."""
    ranks = first_hit_rank(similarity, right)
    return np.stack([hits_at(ranks, k) for k in RECALL_KS])


def _recall(hits: Float64s, judged: RelevanceJudgements) -> Recall:
    return Recall(*(mean_interval(values, judged.weights) for values in hits))
