"""Put a finished folder in the place of another so that a reader sees the old index or the new one.

    NAME -> .NAME.old,  .NAME.partial -> NAME,  .NAME.old deleted

A stop between the two renames leaves no NAME: `recover_interrupted_swap` renames the old index back. A stop
after them leaves the old index with all that was removed from it: `recover_interrupted_swap` deletes it.
"""

import json
import os
from pathlib import Path
from typing import Final

from ecgclip.errors import IndexStoreError
from ecgclip.retrieval.store.manifest import CASES, FILES, MANIFEST, MAX_BYTES, is_file_of_backend
from ecgclip.retrieval.store.private_file import beside, delete_folder, first_bytes, is_folder, sync

STATE: Final = "partial.json"
"""In a partial folder that a build can resume: which index and model it grew from."""
JOURNALS: Final = tuple(f"{CASES}{end}" for end in ("-journal", "-wal", "-shm"))
"""What a killed program leaves beside a database, with pages of it; our writer leaves none."""
_RETIRED: Final = "retired.json"
"""The manifest of an index that is being deleted: it still names the files, and is no index any more."""


def partial_path(index: Path) -> Path:
    """The folder in which the next index grows."""
    return beside(index, "partial")


def old_path(index: Path) -> Path:
    """Where the index waits while the next one takes its name."""
    return beside(index, "old")


def swap(index: Path) -> None:
    """The partial folder becomes the index; the old one waits for `retire`. Needs the writing lock."""
    if index.exists():
        os.rename(index, old_path(index))
    os.rename(partial_path(index), index)
    sync(index.parent)


def recover_interrupted_swap(index: Path) -> None:
    """Finish or undo a swap that was stopped. Needs the writing lock."""
    old = old_path(index)
    if is_folder(old) and not index.exists() and (old / MANIFEST).exists():
        os.rename(old, index)
        sync(index.parent)
    retire(index)


def retire(index: Path) -> None:
    """Delete the files of the old index; what a person put beside them moves into the new one.

    Errors: FileExistsError where it is no folder, or a person's file would replace one of the new index.
    """
    old = old_path(index)
    if not os.path.lexists(old):
        return
    if not is_folder(old):
        raise FileExistsError(f"{old} is no folder that ecgclip made; delete it yourself")
    # the manifest first: what is half deleted must not be taken for an index
    if os.path.lexists(old / MANIFEST):
        os.rename(old / MANIFEST, old / _RETIRED)
    for name in own_files(old):
        if name != _RETIRED:
            (old / name).unlink(missing_ok=True)
    _move_others(old, index)
    (old / _RETIRED).unlink(missing_ok=True)
    old.rmdir()
    sync(index.parent)


def delete_own(folder: Path) -> None:
    """Delete a folder of ours; FileExistsError where somebody else's files are in it, which stay."""
    delete_folder(folder, own_files(folder))


def own_files(folder: Path) -> tuple[str, ...]:
    """The names that our files may have in a folder, in the order in which they are to be deleted.

    A backend's own files are those that the manifest names; without a manifest, all that are named like one.
    """
    named = _named_files(folder / _RETIRED) or _named_files(folder / MANIFEST)
    if not named and is_folder(folder):
        named = tuple(os.listdir(folder))
    backend = (name for name in named if is_file_of_backend(name))
    return (STATE, MANIFEST, _RETIRED, *FILES, *JOURNALS, *backend)


def _named_files(manifest: Path) -> tuple[str, ...]:
    """The files that a manifest names; () where it cannot be read."""
    try:
        return tuple(map(str, json.loads(first_bytes(manifest, MAX_BYTES))["files"]))
    except (OSError, ValueError, TypeError, KeyError, RecursionError, IndexStoreError):
        return ()


def _move_others(old: Path, index: Path) -> None:
    others = [path for path in old.iterdir() if path.name != _RETIRED]
    if others:
        index.mkdir(exist_ok=True)
    for other in others:
        if os.path.lexists(index / other.name):
            raise FileExistsError(f"{other} would replace {index / other.name}; move one of them away")
        os.rename(other, index / other.name)
