"""`Engine`: from an image to the most similar prior cases."""

import os
from collections.abc import Sequence
from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np

from ecgclip.engine.answer import Answer, Match, consensus
from ecgclip.engine.model import Model
from ecgclip.engine.query_input import QueryInput, Source, read_query
from ecgclip.paper.geometry import fingerprint
from ecgclip.retrieval.backends.base import check_k
from ecgclip.typing import Vectors

if TYPE_CHECKING:
    from ecgclip.retrieval.store.bundle import Bundle, Hit, Snapshot

TEXT_SHARE = 0.5
"""Weight of the text's vector in a query by image and text; the image has the rest."""


class Engine:
    """A model and an index that was built by it; answers queries by images, records and words.

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
        """Load networks and signatures now, so that the first query need not wait for them.

        Args:
            photos: Also load the photo reader, which queries by records do not need.
        """
        if photos:
            from ecgclip.photo.curves.network import shipped_curves
            from ecgclip.photo.flat.network import shipped_network

            shipped_network().load()
            shipped_curves().load()
        self.model.warm_up()
        from ecgclip.retrieval.search import warm_up

        warm_up(self.index.snapshot())

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
        self, query_input: QueryInput, k: int = 10, where: str | None = None, text: str | None = None
    ) -> Answer:
        """As `query`, for an input that `read_query` returned."""
        from ecgclip.retrieval.search import search

        check_k(k)
        if not query_input.input.accepted:
            return Answer(query_input.input, timings_ms=query_input.timings_ms)
        start = perf_counter()
        vectors = self._embed(query_input, text)
        embed_ms = (perf_counter() - start) * 1e3
        index = self.index.snapshot()
        found = search(index, vectors, query_input.page.traces_mv, k, where)
        matches = _matches(index, found.hits)
        timings_ms = query_input.timings_ms | {
            "embed": embed_ms,
            "search": found.search_ms,
            "rerank": found.rerank_ms,
        }
        return Answer(query_input.input, matches, consensus(matches), timings_ms)

    def search(self, text: str, k: int = 10, where: str | None = None) -> tuple[Match, ...]:
        """The k cases that fit a text best, by the mean similarity of their pages and reports.

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
        from ecgclip.engine.question import embed_question
        from ecgclip.retrieval.search import search_text

        check_k(k)
        words = embed_question(self.model, text)
        index = self.index.snapshot()
        return _matches(index, search_text(index, words, k, where))

    def _embed(self, query_input: QueryInput, text: str | None) -> Vectors:
        image = self.model.embed_pages([query_input.page])
        if text is None:
            return image
        from ecgclip.engine.question import embed_question

        words = embed_question(self.model, text)
        mixed = (1 - TEXT_SHARE) * image + TEXT_SHARE * words
        return np.asarray(mixed / np.linalg.norm(mixed, axis=1, keepdims=True), np.float32)


def _matches(index: "Snapshot", hits: "Sequence[Hit]") -> tuple[Match, ...]:
    """The cases of hits in the snapshot that found them; in another one their rows would be other cases."""
    cases = index.cases.at([hit.row for hit in hits])
    found = zip(hits, cases, strict=True)
    return tuple(Match(rank, hit.score, case) for rank, (hit, case) in enumerate(found, 1))


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
