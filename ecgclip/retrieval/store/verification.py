"""Verification of an index: every file is read once and checked."""

from collections.abc import Iterator
from contextlib import suppress

from ecgclip.errors import IndexStoreError
from ecgclip.retrieval.store.leftovers import clear_leftovers
from ecgclip.retrieval.store.manifest import CASES, REPORT_VECTORS, SIGNATURES, VECTORS
from ecgclip.retrieval.store.private_file import is_writable_by_others
from ecgclip.retrieval.store.snapshot import Snapshot


def problems(snapshot: Snapshot) -> list[str]:
    """Checksums, the database, rows, norms, leftovers of stopped writers; empty when all is well."""
    found = [
        f"{name} differs from its checksum"
        for name, expected in snapshot.manifest.files.items()
        if snapshot.files.seal(name) != expected
    ]
    if not found:
        found = [*_of_cases(snapshot), *_of_tables(snapshot)]
    found += _of_permissions(snapshot)
    return found + [
        f"{path} was left by a writer that was stopped and may hold removed cases; delete it"
        for path in clear_leftovers(snapshot.place)
    ]


def _of_permissions(snapshot: Snapshot) -> Iterator[str]:
    """A problem where others may write to the folder: they could change every answer."""
    with suppress(FileNotFoundError):  # replaced meanwhile: by one that a writer made
        if is_writable_by_others(snapshot.place):
            yield f"{snapshot.place} can be changed by others; run chmod -R go= {snapshot.place}"


def _of_cases(snapshot: Snapshot) -> list[str]:
    try:
        return [f"{CASES}: {problem}" for problem in snapshot.cases.problems()]
    except IndexStoreError as error:
        return [str(error)]


def _of_tables(snapshot: Snapshot) -> Iterator[str]:
    for table in (VECTORS, REPORT_VECTORS, SIGNATURES):
        try:
            snapshot.check_table(table)
        except IndexStoreError as error:
            yield str(error)
