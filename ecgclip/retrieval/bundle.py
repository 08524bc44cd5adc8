"""`Bundle`: an index as a folder on disk, opened for search. The format stands in index/README.md.

Opening reads the manifest and maps the vectors; numpy and sqlite3 are all that is imported.
"""

import os
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ecgclip.errors import ConfigError, IndexStoreError
from ecgclip.retrieval.base import Mask, VectorIndex, Vectors, open_engine
from ecgclip.retrieval.cases import Case, CaseStore, Traces
from ecgclip.retrieval.flat import FlatIndex
from ecgclip.retrieval.manifest import (
    CASES,
    REPORT_VECTORS,
    SKETCHES,
    VECTORS,
    Manifest,
    check_sizes,
    read_manifest,
    seal,
)
from ecgclip.retrieval.partial import Spec
from ecgclip.retrieval.sketch import SKETCH_DIM, Sketches, likest
from ecgclip.retrieval.swap import old_path
from ecgclip.retrieval.vector_file import read_vectors
from ecgclip.retrieval.where import compile_where
from ecgclip.retrieval.writer import bring_back, check_model, update_bundle

_ATTEMPTS: Final = 20
_PAUSE_S: Final = 0.05
"""Looks at an index that another process is just replacing, and the time between them."""


class Side(StrEnum):
    """What of the cases a vector is compared with."""

    IMAGE = "image"
    REPORT = "report"


@dataclass(frozen=True)
class Hit:
    """A case found: score is the cosine, row the number of its vector."""

    case_id: str
    score: float
    row: int


class Bundle:
    """The cases of one index and the search over them."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._load()

    def _load(self) -> None:
        self.manifest: Manifest = read_manifest(self.path)
        check_sizes(self.manifest, self.path)
        self.cases = CaseStore(self.path / CASES)
        """All cases in the order of their rows: iterable, with a length."""
        self.vectors: Vectors = _mapped(self.path / VECTORS, self.manifest)
        self.report_vectors: Vectors = _mapped(self.path / REPORT_VECTORS, self.manifest)
        self.sketches: Sketches = _mapped(self.path / SKETCHES, self.manifest, np.int8, SKETCH_DIM)
        self._engines: dict[Side, VectorIndex] = {}

    def __len__(self) -> int:
        return self.manifest.count

    @property
    def dim(self) -> int:
        return self.manifest.dim

    def close(self) -> None:
        self.cases.close()

    def check_model(self, model_hash: str, geometry: str = "") -> None:
        """IndexStoreError where the vectors come from other weights, or from another canonical page."""
        check_model(self.path, self.manifest, model_hash, geometry)

    def search(
        self,
        vectors: npt.NDArray[np.floating],
        k: int,
        where: str | Mask | None = None,
        *,
        side: Side = Side.IMAGE,
    ) -> list[list[Hit]]:
        """The k nearest cases of each vector, best first; fewer where fewer meet `where`.

        vectors: [query, dim] or [dim], unit norm; where: a filter, or the rows that `allowed` found by one.
        Errors: FilterError, ConfigError for k below 1, IndexStoreError for vectors that do not fit.
        """
        if k < 1:
            raise ConfigError(f"k is {k}; expected 1 or more cases")
        queries = self._queries(vectors)
        scores, rows = self._engine(side).search(queries, k, self.allowed(where))
        names = self.cases.ids(sorted(set(rows.ravel().tolist())))
        return [
            [Hit(names[row], score, row) for score, row in zip(line, places, strict=True)]
            for line, places in zip(scores.tolist(), rows.tolist(), strict=True)
        ]

    def same_tracing(
        self, traces_mv: Traces, vector: npt.NDArray[np.floating], k: int, where: str | Mask | None = None
    ) -> list[Hit]:
        """The k cases whose tracing looks most like this one [4, 1000]; their scores are still the cosine.

        They may be the very record, however many others lie nearer to `vector` [dim].
        """
        rows = likest(traces_mv, self.sketches, k, self.allowed(where))
        scores = self.vectors[rows] @ self._queries(vector)[0]
        names = self.cases.ids(rows.tolist())
        return [Hit(names[row], float(score), row) for row, score in zip(rows.tolist(), scores, strict=True)]

    def case(self, case_id: str) -> Case:
        """One case; IndexStoreError where there is none of that name."""
        case = self.cases.get(case_id)
        if case is None:
            raise IndexStoreError(f"index {self.path} has no case {case_id!r}; it has {len(self)} others")
        return case

    def traces(self, rows: Sequence[int]) -> Traces:
        """Row traces of some cases, float32 [row, 4, 1000] in mV at 100 Hz, NaN where unknown."""
        return self.cases.traces(rows)

    def allowed(self, where: str | Mask | None) -> Mask | None:
        """The rows that meet a filter, bool [row]; None where there is no filter."""
        if isinstance(where, str):
            return self.cases.allowed(compile_where(where), len(self))
        return where

    def add(
        self,
        cases: Sequence[Case],
        vectors: Vectors,
        report_vectors: Vectors | None = None,
        traces: npt.NDArray[np.floating] | None = None,
    ) -> None:
        """Add or replace cases, on disk and here, as `BundleWriter.add`; writes the whole index anew."""
        with update_bundle(self.path, self._spec()) as writer:
            writer.add(cases, vectors, report_vectors, traces)
        self._reload()

    def remove(self, case_ids: Iterable[str] = (), patient_ids: Iterable[str] = ()) -> int:
        """Remove cases by name or by patient, on disk and here; returns how many there were."""
        with update_bundle(self.path, self._spec()) as writer:
            removed = writer.remove(case_ids, patient_ids)
        self._reload()
        return removed

    def verify(self) -> list[str]:
        """What is wrong with the files: checksums, the database, norms, counts; empty when all is well."""
        problems = [
            f"{name} differs from its checksum"
            for name, expected in self.manifest.files.items()
            if seal(self.path / name) != expected
        ]
        problems += [f"{CASES}: {problem}" for problem in self.cases.problems()]
        if len(self.cases) != len(self):
            problems.append(f"{CASES} has {len(self.cases)} cases; expected {len(self)}")
        norms = np.concatenate([np.ones(1), *_norms(self.vectors)])
        wrong = int((~(np.abs(norms - 1) < 1e-3)).sum())
        return problems + ([f"{VECTORS} has {wrong} vectors that are not of unit norm"] if wrong else [])

    def _engine(self, side: Side) -> VectorIndex:
        if side not in self._engines:
            self._engines[side] = (
                open_engine(self.manifest.engine, self.vectors, self.path)
                if side is Side.IMAGE
                else FlatIndex(self.report_vectors)
            )
        return self._engines[side]

    def _queries(self, vectors: npt.NDArray[np.floating]) -> Vectors:
        queries = np.atleast_2d(np.asarray(vectors, np.float32))
        if queries.ndim != 2 or queries.shape[1] != self.dim or not np.isfinite(queries).all():
            raise IndexStoreError(
                f"vectors of shape {np.shape(vectors)} were given; expected finite ones [query, {self.dim}]"
            )
        return queries

    def _spec(self) -> Spec:
        manifest = self.manifest
        return Spec(manifest.model_hash, manifest.dim, manifest.geometry, manifest.engine)

    def _reload(self) -> None:
        self.cases.close()
        self._load()


def open_bundle(path: str | os.PathLike[str], *, model_hash: str | None = None, geometry: str = "") -> Bundle:
    """Open an index for search; IndexStoreError says why it cannot be.

    model_hash, geometry: of the model and the canonical page that will ask; None does not check.
    """
    bundle = _opened(Path(path))
    if model_hash is not None:
        bundle.check_model(model_hash, geometry)
    return bundle


def _opened(path: Path) -> Bundle:
    """The bundle, all of one generation, though a writer may replace it at this moment."""
    for _ in range(_ATTEMPTS):
        try:
            bundle = Bundle(path)
            if read_manifest(path).generation == bundle.manifest.generation:
                return bundle
            bundle.close()
        except IndexStoreError:
            if not old_path(path.resolve()).exists():
                raise
            with suppress(IndexStoreError):
                bring_back(path)
        time.sleep(_PAUSE_S)
    return Bundle(path)


def _mapped(path: Path, manifest: Manifest, number: type = np.float32, dim: int | None = None) -> Any:
    """A table of the index as a memory map, [count, dim], by default as many numbers wide as a vector."""
    try:
        table = read_vectors(path)
    except (ValueError, OSError) as error:
        raise IndexStoreError(
            f"{path} is damaged ({error}); build the index anew with build-index"
        ) from error
    shape = (manifest.count, dim or manifest.dim)
    if table.dtype != number or table.shape != shape:
        raise IndexStoreError(
            f"{path} holds {table.dtype} {table.shape}; expected {np.dtype(number)} {shape}"
        )
    return table


def _norms(vectors: Vectors) -> Iterable[npt.NDArray[np.floating]]:
    for start in range(0, len(vectors), 1 << 16):
        yield np.linalg.norm(vectors[start : start + (1 << 16)], axis=1)
