"""`Snapshot`: one generation of an index, opened for search; nothing about it ever changes.

A search takes one and uses it to its end. It stays readable when the index is replaced or closed meanwhile,
and closes its files when its last user is done.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from threading import RLock

import numpy as np

from ecgclip.errors import FilterError, IndexStoreError
from ecgclip.retrieval.backends.base import VectorIndex, check_k
from ecgclip.retrieval.backends.registry import open_backend
from ecgclip.retrieval.case import Case
from ecgclip.retrieval.signature import nearest_by_signature
from ecgclip.retrieval.store.cases import CaseStore
from ecgclip.retrieval.store.index_files import IndexFiles
from ecgclip.retrieval.store.manifest import CASES, REPORT_VECTORS, SIGNATURES, VECTORS
from ecgclip.retrieval.store.table import check_header, check_table, read_table, table_forms
from ecgclip.retrieval.store.where import compile_where
from ecgclip.typing import Array, Bools, Float32s, Floats, Int8s, Traces, Vectors


class Side(StrEnum):
    """Which vectors of the cases a query is compared with."""

    IMAGE = "image"
    REPORT = "report"


@dataclass(frozen=True)
class Hit:
    """A case found: score is the cosine, row the number of its vector in the snapshot that was searched."""

    case_id: str
    score: float
    row: int


class Snapshot:
    """The cases of one generation and the search over them; tables are read when they are first needed."""

    def __init__(self, files: IndexFiles) -> None:
        self.path = files.path
        self.place = files.path.absolute()
        """Its absolute path: the program may change its working folder."""
        self.manifest = files.manifest
        self.stamp = files.stamp
        self._files = files
        self._forms = table_forms(self.manifest)
        for name, form in self._forms.items():
            check_header(files, name, form)
        self.cases = CaseStore(self.path / CASES, files.handle(CASES), len(self), self.manifest.generation)
        """All cases in the order of their rows: iterable, with a length."""
        self._lock = RLock()
        self._tables: dict[str, Array] = {}
        self._backends: dict[Side, VectorIndex] = {}

    def __len__(self) -> int:
        return self.manifest.count

    @property
    def dim(self) -> int:
        return self.manifest.dim

    @property
    def files(self) -> IndexFiles:
        return self._files

    @property
    def vectors(self) -> Vectors:
        """float32 [row, dim]: of the pages."""
        return self._table(VECTORS)

    @property
    def report_vectors(self) -> Vectors:
        """float32 [row, dim]: of the reports, 0 where there is none."""
        return self._table(REPORT_VECTORS)

    @property
    def signatures(self) -> Int8s:
        """int8 [row, 128]: of the traces."""
        return self._table(SIGNATURES)

    def search(
        self,
        vectors: Floats,
        k: int,
        where: str | Bools | None = None,
        *,
        side: Side = Side.IMAGE,
    ) -> list[list[Hit]]:
        """The k nearest cases of each vector by cosine, best first.

        Args:
            vectors: [query, dim] or [dim], unit norm.
            k: How many cases.
            where: A filter such as `sex = "female" and age > 60`, or the rows that it allows, bool [row].
            side: Whether the vectors of pages or of reports are searched.

        Returns:
            A list a query; fewer than k hits where fewer cases meet the filter.

        Raises:
            FilterError: Where the filter is not understood.
            ConfigError: Where k is below 1.
            IndexStoreError: Where the vectors do not fit the index.
        """
        check_k(k)
        queries = self._queries(vectors)
        scores, rows = self._backend(side).search(queries, min(k, max(len(self), 1)), self.allowed(where))
        names = self.cases.ids(sorted(set(rows.ravel().tolist())))
        return [
            [Hit(names[row], score, row) for row, score in zip(places, line, strict=True)]
            for places, line in zip(rows.tolist(), scores.tolist(), strict=True)
        ]

    def search_traces(
        self, traces_mv: Traces, vector: Floats, k: int, where: str | Bools | None = None
    ) -> list[Hit]:
        """The k cases whose traces look most like these [4, 1000]; their scores are still the cosine.

        This finds the record of a photo itself, however many others lie nearer to `vector` [dim].
        """
        check_k(k)
        rows = nearest_by_signature(traces_mv, self.signatures, min(k, len(self)), self.allowed(where))
        scores = self.vectors[rows] @ self._queries(vector)[0]
        names = self.cases.ids(rows.tolist())
        return [Hit(names[row], float(score), row) for row, score in zip(rows.tolist(), scores, strict=True)]

    def case(self, case_id: str) -> Case:
        """One case; IndexStoreError where there is none of that name."""
        case = self.cases.get(case_id)
        if case is None:
            raise IndexStoreError(f"index {self.path} has no case {case_id!r}; it has {len(self)} others")
        return case

    def traces(self, rows: Sequence[int]) -> Float32s:
        """Row traces of some cases, float32 [row, 4, 1000] in mV at 100 Hz, NaN where unknown."""
        return self.cases.traces(rows)

    def allowed(self, where: str | Bools | None) -> Bools | None:
        """The rows that meet a filter, bool [row]; None where there is no filter."""
        if isinstance(where, str):
            return self.cases.allowed(compile_where(where))
        if where is not None and not isinstance(where, np.ndarray):
            raise FilterError(f"the filter is {where!r:.40}; expected text such as 'age > 60'")
        if where is not None and (where.dtype != np.bool_ or where.shape != (len(self),)):
            raise IndexStoreError(
                f"a mask of {where.dtype} {where.shape} was given; expected bool ({len(self)},): "
                "the rows of another state of the index are not those of this one"
            )
        return where

    def check_table(self, name: str) -> None:
        """IndexStoreError where a table is not what it should be; keeps nothing of it in memory."""
        check_table(self._files, name, self._forms[name])

    def _backend(self, side: Side) -> VectorIndex:
        with self._lock:
            if side not in self._backends:
                vectors = self.vectors if side is Side.IMAGE else self.report_vectors
                self._backends[side] = open_backend(self.manifest.backend, vectors)
            return self._backends[side]

    def _table(self, name: str) -> Array:
        with self._lock:
            if name not in self._tables:
                self._tables[name] = read_table(self._files, name, self._forms[name])
            return self._tables[name]

    def _queries(self, vectors: Floats) -> Vectors:
        queries = np.atleast_2d(np.asarray(vectors, np.float32))
        if queries.ndim != 2 or queries.shape[1] != self.dim or not np.isfinite(queries).all():
            raise IndexStoreError(
                f"vectors of shape {np.shape(vectors)} were given; expected finite ones [query, {self.dim}]"
            )
        return queries
