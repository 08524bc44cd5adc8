"""`Partial`: the next index as it grows in its folder, safe to be killed at any moment.

Vectors are written before the cases that name their rows are committed; what lies beyond the last commit is
cut off when the folder is opened again. A changed case gets a new row; the rows of changed and removed cases
stay as gaps until `finish`.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from ecgclip.errors import IndexStoreError
from ecgclip.retrieval.backends.registry import Backend
from ecgclip.retrieval.case import Case
from ecgclip.retrieval.signature import SIGNATURE_DIM, signatures
from ecgclip.retrieval.store.cases import trace_blobs
from ecgclip.retrieval.store.columns import INSERT, case_values
from ecgclip.retrieval.store.database import connect_for_writing, create_database, generation_mark
from ecgclip.retrieval.store.index_files import IndexFiles
from ecgclip.retrieval.store.manifest import CASES, FILES, MAX_BYTES, REPORT_VECTORS, SIGNATURES, VECTORS
from ecgclip.retrieval.store.private_file import (
    create_file,
    create_folder,
    first_bytes,
    is_folder,
    open_for_writing,
    sync,
)
from ecgclip.retrieval.store.swap import STATE, delete_own
from ecgclip.retrieval.store.vector_file import VectorFile
from ecgclip.typing import Floats, Vectors

_INSERT_TRACES: Final = "INSERT INTO traces VALUES (?, ?)"


@dataclass(frozen=True)
class Spec:
    """What all vectors of an index share.

    model_hash: the weights that made them; geometry: fingerprint of the canonical page they saw.
    backend: None keeps that of the index.
    """

    model_hash: str
    dim: int
    geometry: str = ""
    backend: Backend | None = None


class Partial:
    """Write access to the growing folder."""

    def __init__(self, folder: Path, dim: int) -> None:
        """Open a folder that `begin` made, at its last commit."""
        self.folder = folder
        open_for_writing(folder / CASES).close()  # no link, and no new database in place of a lost one
        self._db = connect_for_writing(folder / CASES)
        self._next_row = self._one("SELECT ifnull(max(row) + 1, 0) FROM cases")
        self._vectors = VectorFile(folder / VECTORS, dim, self._next_row)
        self._reports = VectorFile(folder / REPORT_VECTORS, dim, self._next_row)
        self._signatures = VectorFile(folder / SIGNATURES, SIGNATURE_DIM, self._next_row, "|i1")
        self._tables = (self._vectors, self._reports, self._signatures)
        self._loosened = False

    def upsert(self, cases: Sequence[Case], vectors: Vectors, reports: Vectors, traces: Floats) -> None:
        """Add cases in place of those with the same case_id, if there are any."""
        self.remove("case_id", (case.case_id for case in cases))
        self._vectors.write(self._next_row, vectors)
        self._reports.write(self._next_row, reports)
        self._signatures.write(self._next_row, signatures(traces.astype(np.float32)))
        rows = range(self._next_row, self._next_row + len(cases))
        self._next_row = rows.stop
        values = [(row, *case_values(case)) for row, case in zip(rows, cases, strict=True)]
        self._db.executemany(INSERT, values)
        self._db.executemany(_INSERT_TRACES, zip(rows, trace_blobs(traces), strict=True))

    def remove(self, column: str, values: Iterable[str]) -> int:
        """Delete the cases whose `case_id` or `patient_id` is one of the values; returns how many."""
        removed = 0
        for value in values:
            self._db.execute(
                f"DELETE FROM traces WHERE row IN (SELECT row FROM cases WHERE {column} = ?)", (value,)
            )
            removed += self._db.execute(f"DELETE FROM cases WHERE {column} = ?", (value,)).rowcount
        self._loosened |= removed > 0
        return removed

    def hashes(self) -> dict[str, str]:
        """case_id -> content_hash of what is in the folder now."""
        return dict(self._db.execute("SELECT case_id, content_hash FROM cases"))

    def commit(self) -> None:
        """Make everything so far survive a kill."""
        for file in self._tables:
            file.sync()
        self._db.commit()

    def finish(self, generation: str) -> int:
        """Close the gaps, wipe what is left of removed cases, close the files; returns how many cases."""
        self.commit()
        count = self._one("SELECT count(*) FROM cases")
        if count < self._next_row:
            (self.folder / STATE).unlink(missing_ok=True)  # moving rows is no work that can be resumed
            self._compact()
        if self._loosened:
            self._db.execute("VACUUM")
        self._db.execute(f"PRAGMA user_version = {generation_mark(generation)}")
        self._db.commit()
        self._db.close()
        for file in self._tables:
            file.finish(count)
        sync(self.folder / CASES)
        return count

    def close(self) -> None:
        self._db.close()
        for file in self._tables:
            file.close()

    def _compact(self) -> None:
        rows = np.array([row for (row,) in self._db.execute("SELECT row FROM cases ORDER BY row")], np.int64)
        for file in self._tables:
            file.keep(rows)
        moves = [(new, int(old)) for new, old in enumerate(rows) if new != old]
        for table in ("cases", "traces"):
            self._db.executemany(f"UPDATE {table} SET row = ? WHERE row = ?", moves)
        self._db.commit()

    def _one(self, query: str) -> int:
        return int(self._db.execute(query).fetchone()[0])


def begin(folder: Path, spec: Spec, base: IndexFiles | None, *, resumable: bool) -> Partial:
    """Create the folder as a copy of the index `base`, or empty.

    resumable: a later run may resume it.
    """
    delete_own(folder)
    create_folder(folder)
    if base is None:
        create_file(folder / CASES).close()
        create_database(folder / CASES)
    else:
        for name in FILES:
            base.copy(name, folder)
    if resumable:
        with create_file(folder / STATE) as file:
            file.write(_state(spec, base.manifest.generation if base else "").encode())
    return Partial(folder, spec.dim)


def is_resumable(folder: Path, spec: Spec, generation: str) -> bool:
    """Whether the folder grew from this generation for this model, so that a build can resume it."""
    try:
        found = first_bytes(folder / STATE, MAX_BYTES) if is_folder(folder) else b""
    except (OSError, IndexStoreError):
        return False
    return found == _state(spec, generation).encode()


def _state(spec: Spec, generation: str) -> str:
    """Contents of `partial.json`. base: generation of the index that the folder grew from, "" for none.

    The backend is not part of it: the folder holds nothing that depends on it.
    """
    vectors = {"model_hash": spec.model_hash, "dim": spec.dim, "geometry": spec.geometry}
    return json.dumps({"spec": vectors, "base": generation})
