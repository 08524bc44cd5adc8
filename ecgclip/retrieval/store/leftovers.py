"""Files that killed writers left beside an index; they may hold cases that were removed since.

The folder of a stopped build stays for the next build to resume it, or until somebody is removed.
"""

import json
import os
from collections.abc import Sequence
from pathlib import Path

from ecgclip.errors import IndexStoreError
from ecgclip.retrieval.store.database import Database
from ecgclip.retrieval.store.index_files import IndexFiles
from ecgclip.retrieval.store.lock import BusyIndexError, lock_path, writing_lock
from ecgclip.retrieval.store.manifest import CASES, MAX_BYTES
from ecgclip.retrieval.store.private_file import (
    closing_handle,
    first_bytes,
    is_folder,
    open_folder,
    open_for_reading,
    sync,
)
from ecgclip.retrieval.store.swap import (
    JOURNALS,
    STATE,
    delete_own,
    old_path,
    partial_path,
    recover_interrupted_swap,
)


def leftovers(index: Path) -> list[Path]:
    """Paths that should not exist while no writer is at work: old index, useless partial folder, journals."""
    found = [old_path(index)]
    if not holds_stopped_build(index):
        found.append(partial_path(index))
    found += [index / name for name in JOURNALS]
    return [path for path in found if os.path.lexists(path)]


def clear_leftovers(path: Path) -> list[Path]:
    """Delete what stopped writers left; returns what could not be deleted, because this user may not.

    Where a writer is at work, nothing is a leftover.
    """
    index = path.resolve()
    if not leftovers(index) and not os.path.lexists(lock_path(index)):
        return []
    try:
        with writing_lock(index, wait_s=0):
            clear_locked(index)
    except BusyIndexError:
        return []
    except (OSError, IndexStoreError):
        pass  # the caller reports what stays: users without write permission may search an index
    return leftovers(index)


def clear_locked(index: Path) -> None:
    """Delete what stopped writers left, or raise OSError. Needs the writing lock."""
    recover_interrupted_swap(index)
    if not holds_stopped_build(index):
        delete_own(partial_path(index))
    for journal in (index / name for name in JOURNALS):
        if os.path.lexists(journal):
            journal.unlink()
            sync(index)


def holds_stopped_build(path: Path) -> bool:
    """Whether the partial folder is of a build, stopped or under way, that grew from the index as it is."""
    index = path.resolve()
    folder = partial_path(index)
    if not is_folder(folder):
        return False
    try:
        base = json.loads(first_bytes(folder / STATE, MAX_BYTES))["base"]
        generation = IndexFiles(index).manifest.generation if index.exists() else ""
    except (OSError, ValueError, TypeError, KeyError, RecursionError, IndexStoreError):
        return False
    return bool(base == generation)


def places_with(index: Path, column: str, value: str, sources: Sequence[str] = ()) -> list[Path]:
    """The index and its leftovers, resumable or not, that hold a case or a patient, or may hold them.

    column: `case_id` or `patient_id`; sources: in these alone. Needs the writing lock.
    """
    folders = (index, old_path(index), partial_path(index))
    return [
        folder for folder in folders if os.path.lexists(folder) and _may_hold(folder, column, value, sources)
    ]


def _may_hold(folder: Path, column: str, value: str, sources: Sequence[str]) -> bool:
    if any((folder / name).exists() for name in JOURNALS):
        return True  # stopped in the middle of a transaction: both states are in there
    marks = f" AND source IN ({','.join('?' * len(sources))})" if sources else ""
    query = f"SELECT count(*) FROM cases NOT INDEXED WHERE {column} = ?{marks}"
    try:
        return bool(_count_in(folder, query, (value, *sources)))
    except (OSError, IndexStoreError):
        return True  # half deleted


def _count_in(folder: Path, query: str, values: Sequence[str]) -> int:
    """The number that a query finds in the cases of any folder."""
    with open_folder(folder) as opened, closing_handle(open_for_reading(CASES, opened)) as handle:
        database = Database(folder / CASES, handle)
        try:
            return int(database.rows(query, values)[0][0])
        finally:
            database.close()
