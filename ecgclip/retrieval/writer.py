"""`update_bundle`: change an index, all or nothing.

The next index grows in a hidden folder beside the index and takes its name when it is complete; until then,
and whatever happens, the index stays as it was.
"""

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from errno import EDQUOT, EFBIG, ENOSPC
from pathlib import Path
from uuid import uuid4

import numpy as np
import numpy.typing as npt

from ecgclip.errors import IndexStoreError
from ecgclip.retrieval.base import Vectors, write_engine
from ecgclip.retrieval.cases import TRACES_SHAPE, Case, CaseStore
from ecgclip.retrieval.lock import writing_lock
from ecgclip.retrieval.manifest import (
    CASES,
    MANIFEST,
    REPORT_VECTORS,
    SKETCHES,
    VECTORS,
    Manifest,
    check_sizes,
    read_manifest,
    seal,
    write_manifest,
)
from ecgclip.retrieval.partial import STATE, Partial, Spec, begin, resumable
from ecgclip.retrieval.swap import partial_path, recover, swap, sync
from ecgclip.retrieval.vector_file import read_vectors

_FILES = (VECTORS, REPORT_VECTORS, SKETCHES, CASES, "index.faiss")
_FULL = (ENOSPC, EDQUOT, EFBIG)


class BundleWriter:
    """Changes to one index, in a folder that is made at the first of them. Made by `update_bundle`."""

    def __init__(self, index: Path, spec: Spec, *, resume: bool) -> None:
        self._index = index
        self._spec = spec
        self._folder = partial_path(index)
        self.base = _base(index, spec)
        """Manifest of the index as it is; None where there is none."""
        self._partial: Partial | None = None
        if resume and resumable(self._folder, spec, self._generation):
            self._partial = Partial(self._folder, spec.dim)
        self._changed = self._partial is not None

    @property
    def _generation(self) -> str:
        return self.base.generation if self.base else ""

    def base_hashes(self) -> dict[str, str]:
        """case_id -> content_hash in the index as it is."""
        return self._of_base(CaseStore.hashes)

    def hashes(self) -> dict[str, str]:
        """case_id -> content_hash with the changes so far, those of a resumed folder included."""
        return self.base_hashes() if self._partial is None else self._partial.hashes()

    def places(self) -> dict[str, str]:
        """case_id -> path that the case was read from, of the cases in the index as it is."""
        return self._of_base(CaseStore.places)

    def add(
        self,
        cases: Sequence[Case],
        vectors: Vectors,
        report_vectors: Vectors | None = None,
        traces: npt.NDArray[np.floating] | None = None,
    ) -> None:
        """Add cases; one whose case_id is there already is replaced.

        vectors: float32 [case, dim], unit norm; report_vectors: the same of the reports, 0 for none;
        traces: [case, 4, 1000] in mV at 100 Hz, NaN where the record shows nothing.
        """
        with _told(self._index):
            reports = np.zeros_like(vectors) if report_vectors is None else report_vectors
            rows = np.full((len(cases), *TRACES_SHAPE), np.nan) if traces is None else traces
            _check(cases, vectors, reports, rows, self._spec.dim)
            self._begun().upsert(cases, vectors, reports, rows)
            self._changed = True

    def remove(self, case_ids: Iterable[str] = (), patient_ids: Iterable[str] = ()) -> int:
        """Remove cases by name or by patient; returns how many there were."""
        with _told(self._index):
            removed = self._begun().remove("case_id", case_ids)
            removed += self._begun().remove("patient_id", patient_ids)
            self._changed |= removed > 0
            return removed

    def checkpoint(self) -> None:
        """What was done so far survives a kill and is found again by `resume`."""
        with _told(self._index):
            if self._partial is not None:
                self._partial.commit()

    def commit(self) -> None:
        """The folder becomes the index; nothing happens where nothing was changed."""
        if self._partial is None or not self._changed:
            self.abandon(keep=False)
            return
        with _told(self._index):
            count = self._partial.finish()
            self._seal(count)
            (self._folder / STATE).unlink(missing_ok=True)
            swap(self._index, _FILES)

    def abandon(self, *, keep: bool) -> None:
        """Leave the index as it was; keep: what reached a checkpoint stays, to be resumed."""
        if self._partial is not None:
            with suppress(OSError):  # what was still in memory may find the disk full once more
                self._partial.close()
        with suppress(OSError):  # the next reader or writer tries again
            recover(self._index, _FILES)
        if not (keep and (self._folder / STATE).exists()):
            shutil.rmtree(self._folder, ignore_errors=True)

    def _of_base(self, column: Callable[[CaseStore], dict[str, str]]) -> dict[str, str]:
        if self.base is None:
            return {}
        with closing(CaseStore(self._index / CASES)) as store:
            return column(store)

    def _begun(self) -> Partial:
        if self._partial is None:
            base = self._index if self.base else None
            self._partial = begin(self._folder, self._spec, base, self._generation)
        return self._partial

    def _seal(self, count: int) -> None:
        spec = self._spec
        extra = write_engine(spec.engine, read_vectors(self._folder / VECTORS), self._folder)
        names = (VECTORS, REPORT_VECTORS, SKETCHES, CASES, *extra)
        files = {name: seal(self._folder / name) for name in names}
        now = datetime.now(UTC).isoformat(timespec="seconds")
        manifest = Manifest(
            uuid4().hex, spec.model_hash, spec.geometry, spec.dim, count, spec.engine, now, files
        )
        write_manifest(manifest, self._folder)
        for name in (*extra, MANIFEST):
            sync(self._folder / name)
        sync(self._folder)


@contextmanager
def update_bundle(
    path: str | os.PathLike[str], spec: Spec, *, resume: bool = False
) -> Iterator[BundleWriter]:
    """Change the index at `path`, or make it; takes effect when the block ends, and not when it raises.

    resume: go on from the last checkpoint of a run that was stopped, and leave one if this one is.
    Errors: IndexStoreError where another process writes, another model built the index, or the disk is full.
    """
    index = Path(path).resolve()
    with _told(index):
        index.parent.mkdir(parents=True, exist_ok=True)
    with writing_lock(index):
        with _told(index):
            recover(index, _FILES)
            writer = BundleWriter(index, spec, resume=resume)
        try:
            yield writer
            writer.commit()
        except BaseException:
            writer.abandon(keep=resume)
            raise


def bring_back(path: str | os.PathLike[str]) -> None:
    """Undo a replacement that was stopped half-way; IndexStoreError where a writer is at work."""
    index = Path(path).resolve()
    with _told(index), writing_lock(index):
        recover(index, _FILES)


def _base(index: Path, spec: Spec) -> Manifest | None:
    if not index.exists() or (index.is_dir() and not any(index.iterdir())):
        return None
    manifest = read_manifest(index)
    check_sizes(manifest, index)
    check_model(index, manifest, spec.model_hash, spec.geometry)
    return manifest


def check_model(index: Path, manifest: Manifest, model_hash: str, geometry: str = "") -> None:
    """IndexStoreError where the vectors come from other weights, or from another canonical page."""
    if manifest.model_hash != model_hash:
        raise IndexStoreError(
            f"index {index} was built with the model {manifest.model_hash[:12]}, this is {model_hash[:12]}; "
            "use that model, or build another index with build-index"
        )
    if geometry and manifest.geometry and manifest.geometry != geometry:
        raise IndexStoreError(
            f"index {index} was built from pages of another geometry ({manifest.geometry[:12]}, "
            f"now {geometry[:12]}); build another index with build-index"
        )


def _check(
    cases: Sequence[Case],
    vectors: Vectors,
    reports: Vectors,
    traces: npt.NDArray[np.floating],
    dim: int,
) -> None:
    expected = (len(cases), dim)
    if vectors.shape != expected or reports.shape != expected:
        raise IndexStoreError(
            f"vectors of shape {vectors.shape} and {reports.shape} were given; expected {expected}"
        )
    if traces.shape != (len(cases), *TRACES_SHAPE):
        raise IndexStoreError(
            f"traces of shape {traces.shape} were given; expected {(len(cases), *TRACES_SHAPE)}"
        )
    if len({case.case_id for case in cases}) < len(cases):
        raise IndexStoreError("a case was given twice; expected each case_id once")
    norms = np.linalg.norm(vectors, axis=1)
    bad = np.flatnonzero(~(np.abs(norms - 1) < 1e-3))
    if bad.size:
        name = cases[bad[0]].case_id
        raise IndexStoreError(f"the vector of {name} has the norm {norms[bad[0]]:.4g}; expected unit vectors")
    if not np.isfinite(reports).all():
        raise IndexStoreError("a report's vector is not finite; expected unit vectors, or 0 for no report")


@contextmanager
def _told(index: Path) -> Iterator[None]:
    """Errors of the disk and of SQLite as one line."""
    try:
        yield
    except (OSError, sqlite3.Error) as error:
        full = (isinstance(error, OSError) and error.errno in _FULL) or "disk is full" in str(error)
        what = "the disk is full" if full else str(error)
        then = "make room and run the command again" if full else "mend that and run the command again"
        raise IndexStoreError(
            f"index {index} could not be written: {what}; it is as it was; {then}"
        ) from error
