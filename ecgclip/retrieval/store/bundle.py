"""`Bundle`: an index as a folder on disk, opened for search. The format stands in index/README.md.

A bundle follows its index: every search uses a `Snapshot` of what lies on disk when it begins, and keeps it
to its end. Opening reads the manifest and the heads of the tables; numpy and
sqlite3 are all that is imported.
"""

import os
import time
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Final

from ecgclip.errors import IndexStoreError
from ecgclip.retrieval.case import Case
from ecgclip.retrieval.store.cases import CaseStore
from ecgclip.retrieval.store.checks import check_model
from ecgclip.retrieval.store.index_files import IndexFiles, stamp_of
from ecgclip.retrieval.store.leftovers import clear_leftovers
from ecgclip.retrieval.store.manifest import Manifest
from ecgclip.retrieval.store.snapshot import Hit, Side, Snapshot
from ecgclip.retrieval.store.swap import old_path
from ecgclip.typing import Bools, Float32s, Floats, Vectors

if TYPE_CHECKING:
    from ecgclip.retrieval.store.writer import BundleWriter

__all__ = ["Bundle", "Hit", "Side", "Snapshot", "open_bundle"]

_ERRORS_BELIEVED: Final = 3
"""Errors in a row, with the folder unchanged between them, after which the index counts as damaged."""
_PATIENCE_S: Final = 5.0
_PAUSE_S: Final = 0.002
_MISSING_LONG: Final = 25
"""Attempts to open an absent index (50 ms) before its writer counts as dead and its swap is undone."""


class Bundle:
    """The cases of one index and the search over them.

    It follows changes that other processes make on disk. Any number of threads may search, change and close
    it.

    Attributes:
        path: The folder of the index.
        manifest: What the index says about itself: model hash, page geometry, number of cases, checksums.
        dim: Numbers in a vector.
        cases: All cases in the order of their rows: iterable, with a length.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._place = path.absolute()
        self._lock = Lock()
        self._snapshot: Snapshot | None = _open_snapshot(path)

    def snapshot(self) -> Snapshot:
        """The index as it lies on disk now, for several calls that must see the same state.

        Raises:
            IndexStoreError: Where the bundle was closed, or the index is gone, damaged or now of another
                model.
        """
        with self._lock:
            held = self._snapshot
            if held is None:
                raise IndexStoreError(f"index {self.path} was closed; open it again with open_index")
            if stamp_of(self._place) != held.stamp:
                held = self._snapshot = self._followed(held.manifest)
            return held

    def close(self) -> None:
        """Refuse further calls; searches under way finish first, then the files are closed."""
        with self._lock:
            self._snapshot = None

    def __len__(self) -> int:
        return len(self.snapshot())

    @property
    def manifest(self) -> Manifest:
        return self.snapshot().manifest

    @property
    def dim(self) -> int:
        return self.snapshot().dim

    @property
    def cases(self) -> CaseStore:
        """All cases in the order of their rows: iterable, with a length."""
        return self.snapshot().cases

    @property
    def vectors(self) -> Vectors:
        return self.snapshot().vectors

    @property
    def report_vectors(self) -> Vectors:
        return self.snapshot().report_vectors

    def check_model(self, model_hash: str, geometry: str = "", dim: int | None = None) -> None:
        """IndexStoreError where the vectors come from other weights, or from another canonical page."""
        check_model(self.path, self.manifest, model_hash, geometry, dim)

    def search(
        self,
        vectors: Floats,
        k: int,
        where: str | Bools | None = None,
        *,
        side: Side = Side.IMAGE,
    ) -> list[list[Hit]]:
        """See `Snapshot.search`."""
        return self.snapshot().search(vectors, k, where, side=side)

    def case(self, case_id: str) -> Case:
        """See `Snapshot.case`."""
        return self.snapshot().case(case_id)

    def traces(self, rows: Sequence[int]) -> Float32s:
        """See `Snapshot.traces`; where others change the index, take a snapshot: it alone knows its rows."""
        return self.snapshot().traces(rows)

    def add(
        self,
        cases: Sequence[Case],
        vectors: Vectors,
        report_vectors: Vectors | None = None,
        traces: Floats | None = None,
    ) -> None:
        """Add cases, or replace those of the same `case_id`; writes the whole index anew.

        Args:
            cases: What is stored of each case.
            vectors: Of their pages, float32 [case, dim], unit norm.
            report_vectors: Of their reports, the same shape, 0 where a case has none.
            traces: float32 [case, 4, 1000] in mV at 100 Hz, NaN where the record shows nothing.

        Raises:
            IndexStoreError: Where another process writes, or cases and arrays do not fit together.
        """
        with self._writing() as writer:
            writer.add(cases, vectors, report_vectors, traces)

    def remove(self, case_ids: Iterable[str] = (), patient_ids: Iterable[str] = ()) -> int:
        """Remove cases, so that nothing of them is left in the index or in leftovers of stopped writers.

        Args:
            case_ids: Names of cases.
            patient_ids: All cases of these patients are removed.

        Returns:
            How many cases were removed.

        Raises:
            IndexStoreError: Where another process writes.
        """
        with self._writing() as writer:
            return writer.remove(case_ids, patient_ids)

    def verify(self) -> list[str]:
        """Check all files (checksums, database, norms, leftovers).

        One sentence a problem, empty when all is well.
        """
        from ecgclip.retrieval.store.verification import problems

        return problems(self.snapshot())

    def _followed(self, before: Manifest) -> Snapshot:
        snapshot = _open_snapshot(self._place)
        now = snapshot.manifest
        if (now.model_hash, now.geometry) != (before.model_hash, before.geometry):
            raise IndexStoreError(
                f"index {self.path} was replaced by one of another model or page "
                f"({now.model_hash[:12]}, it was {before.model_hash[:12]}); open it again, with that model"
            )
        return snapshot

    def _writing(self) -> "AbstractContextManager[BundleWriter]":
        # here and not at the top: a question writes nothing, and starts the sooner
        from ecgclip.retrieval.store.partial import Spec
        from ecgclip.retrieval.store.writer import update_bundle

        manifest = self.manifest
        return update_bundle(self._place, Spec(manifest.model_hash, manifest.dim, manifest.geometry))


def open_bundle(
    path: str | os.PathLike[str],
    *,
    model_hash: str | None = None,
    geometry: str = "",
    dim: int | None = None,
) -> Bundle:
    """Open an index for search; IndexStoreError says why it cannot be opened.

    Leftovers of a killed writer are deleted where this user may.
    model_hash, geometry, dim: of the model and the canonical page of the queries; None does not check.
    """
    clear_leftovers(Path(path))
    bundle = Bundle(Path(path))
    if model_hash is not None:
        bundle.check_model(model_hash, geometry, dim)
    return bundle


def _open_snapshot(path: Path) -> Snapshot:
    """The index as it is now, all of one generation; IndexStoreError says why there is none.

    Between the two renames of a commit the index has no name, and a folder that was just opened may lose its
    files. So an error counts only where nothing moved meanwhile.
    """
    until, calm, attempts = time.monotonic() + _PATIENCE_S, 0, 0
    while True:
        before = _place(path)
        try:
            return Snapshot(IndexFiles(path))
        except IndexStoreError:
            attempts += 1
            calm = calm + 1 if _is_unchanged(path, before) else 0
            if calm == _ERRORS_BELIEVED or time.monotonic() > until:
                raise
        if attempts % _MISSING_LONG == 0:
            clear_leftovers(path)  # renames an index back whose writer died between the renames
        time.sleep(_PAUSE_S)


def _is_unchanged(path: Path, before: tuple[int, int] | None) -> bool:
    """Whether the name still stands for the same folder, or for none and no commit is under way."""
    if before is None and os.path.lexists(old_path(path.resolve())):
        return False
    return _place(path) == before


def _place(path: Path) -> tuple[int, int] | None:
    try:
        stat = os.stat(path)
    except OSError:
        return None
    return stat.st_dev, stat.st_ino
