"""Ways to rank prior cases for a page that was read.

The whole engine as a user has it; its embedding and its traces, each alone; the random encoder as the floor.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Protocol

import numpy as np

from ecgclip.evaluation.metrics import cosine, top_k
from ecgclip.evaluation.retrieval.baselines.random_encoder import RandomEncoder
from ecgclip.paper.coverage import read_shown
from ecgclip.paper.page import CanonicalPage
from ecgclip.records.source import RecordSource, Skipped, result_or_skipped
from ecgclip.typing import Floats, Traces, Vectors

if TYPE_CHECKING:
    from ecgclip.engine.query_input import QueryInput


class Ranker(Protocol):
    """A named way to rank prior cases for an accepted page: the first k case_ids, best first."""

    @property
    def name(self) -> str: ...
    def rank(self, query_input: "QueryInput", k: int) -> tuple[str, ...]: ...


TraceSimilarity = Callable[[Traces, Traces], Floats]
"""Traces of the query [4, 1000] and of candidates [n, 4, 1000] -> similarity [n]."""


class _Match(Protocol):
    @property
    def case_id(self) -> str: ...


class _Answer(Protocol):
    @property
    def matches(self) -> Sequence[_Match]: ...


class _Engine(Protocol):
    def answer(self, query_input: "QueryInput", k: int) -> _Answer: ...


class _Model(Protocol):
    def embed_pages(self, pages: Sequence[CanonicalPage]) -> Vectors: ...


class _Index(Protocol):
    def search(self, vectors: Vectors, k: int) -> Sequence[Sequence[_Match]]: ...


@dataclass(frozen=True)
class WholeEngine:
    """The engine as a user has it: vectors first, traces for the nearest."""

    engine: _Engine
    name: str = "engine"

    def rank(self, query_input: "QueryInput", k: int) -> tuple[str, ...]:
        return tuple(match.case_id for match in self.engine.answer(query_input, k).matches)


@dataclass(frozen=True)
class EmbeddingAlone:
    """Nearest vectors, without a look at the traces."""

    model: _Model
    index: _Index
    name: str = "embedding alone"

    def rank(self, query_input: "QueryInput", k: int) -> tuple[str, ...]:
        hits = self.index.search(self.model.embed_pages([query_input.page]), k)[0]
        return tuple(hit.case_id for hit in hits)


@dataclass(frozen=True, eq=False)
class TracesAlone:
    """The cases whose traces are most similar, whatever their vectors.

    case_ids: of all cases; traces: theirs, [case, 4, 1000] in mV at 100 Hz.
    """

    case_ids: tuple[str, ...]
    traces: Traces
    similarity: TraceSimilarity
    name: str = "traces alone"

    def rank(self, query_input: "QueryInput", k: int) -> tuple[str, ...]:
        similarity = self.similarity(query_input.page.traces_mv, self.traces)
        return tuple(self.case_ids[row] for row in np.argsort(-similarity, kind="stable")[:k])


@dataclass(frozen=True, eq=False)
class RandomInk:
    """The random encoder: how far well rectified pages get without any learning.

    vectors: float32 [case, dim], unit norm, of the cases named by case_ids.
    """

    encoder: RandomEncoder
    vectors: Vectors
    case_ids: tuple[str, ...]
    name: str = RandomEncoder.name

    def rank(self, query_input: "QueryInput", k: int) -> tuple[str, ...]:
        similarity = cosine(self.encoder.embed_pages([query_input.page]), self.vectors)
        return tuple(self.case_ids[row] for row in top_k(similarity, k)[0])


def random_ink(sources: Sequence[RecordSource], rng: np.random.Generator) -> RandomInk:
    """The random encoder over all records of the sources that can be read."""
    encoder = RandomEncoder(rng)
    vectors: list[Vectors] = []
    case_ids: list[str] = []
    for source in sources:
        for record_id in source.ids:
            ecg = result_or_skipped(record_id, partial(read_shown, source, record_id))
            if isinstance(ecg, Skipped):
                continue  # not in the index either: build_index lists it as skipped
            vectors.append(encoder.features([ecg]))
            case_ids.append(ecg.case_id)
    return RandomInk(encoder, np.concatenate(vectors), tuple(case_ids))
