"""Ways to rank prior cases for a page that was read: the whole engine, and its embedding alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from ecgclip.paper.page import CanonicalPage
from ecgclip.typing import Vectors

if TYPE_CHECKING:
    from ecgclip.engine.query_input import QueryInput


class Ranker(Protocol):
    """A named way to rank prior cases for an accepted page: the first k case_ids, best first."""

    @property
    def name(self) -> str: ...
    def rank(self, asked: "QueryInput", k: int) -> tuple[str, ...]: ...


class _Match(Protocol):
    @property
    def case_id(self) -> str: ...


class _Answer(Protocol):
    @property
    def matches(self) -> Sequence[_Match]: ...


class _Engine(Protocol):
    def answer(self, asked: "QueryInput", k: int) -> _Answer: ...


class _Model(Protocol):
    def embed_pages(self, pages: Sequence[CanonicalPage]) -> Vectors: ...


class _Index(Protocol):
    def search(self, vectors: Vectors, k: int) -> Sequence[Sequence[_Match]]: ...


@dataclass(frozen=True)
class WholeEngine:
    """The engine as a user has it: vectors first, traces for the nearest."""

    engine: _Engine
    name: str = "engine"

    def rank(self, asked: "QueryInput", k: int) -> tuple[str, ...]:
        return tuple(match.case_id for match in self.engine.answer(asked, k).matches)


@dataclass(frozen=True)
class EmbeddingAlone:
    """Nearest vectors, without a look at the traces."""

    model: _Model
    index: _Index
    name: str = "embedding alone"

    def rank(self, asked: "QueryInput", k: int) -> tuple[str, ...]:
        hits = self.index.search(self.model.embed_pages([asked.page]), k)[0]
        return tuple(hit.case_id for hit in hits)
