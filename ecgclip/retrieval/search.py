"""Search a snapshot of an index by a page, whose candidates are re-ranked by their traces, or by words."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from time import perf_counter

import numpy as np

from ecgclip.paper.traces import TRACES_SHAPE
from ecgclip.retrieval.rerank import fuse, rerank
from ecgclip.retrieval.store.snapshot import Hit, Side, Snapshot
from ecgclip.typing import Float32s, Traces, Vectors

CANDIDATES = 100
"""Cases by the embedding, and as many by the signature of the traces, that are compared trace by trace.

At about 0.2 ms each. The embedding finds similar ECGs and may miss the very record of a bad photo (it is
among its first 200 of 2,703 for .82 of simulated photos of level S4); the signature finds it (both: .96).
"""
COMPARED = 2000
"""Most cases that are compared trace by trace, however large k is: they take .4 s."""
TEXT_CANDIDATES = 200
"""Candidates of a text query: so many nearest pages, and as many nearest reports."""


@dataclass(frozen=True)
class SearchResult:
    """The cases found, best first, and the milliseconds that finding candidates and re-ranking them took."""

    hits: tuple[Hit, ...]
    search_ms: float
    rerank_ms: float


def search(
    snapshot: Snapshot, vector: Vectors, traces_mv: Traces, k: int, where: str | None = None
) -> SearchResult:
    """The k cases most like a page: candidates by vector and by signature, re-ranked by their traces.

    vector: float32 [1, dim] or [dim]; traces_mv: float32 [4, 1000] at 100 Hz, NaN where nothing was read;
    where: a filter. The score of a hit is `fuse` of both. Errors: FilterError, ConfigError for k below 1.
    """
    start = perf_counter()
    candidates = find_candidates(snapshot, vector, traces_mv, k, where)
    searched = perf_counter()
    hits = tuple(_reranked(snapshot, candidates, traces_mv)[:k])
    return SearchResult(hits, (searched - start) * 1e3, (perf_counter() - searched) * 1e3)


def search_text(snapshot: Snapshot, vector: Float32s, k: int, where: str | None = None) -> list[Hit]:
    """The k cases nearest to a text's vector [dim], best first.

    The score of a hit is the mean of the cosines with its page and with its report; with its page alone where
    it has no report.
    """
    allowed = snapshot.allowed(where)
    lists = [snapshot.search(vector, max(k, TEXT_CANDIDATES), allowed, side=side)[0] for side in Side]
    found = {hit.row: hit.case_id for hits in lists for hit in hits}
    rows = np.array(sorted(found), np.int64)
    pages, reports = snapshot.vectors[rows] @ vector, snapshot.report_vectors[rows] @ vector
    has_report = snapshot.report_vectors[rows].any(axis=1)
    scores = np.where(has_report, (pages + reports) / 2, pages)
    best = np.argsort(-scores, kind="stable")[:k]
    return [Hit(found[rows[i]], float(scores[i]), int(rows[i])) for i in best]


def warm_up(snapshot: Snapshot) -> None:
    """Read the vectors and signatures of the index now, so that the first query need not wait for them."""
    if len(snapshot):
        snapshot.search_traces(np.zeros(TRACES_SHAPE, np.float32), snapshot.vectors[0], 1)


def find_candidates(
    snapshot: Snapshot, vector: Vectors, traces_mv: Traces, k: int, where: str | None = None
) -> list[Hit]:
    """The nearest vectors and the most similar traces, each case once, first those to be compared."""
    allowed = snapshot.allowed(where)
    nearest = snapshot.search(vector, max(k, CANDIDATES), allowed)[0]
    similar = snapshot.search_traces(traces_mv, vector, CANDIDATES, allowed)
    return list({hit.row: hit for hit in (*nearest[:COMPARED], *similar, *nearest[COMPARED:])}.values())


def _reranked(snapshot: Snapshot, hits: Sequence[Hit], traces_mv: Traces) -> list[Hit]:
    """The hits by vectors and traces together, best first; the last ones of many count by vectors alone."""
    if not hits:
        return []
    correlations = np.zeros(len(hits), np.float32)
    rows = [hit.row for hit in hits[: COMPARED + CANDIDATES]]
    correlations[: len(rows)] = rerank(traces_mv, snapshot.traces(rows))
    scores = fuse(np.array([hit.score for hit in hits], np.float32), correlations)
    order = np.argsort(-scores, kind="stable")
    return [replace(hits[i], score=float(scores[i])) for i in order]
