"""Recall of pairs from scores, before and after the matching head has ordered the first candidates anew."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from ecgclip.evaluation.bootstrap import Interval, mean_interval
from ecgclip.evaluation.metrics import RECALL_KS, first_hit_rank, hits_at, same_text, top_k
from ecgclip.evaluation.retrieval.results import Recall
from ecgclip.typing import Bools, Float64s, Floats, Int64s

BEHIND = 1e4
"""What separates candidates that the matching head has seen from all others."""


class Match(Protocol):
    """How well one query goes with some of the gallery's cases."""

    def __call__(self, query: int, candidates: Int64s, /) -> Floats:
        """Log-odds, float [candidate]."""
        ...


@dataclass(frozen=True)
class PairFigures:
    """Recall in percent among `records` pairs; collapsed: any case with the same words counts as found.

    rsum: the six strict recalls added up; rsum_collapsed: the six collapsed ones.
    """

    records: int
    distinct_reports: int
    image_to_report: Recall
    report_to_image: Recall
    rsum: Interval
    image_to_report_collapsed: Recall
    report_to_image_collapsed: Recall
    rsum_collapsed: Interval


def pair_figures(to_report: Floats, to_image: Floats, reports: Sequence[str], weights: Floats) -> PairFigures:
    """Figures of scores, each [query, gallery] with row i and column i of one record.

    to_report: images ask; to_image: reports ask. weights: [resample, query], how often a record is drawn.
    """
    own, same = np.eye(len(reports), dtype=np.bool_), same_text(reports, reports)
    strict = hits(to_report, own), hits(to_image, own)
    collapsed = hits(to_report, same), hits(to_image, same)
    return PairFigures(
        records=len(reports),
        distinct_reports=len(set(reports)),
        image_to_report=_recall(strict[0], weights),
        report_to_image=_recall(strict[1], weights),
        rsum=_rsum(*strict, weights),
        image_to_report_collapsed=_recall(collapsed[0], weights),
        report_to_image_collapsed=_recall(collapsed[1], weights),
        rsum_collapsed=_rsum(*collapsed, weights),
    )


def chance_rsum(records: int) -> float:
    """RSUM of random order: each recall at k is k in `records`.

    >>> round(chance_rsum(1269), 2)
    2.52
    """
    return 2 * 100 * sum(RECALL_KS) / records


@dataclass(frozen=True, eq=False)
class Judged:
    """The first candidates of each query, int [query, depth], and their log-odds, float [query, depth]."""

    candidates: Int64s
    odds: Floats


def judged(similarity: Floats, match: Match, depth: int) -> Judged:
    """The matching head's word on the `depth` most similar of each query; similarity: [query, gallery]."""
    candidates = top_k(similarity, depth)
    return Judged(candidates, np.stack([match(query, row) for query, row in enumerate(candidates)]))


def reranked(similarity: Floats, scale: float, first: Judged) -> Floats:
    """Scores that order the candidates by scale * similarity + log-odds, the others as they were behind them.

    similarity: [query, gallery]. BLIP's own evaluation has scale 1.
    """
    scores = scale * similarity.astype(np.float64) - BEHIND
    own = np.take_along_axis(scores, first.candidates, axis=1) + BEHIND + first.odds
    np.put_along_axis(scores, first.candidates, own, axis=1)
    return scores


def hubness_corrected(similarity: Floats, bank: Floats, scale: float) -> Floats:
    """Similarity less what each answer is to questions in general: some lie near everything.

    similarity: [query, gallery]; bank: [other query, gallery], of questions that are not asked here, such as
    those of the training pairs; scale: what cosines are multiplied with before they are compared. After
    the inverted softmax of Smith et al. 2017 and the query bank of Bogolin et al. 2022.
    """
    wide = scale * bank.astype(np.float64)
    top = wide.max(axis=0)
    in_general = top + np.log(np.exp(wide - top).mean(axis=0))
    return np.asarray(similarity - in_general / scale)


def hits(scores: Floats, right: Bools) -> Float64s:
    """100 or 0 at each of `RECALL_KS`, [k, query]."""
    ranks = first_hit_rank(scores, right)
    return np.stack([hits_at(ranks, k) for k in RECALL_KS])


def _recall(side: Float64s, weights: Floats) -> Recall:
    return Recall(*(mean_interval(values, weights) for values in side))


def _rsum(one: Float64s, other: Float64s, weights: Floats) -> Interval:
    return mean_interval(one.sum(axis=0) + other.sum(axis=0), weights)
