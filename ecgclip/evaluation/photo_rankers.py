"""Ways to rank prior cases for a photo: the whole engine, and each of its two judges alone."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from ecgclip.errors import EcgClipError, RecordError
from ecgclip.evaluation.baselines.random_encoder import RandomEncoder
from ecgclip.evaluation.metrics import cosine, top_k
from ecgclip.records.source import RecordSource

Vectors = npt.NDArray[np.float32]
Traces = npt.NDArray[np.float32]
Likeness = Callable[[Traces, Traces], npt.NDArray[np.floating]]
"""Traces of the query [4, 1000] and of candidates [n, 4, 1000] -> likeness [n], `retrieval.rerank.rerank`."""


@dataclass(frozen=True)
class Ranking:
    """case_ids best first; none where the photo was refused, and then the reason."""

    case_ids: tuple[str, ...]
    refused: str = ""


class PhotoRanker(Protocol):
    """A named way to rank prior cases for a photo."""

    @property
    def name(self) -> str: ...
    def rank(self, photo: Path, k: int) -> Ranking: ...


class _Match(Protocol):
    @property
    def case_id(self) -> str: ...


class _Verdict(Protocol):
    @property
    def accepted(self) -> bool: ...
    @property
    def reason(self) -> str: ...


class _Answer(Protocol):
    @property
    def input(self) -> _Verdict: ...
    @property
    def matches(self) -> Sequence[_Match]: ...


class QueryEngine(Protocol):
    """What is asked of `ecgclip.engine.Engine`."""

    def query(self, source: Path, k: int) -> _Answer: ...


class _Subject(Protocol):
    @property
    def input(self) -> _Verdict: ...
    @property
    def ink(self) -> npt.NDArray[np.uint8]: ...
    @property
    def traces_mv(self) -> Traces: ...


class _Hit(Protocol):
    @property
    def case_id(self) -> str: ...
    @property
    def row(self) -> int: ...


class _Model(Protocol):
    def embed_ink(self, pages: Sequence[npt.NDArray[np.uint8]]) -> Vectors: ...


class _Index(Protocol):
    def __len__(self) -> int: ...
    def search(self, vectors: Vectors, k: int) -> Sequence[Sequence[_Hit]]: ...
    def traces(self, rows: Sequence[int]) -> Traces: ...


@dataclass(frozen=True)
class WholeEngine:
    """The engine as a user has it: vectors first, traces for the nearest."""

    engine: QueryEngine
    name: str = "engine"

    def rank(self, photo: Path, k: int) -> Ranking:
        try:
            answer = self.engine.query(photo, k)
        except EcgClipError as error:
            return Ranking((), str(error))
        if not answer.input.accepted:
            return _refusal(answer.input)
        return Ranking(tuple(match.case_id for match in answer.matches))


@dataclass(frozen=True)
class EmbeddingAlone:
    """Nearest vectors, without a look at the traces."""

    read: Callable[[Path], _Subject]
    model: _Model
    index: _Index
    name: str = "embedding alone"

    def rank(self, photo: Path, k: int) -> Ranking:
        subject = _accepted(self.read, photo)
        if isinstance(subject, Ranking):
            return subject
        hits = self.index.search(self.model.embed_ink([subject.ink]), k)[0]
        return Ranking(tuple(hit.case_id for hit in hits))


@dataclass(frozen=True)
class TracesAlone:
    """Most alike traces of the whole gallery: no vector has a say."""

    read: Callable[[Path], _Subject]
    model: _Model
    index: _Index
    likeness: Likeness
    name: str = "traces alone"

    def rank(self, photo: Path, k: int) -> Ranking:
        subject = _accepted(self.read, photo)
        if isinstance(subject, Ranking):
            return subject
        # The vector only serves to list every case with its row.
        hits = self.index.search(self.model.embed_ink([subject.ink]), len(self.index))[0]
        alike = self.likeness(subject.traces_mv, self.index.traces([hit.row for hit in hits]))
        best = np.argsort(-alike, kind="stable")[:k]
        return Ranking(tuple(hits[i].case_id for i in best))


@dataclass(frozen=True, eq=False)
class RandomInk:
    """The random encoder: what a well rectified page is worth before anything is learned.

    vectors: float32 [case, dim], unit norm, of the cases named by case_ids.
    """

    read: Callable[[Path], _Subject]
    encoder: RandomEncoder
    vectors: Vectors
    case_ids: tuple[str, ...]
    name: str = RandomEncoder.name

    def rank(self, photo: Path, k: int) -> Ranking:
        subject = _accepted(self.read, photo)
        if isinstance(subject, Ranking):
            return subject
        similarity = cosine(self.encoder.embed_ink([subject.ink]), self.vectors)
        return Ranking(tuple(self.case_ids[row] for row in top_k(similarity, k)[0]))


def random_ink(
    read: Callable[[Path], _Subject], sources: Sequence[RecordSource], rng: np.random.Generator
) -> RandomInk:
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
    return RandomInk(read, encoder, np.concatenate(vectors), tuple(case_ids))


def _accepted(read: Callable[[Path], _Subject], photo: Path) -> _Subject | Ranking:
    """The photo's canonical page, or the ranking that says why there is none."""
    try:
        subject = read(photo)
    except EcgClipError as error:
        return Ranking((), str(error))
    return subject if subject.input.accepted else _refusal(subject.input)


def _refusal(verdict: _Verdict) -> Ranking:
    return Ranking((), verdict.reason or "no reason was given")
