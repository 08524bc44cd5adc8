"""What is wrong with an index: everything is read once and compared with what it should be."""

from collections.abc import Iterator

import numpy as np

from ecgclip.errors import IndexStoreError
from ecgclip.retrieval.leftovers import clear_leftovers
from ecgclip.retrieval.manifest import CASES, REPORT_VECTORS, VECTORS
from ecgclip.retrieval.snapshot import Snapshot
from ecgclip.retrieval.vector_file import Table

_ROWS_AT_ONCE = 1 << 16
_TOLERANCE = 1e-3


def problems(snapshot: Snapshot) -> list[str]:
    """Checksums, the database, rows, norms, leftovers of stopped writers; empty when all is well."""
    found = [
        f"{name} differs from its checksum"
        for name, expected in snapshot.manifest.files.items()
        if snapshot.files.seal(name) != expected
    ]
    if not found:
        found = [*_of_cases(snapshot), *_of_vectors(snapshot)]
    return found + [
        f"{path} was left by a writer that was stopped and may hold removed cases; delete it"
        for path in clear_leftovers(snapshot.path)
    ]


def _of_cases(snapshot: Snapshot) -> list[str]:
    try:
        return [f"{CASES}: {problem}" for problem in snapshot.cases.problems()]
    except IndexStoreError as error:
        return [str(error)]


def _of_vectors(snapshot: Snapshot) -> Iterator[str]:
    wrong = _not_unit(snapshot.vectors, or_zero=False)
    if wrong:
        yield f"{VECTORS} has {wrong} vectors that are not of unit norm"
    wrong = _not_unit(snapshot.report_vectors, or_zero=True)
    if wrong:
        yield f"{REPORT_VECTORS} has {wrong} vectors that are neither of unit norm nor 0"


def _not_unit(vectors: Table, *, or_zero: bool) -> int:
    wrong = 0
    for start in range(0, len(vectors), _ROWS_AT_ONCE):
        norms = np.linalg.norm(vectors[start : start + _ROWS_AT_ONCE], axis=1)
        good = np.abs(norms - 1) < _TOLERANCE
        wrong += int((~(good | (norms == 0)) if or_zero else ~good).sum())
    return wrong
