"""Figures with intervals from the outcomes of many photos."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np

from ecgclip.evaluation.bootstrap import Interval, quantile_interval, wilson_interval
from ecgclip.evaluation.photos.deviation import Deviation
from ecgclip.evaluation.photos.outcome import KS, Outcome

WRONG_SCALE: Final = 0.03
"""Error of the px/mm from which re-ranking, which allows as much stretch, cannot make up for it."""


@dataclass(frozen=True)
class FoundScores:
    """Share of the photos whose record is among the first 1, 5 and 10; refused photos are misses.

    Intervals are Wilson score intervals at 95 %.
    """

    group: str
    method: str
    photos: int
    refused: int
    recall_at_1: Interval
    recall_at_5: Interval
    recall_at_10: Interval


def found_scores(outcomes: Sequence[Outcome]) -> tuple[FoundScores, ...]:
    """The scores of each group and method, in the order in which they appear."""
    return tuple(
        _found(group, method, members) for group, members in grouped(outcomes) for method in members[0].ranks
    )


def _found(group: str, method: str, outcomes: Sequence[Outcome]) -> FoundScores:
    ranks = [outcome.ranks[method] for outcome in outcomes]
    hits = (sum(rank is not None and rank <= k for rank in ranks) for k in KS)
    recalls = [wilson_interval(hit, len(ranks)) for hit in hits]
    refused = sum(bool(outcome.refused) for outcome in outcomes)
    return FoundScores(group, method, len(ranks), refused, *recalls)


@dataclass(frozen=True)
class TruthScores:
    """How well simulated photos are read: over the accepted ones, as the reader refuses the others.

    Errors are medians and 95th percentiles with bootstrap intervals over photos: |period error| as a share,
    corners in mm (see `truth.Deviation`). accepted, upright, layout: shares with Wilson intervals.
    """

    level: str
    photos: int
    accepted: Interval
    period_p50: Interval
    period_p95: Interval
    corner_mm_p50: Interval
    corner_mm_p95: Interval
    upright: Interval
    layout: Interval


def truth_scores(outcomes: Sequence[Outcome], rng: np.random.Generator) -> tuple[TruthScores, ...]:
    """The scores of each group of simulated photos; real photos have no known truth."""
    return tuple(
        _truth(group, len(members), known, rng)
        for group, members in grouped(outcomes)
        if (known := [outcome.deviation for outcome in members if outcome.deviation is not None])
    )


def _truth(level: str, photos: int, known: Sequence[Deviation], rng: np.random.Generator) -> TruthScores:
    period = [abs(one.period_error) for one in known]
    corner = [one.corner_mm for one in known]
    return TruthScores(
        level,
        photos,
        wilson_interval(len(known), photos),
        quantile_interval(period, 0.5, rng),
        quantile_interval(period, 0.95, rng),
        quantile_interval(corner, 0.5, rng),
        quantile_interval(corner, 0.95, rng),
        wilson_interval(sum(one.upright for one in known), len(known)),
        wilson_interval(sum(one.layout_right for one in known), len(known)),
    )


@dataclass(frozen=True)
class Times:
    """Milliseconds, medians and 95th percentiles with bootstrap intervals over photos.

    read: to the canonical page or the refusal; query: to the answer, of the photos that were accepted.
    All in a process that is already warm.
    """

    group: str
    read_p50: Interval
    read_p95: Interval
    query_p50: Interval
    query_p95: Interval


def times(outcomes: Sequence[Outcome], rng: np.random.Generator) -> tuple[Times, ...]:
    found = []
    for group, members in grouped(outcomes):
        read = [outcome.read_ms for outcome in members]
        query = [outcome.query_ms for outcome in members if outcome.query_ms is not None]
        figures = [quantile_interval(ms, share, rng) for ms in (read, query) for share in (0.5, 0.95)]
        found.append(Times(group, *figures))
    return tuple(found)


class Cause(StrEnum):
    """Why a photo's record does not come first."""

    REFUSED = "refused"
    SCALE = "scale"
    TURNED = "turned"
    LAYOUT = "layout"
    OTHER = "other"


def cause(outcome: Outcome) -> Cause | None:
    """The first step of the reading that went wrong; None where the first method found the record."""
    if outcome.first_rank == 1:
        return None
    if outcome.refused:
        return Cause.REFUSED
    seen = outcome.deviation
    if seen is not None and abs(seen.period_error) > WRONG_SCALE:
        return Cause.SCALE
    if seen is not None and not seen.upright:
        return Cause.TURNED
    return Cause.LAYOUT if seen is not None and not seen.layout_right else Cause.OTHER


@dataclass(frozen=True)
class Causes:
    """How many photos of a group were not found first, by the first step that went wrong."""

    group: str
    missed: int
    refused: int
    scale: int
    turned: int
    layout: int
    other: int


def causes(outcomes: Sequence[Outcome]) -> tuple[Causes, ...]:
    counts = []
    for group, members in grouped(outcomes):
        found = [reason for outcome in members if (reason := cause(outcome)) is not None]
        counts.append(Causes(group, len(found), *(found.count(reason) for reason in Cause)))
    return tuple(counts)


def grouped(outcomes: Iterable[Outcome]) -> list[tuple[str, list[Outcome]]]:
    """The groups in the order in which they appear."""
    groups: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        groups.setdefault(outcome.group, []).append(outcome)
    return list(groups.items())
