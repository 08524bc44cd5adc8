"""`update_bundle`: change an index, all or nothing.

The next index grows in a hidden folder beside the index and takes its name when it is complete; until then,
and whatever happens, the index stays as it was.
"""

import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from errno import EDQUOT, EFBIG, ENOSPC
from pathlib import Path
from uuid import uuid4

import numpy as np

from ecgclip.errors import IndexStoreError
from ecgclip.paper.traces import TRACES_SHAPE
from ecgclip.retrieval.backends.registry import DEFAULT, Backend, backend_class
from ecgclip.retrieval.case import Case
from ecgclip.retrieval.store.cases import CaseStore
from ecgclip.retrieval.store.checks import check_added, check_model
from ecgclip.retrieval.store.index_files import IndexFiles, seal
from ecgclip.retrieval.store.lock import writing_lock
from ecgclip.retrieval.store.manifest import CASES, FILES, MANIFEST, Manifest, write_manifest
from ecgclip.retrieval.store.partial import Partial, Spec, begin, is_resumable
from ecgclip.retrieval.store.private_file import give_to_owner_of, open_for_writing, sync
from ecgclip.retrieval.store.swap import (
    STATE,
    delete_own,
    partial_path,
    recover_interrupted_swap,
    retire,
    swap,
)
from ecgclip.typing import Floats, Vectors

_FULL = (ENOSPC, EDQUOT, EFBIG)


class BundleWriter:
    """The changes to one index, collected in a folder that the first of them makes; see `update_bundle`."""

    def __init__(self, index: Path, spec: Spec, *, resume: bool) -> None:
        self._index = index
        self._spec = spec
        self._resume = resume
        self._folder = partial_path(index)
        self._base = _base(index, spec)
        """The index as it is; None where there is none."""
        self._backend = _backend(spec, self._base)
        self._partial = self._resumed() if resume else None
        self._changed = self._partial is not None

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
        traces: Floats | None = None,
    ) -> None:
        """Add cases; one whose case_id is there already is replaced.

        vectors: float32 [case, dim], unit norm; report_vectors: the same of the reports, 0 for none;
        traces: [case, 4, 1000] in mV at 100 Hz, NaN where the record shows nothing.
        """
        with _translate_io_errors(self._index):
            reports = np.zeros_like(vectors) if report_vectors is None else report_vectors
            rows = np.full((len(cases), *TRACES_SHAPE), np.nan) if traces is None else traces
            check_added(cases, vectors, reports, rows, self._spec.dim)
            self._growing().upsert(cases, vectors, reports, rows)
            self._changed = True

    def remove(self, case_ids: Iterable[str] = (), patient_ids: Iterable[str] = ()) -> int:
        """Remove cases by name or by patient; returns how many there were."""
        with _translate_io_errors(self._index):
            removed = self._growing().remove("case_id", case_ids)
            removed += self._growing().remove("patient_id", patient_ids)
            self._changed |= removed > 0
            return removed

    def checkpoint(self) -> None:
        """Make what was done so far survive a kill, for `resume` to find."""
        with _translate_io_errors(self._index):
            if self._partial is not None:
                self._partial.commit()

    def commit(self) -> None:
        """The folder becomes the index; nothing happens where nothing was changed."""
        with _translate_io_errors(self._index):
            if self._base is not None and self._base.manifest.backend is not self._backend:
                self._growing()
                self._changed = True
        if self._partial is None or not self._changed:
            self.abandon(keep=False)
            return
        with _translate_io_errors(self._index):
            generation = uuid4().hex
            self._seal(generation, self._partial.finish(generation))
            (self._folder / STATE).unlink(missing_ok=True)
            give_to_owner_of(self._index, self._folder)
            swap(self._index)
        self._retire()

    def abandon(self, *, keep: bool) -> None:
        """Leave the index as it was; keep: leave the last checkpoint for a later run to resume."""
        if self._partial is not None:
            with suppress(OSError):  # what was still in memory may find the disk full once more
                self._partial.close()
        with suppress(OSError):  # the next reader or writer tries again
            recover_interrupted_swap(self._index)
        if not (keep and (self._folder / STATE).exists()):
            with suppress(OSError):
                delete_own(self._folder)

    def _of_base(self, column: Callable[[CaseStore], dict[str, str]]) -> dict[str, str]:
        if self._base is None:
            return {}
        return column(self._cases(self._base))

    def _cases(self, base: IndexFiles) -> CaseStore:
        return CaseStore(self._index / CASES, base.handle(CASES), base.manifest.count)

    def _resumed(self) -> Partial | None:
        """The folder of a stopped run, at its last commit; None where there is none that fits."""
        generation = self._base.manifest.generation if self._base else ""
        if not is_resumable(self._folder, self._spec, generation):
            return None
        try:
            return Partial(self._folder, self._spec.dim)
        except (sqlite3.Error, FileNotFoundError, IndexStoreError):
            return None  # half deleted: the work is done anew

    def _growing(self) -> Partial:
        if self._partial is None:
            if self._base is not None:
                self._cases(self._base).check_pages()
            self._partial = begin(self._folder, self._spec, self._base, resumable=self._resume)
        return self._partial

    def _seal(self, generation: str, count: int) -> None:
        spec = self._spec
        files = {}
        for name in FILES:
            with open_for_writing(self._folder / name) as file:
                files[name] = seal(file.fileno())
        now = datetime.now(UTC).isoformat(timespec="seconds")
        manifest = Manifest(
            generation, spec.model_hash, spec.geometry, spec.dim, count, self._backend, now, files
        )
        write_manifest(manifest, self._folder)
        sync(self._folder / MANIFEST)
        sync(self._folder)

    def _retire(self) -> None:
        """Delete the old index: a removal is done only when that is."""
        try:
            retire(self._index)
        except OSError as error:
            raise IndexStoreError(
                f"index {self._index} was written, but the old one beside it could not be deleted ({error}); "
                f"it holds what was removed: mend that and run ecgclip verify --index {self._index}"
            ) from error


@contextmanager
def update_bundle(
    path: str | os.PathLike[str], spec: Spec, *, resume: bool = False
) -> Iterator[BundleWriter]:
    """Change the index at `path`, or make it; takes effect when the block ends, and not when it raises.

    resume: continue from the last checkpoint of a run that was stopped, and keep one if this run is stopped.
    Errors: IndexStoreError where another process writes, another model built the index, or the disk is full;
    ConfigError where the package of the backend is not installed.
    """
    index = Path(path).resolve()
    with _translate_io_errors(index):
        index.parent.mkdir(parents=True, exist_ok=True)
    with writing_lock(index), update_locked(index, spec, resume=resume) as writer:
        yield writer


@contextmanager
def update_locked(index: Path, spec: Spec, *, resume: bool = False) -> Iterator[BundleWriter]:
    """`update_bundle` for one who holds the writing lock of the index, a resolved path."""
    with _translate_io_errors(index):
        recover_interrupted_swap(index)
        writer = BundleWriter(index, spec, resume=resume)
    try:
        yield writer
        writer.commit()
    except BaseException:
        writer.abandon(keep=resume)
        raise


def _base(index: Path, spec: Spec) -> IndexFiles | None:
    if not index.exists() or (index.is_dir() and not any(index.iterdir())):
        return None
    files = IndexFiles(index)
    check_model(index, files.manifest, spec.model_hash, spec.geometry, spec.dim)
    return files


def _backend(spec: Spec, base: IndexFiles | None) -> Backend:
    """That of the spec, else of the index, else the default; ConfigError where it is not installed."""
    if base is not None and spec.backend in (None, base.manifest.backend):
        return base.manifest.backend
    backend = spec.backend or DEFAULT
    backend_class(backend).check_installed()
    return backend


@contextmanager
def _translate_io_errors(index: Path) -> Iterator[None]:
    """Raise errors of the disk and of SQLite as an IndexStoreError of one line."""
    try:
        yield
    except (OSError, sqlite3.Error) as error:
        full = (isinstance(error, OSError) and error.errno in _FULL) or "disk is full" in str(error)
        what = "the disk is full" if full else str(error)
        then = "make room and run the command again" if full else "mend that and run the command again"
        raise IndexStoreError(
            f"index {index} could not be written: {what}; it is as it was; {then}"
        ) from error
