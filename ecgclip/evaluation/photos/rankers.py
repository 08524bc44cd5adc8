"""Ways to rank prior cases for a page that was read: the whole engine, and each of its two judges alone."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt

from ecgclip.errors import RecordError
from ecgclip.evaluation.baselines.random_encoder import RandomEncoder
from ecgclip.evaluation.metrics import cosine, top_k
from ecgclip.records.source import RecordSource

if TYPE_CHECKING:
    from ecgclip.engine.subject import Subject

Vectors = npt.NDArray[np.float32]
Traces = npt.NDArray[np.float32]
Likeness = Callable[[Traces, Traces], npt.NDArray[np.floating]]
"""Traces of the query [4, 1000] and of candidates [n, 4, 1000] -> likeness [n], `retrieval.rerank.rerank`."""


class Ranker(Protocol):
    """A named way to rank prior cases for an accepted page: the first k case_ids, best first."""

    @property
    def name(self) -> str: ...
    def rank(self, page: "Subject", k: int) -> tuple[str, ...]: ...


class _Match(Protocol):
    @property
    def case_id(self) -> str: ...


class _Answer(Protocol):
    @property
    def matches(self) -> Sequence[_Match]: ...


class _Engine(Protocol):
    def answer(self, subject: "Subject", k: int) -> _Answer: ...


class _Model(Protocol):
    def embed_ink(self, pages: Sequence[npt.NDArray[np.uint8]]) -> Vectors: ...


class _Index(Protocol):
    def search(self, vectors: Vectors, k: int) -> Sequence[Sequence[_Match]]: ...


@dataclass(frozen=True)
class WholeEngine:
    """The engine as a user has it: vectors first, traces for the nearest."""

    engine: _Engine
    name: str = "engine"

    def rank(self, page: "Subject", k: int) -> tuple[str, ...]:
        return tuple(match.case_id for match in self.engine.answer(page, k).matches)


@dataclass(frozen=True)
class EmbeddingAlone:
    """Nearest vectors, without a look at the traces."""

    model: _Model
    index: _Index
    name: str = "embedding alone"

    def rank(self, page: "Subject", k: int) -> tuple[str, ...]:
        hits = self.index.search(self.model.embed_ink([page.ink]), k)[0]
        return tuple(hit.case_id for hit in hits)


@dataclass(frozen=True, eq=False)
class TracesAlone:
    """Most alike traces of the whole gallery: no vector has a say.

    case_ids: of all cases; traces: theirs, [case, 4, 1000] in mV at 100 Hz.
    """

    case_ids: tuple[str, ...]
    traces: Traces
    likeness: Likeness
    name: str = "traces alone"

    def rank(self, page: "Subject", k: int) -> tuple[str, ...]:
        alike = self.likeness(page.traces_mv, self.traces)
        return tuple(self.case_ids[row] for row in np.argsort(-alike, kind="stable")[:k])


@dataclass(frozen=True, eq=False)
class RandomInk:
    """The random encoder: what a well rectified page is worth before anything is learned.

    vectors: float32 [case, dim], unit norm, of the cases named by case_ids.
    """

    encoder: RandomEncoder
    vectors: Vectors
    case_ids: tuple[str, ...]
    name: str = RandomEncoder.name

    def rank(self, page: "Subject", k: int) -> tuple[str, ...]:
        similarity = cosine(self.encoder.embed_ink([page.ink]), self.vectors)
        return tuple(self.case_ids[row] for row in top_k(similarity, k)[0])


def random_ink(sources: Sequence[RecordSource], rng: np.random.Generator) -> RandomInk:
    """The random encoder over all records of the sources that can be read."""
    encoder = RandomEncoder(rng)
    vectors: list[Vectors] = []
    case_ids: list[str] = []
    for source in sources:
        for record_id in source.ids:
            try:
                ecg = source.read(record_id)
            except RecordError:
                continue  # not in the index either: build_index lists it as skipped
            vectors.append(encoder.features([ecg]))
            case_ids.append(ecg.case_id)
    return RandomInk(encoder, np.concatenate(vectors), tuple(case_ids))
