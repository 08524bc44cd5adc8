"""`Engine`: from an image to the most similar prior cases."""

import os
from collections.abc import Sequence
from dataclasses import replace
from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from ecgclip.engine.answer import Answer, Match
from ecgclip.engine.consensus import consensus
from ecgclip.engine.model import Model
from ecgclip.engine.query_input import QueryInput, Source, read_query
from ecgclip.paper.geometry import fingerprint
from ecgclip.paper.traces import TRACES_SHAPE
from ecgclip.retrieval.backends.base import check_k

if TYPE_CHECKING:
    from ecgclip.retrieval.store.bundle import Bundle, Hit, Snapshot
    from ecgclip.retrieval.store.cases import Case

Vectors = npt.NDArray[np.float32]

CANDIDATES = 100
"""Cases by the embedding, and as many by the sketch of the tracing, that are compared trace by trace.

At about 0.2 ms each. The embedding finds the like and may lack the very record of a bad photo (it is among
its first 200 of 2,703 for .82 of simulated photos of level S4); the sketch finds that one (both: .96).
"""
COMPARED = 2000
"""Of the nearest vectors, at most so many are compared trace by trace, however large k is: .4 s."""
TEXT_SHARE = 0.5
"""Share of the words in a question by image and text."""


class Engine:
    """A model and an index that it built: answers images, records and words.

    Args:
        model: From `load_model`.
        index: From `open_index`.

    Raises:
        IndexStoreError: Where other weights built the index, or weights of another page geometry.
    """

    def __init__(self, model: Model, index: "Bundle") -> None:
        index.check_model(model.hash, fingerprint(), model.dim)
        self.model = model
        self.index = index

    def warm_up(self, *, photos: bool = True) -> None:
        """Load networks and sketches now, so that no question waits for them.

        Args:
            photos: Also what reads photos, which a question by a record does without.
        """
        if photos:
            from ecgclip.photo.flat.network import shipped_network

            shipped_network().load()
        self.model.warm_up()
        index = self.index.snapshot()
        if len(index):
            index.same_tracing(np.zeros(TRACES_SHAPE, np.float32), index.vectors[0], 1)

    def query(self, source: Source, k: int = 10, where: str | None = None, text: str | None = None) -> Answer:
        """The k prior cases most like an image or a record.

        Args:
            source: A path of a picture or record, bytes of a picture, a PIL image, an array, or an `Ecg`.
            k: How many cases.
            where: Keeps some cases, such as `sex = "female" and age > 60`.
            text: Words that the cases should also match.

        Returns:
            How the input was read, and the cases, best first; no cases where the image was refused.

        Raises:
            ImageError: Where a file cannot be read as an image at all.
            RecordError: Where a record cannot be read.
            FilterError: Where the filter is not understood.
            ConfigError: Where k is below 1.
        """
        check_k(k)
        return self.answer(read_query(source), k, where, text)

    def answer(
        self, asked: QueryInput, k: int = 10, where: str | None = None, text: str | None = None
    ) -> Answer:
        """As `query`, for a asked that was read before."""
        check_k(k)
        if not asked.input.accepted:
            return Answer(asked.input, timings_ms=asked.timings_ms)
        start = perf_counter()
        vectors = self._embed(asked, text)
        embedded = perf_counter()
        index = self.index.snapshot()
        hits = _candidates(index, vectors, asked, k, where)
        searched = perf_counter()
        matches = _matches(index, _reranked(index, hits, asked)[:k])
        steps = np.diff([start, embedded, searched, perf_counter()]) * 1e3
        timings_ms = asked.timings_ms | dict(
            zip(("embed", "search", "rerank"), map(float, steps), strict=True)
        )
        return Answer(asked.input, matches, consensus(matches), timings_ms)

    def search(self, text: str, k: int = 10, where: str | None = None) -> tuple[Match, ...]:
        """The k cases that words describe best, by their pages and by their reports alike.

        Args:
            text: English or German, names of statements also abbreviated or misspelt.
            k: How many cases.
            where: Keeps some cases, such as `sex = "female" and age > 60`.

        Returns:
            The cases, best first.

        Raises:
            FilterError: Where the filter is not understood.
            ConfigError: Where k is below 1, or the text is too long or has no word.
        """
        from ecgclip.engine.words import search_words, words_vector

        check_k(k)
        words = words_vector(self.model, text)
        index = self.index.snapshot()
        return _matches(index, search_words(index, words, k, where))

    def _embed(self, asked: QueryInput, text: str | None) -> Vectors:
        image = self.model.embed_pages([asked.page])
        if text is None:
            return image
        from ecgclip.engine.words import words_vector

        words = words_vector(self.model, text)
        mixed = (1 - TEXT_SHARE) * image + TEXT_SHARE * words
        return np.asarray(mixed / np.linalg.norm(mixed, axis=1, keepdims=True), np.float32)


def _candidates(
    index: "Snapshot", vectors: Vectors, asked: QueryInput, k: int, where: str | None
) -> "list[Hit]":
    """The nearest vectors and the likest tracings, each case once, those to be compared first."""
    allowed = index.allowed(where)
    nearest = index.search(vectors, max(k, CANDIDATES), allowed)[0]
    likest = index.same_tracing(asked.page.traces_mv, vectors, CANDIDATES, allowed)
    return list({hit.row: hit for hit in (*nearest[:COMPARED], *likest, *nearest[COMPARED:])}.values())


def _reranked(index: "Snapshot", hits: "Sequence[Hit]", asked: QueryInput) -> "list[Hit]":
    """The hits by the likeness of vectors and traces together, best first."""
    from ecgclip.retrieval.rerank import fuse, rerank

    if not hits:
        return []
    likeness = np.zeros(len(hits), np.float32)
    rows = [hit.row for hit in hits[: COMPARED + CANDIDATES]]
    likeness[: len(rows)] = rerank(asked.page.traces_mv, index.traces(rows))
    scores = fuse(np.array([hit.score for hit in hits], np.float32), likeness)
    order = np.argsort(-scores, kind="stable")
    return [replace(hits[i], score=float(scores[i])) for i in order]


def _matches(index: "Snapshot", hits: "Sequence[Hit]") -> tuple[Match, ...]:
    """The cases of hits that this snapshot found: their rows mean nothing in another."""
    cases = index.cases.at([hit.row for hit in hits])
    return tuple(_match(rank, hit, case) for rank, (hit, case) in enumerate(zip(hits, cases, strict=True), 1))


def _match(rank: int, hit: "Hit", case: "Case") -> Match:
    return Match(
        rank,
        hit.case_id,
        hit.score,
        case.report,
        case.codes,
        case.age,
        case.sex,
        case.patient_id,
        case.source,
        case.path,
    )


def open_index(path: str | os.PathLike[str], model: Model | None = None) -> "Bundle":
    """Open an index that `build_index` wrote.

    The index follows what is added and removed on disk; any number of threads may ask it.

    Args:
        path: The folder of the index.
        model: If given, the index must have been built by it.

    Returns:
        The index: `search(vectors, k, where)`, `add`, `remove`, `verify`, `cases`, and its length.

    Raises:
        IndexStoreError: Where it is missing, half-written, of a newer format or another model's.
    """
    from ecgclip.retrieval.store.bundle import open_bundle

    return open_bundle(
        path,
        model_hash=model.hash if model else None,
        geometry=fingerprint(),
        dim=model.dim if model else None,
    )
