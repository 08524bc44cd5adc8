"""Put a finished folder in the place of another so that a reader sees the old index or the new one.

    NAME -> .NAME.old,  .NAME.partial -> NAME,  .NAME.old deleted

A stop between the two renames leaves no NAME: `recover` then brings the old index back. A stop after them
leaves the old index with all that was removed from it: `recover` deletes it.
"""

import os
from pathlib import Path
from typing import Final

from ecgclip.retrieval.store.manifest import CASES, FAISS_FILE, FILES, MANIFEST
from ecgclip.retrieval.store.private_file import beside, is_folder, sync

STATE: Final = "partial.json"
"""In a folder that can be resumed: from what it grew."""
JOURNALS: Final = tuple(f"{CASES}{end}" for end in ("-journal", "-wal", "-shm"))
"""What SQLite leaves beside a database; it holds pages of it. Ours are closed without any."""


OWN: Final = (STATE, MANIFEST, *FILES, FAISS_FILE, *JOURNALS)
"""All that a folder of ours may hold, first that without which it is worth nothing."""


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


def recover(index: Path) -> None:
    """Finish or undo a swap that was stopped. Needs the writing lock."""
    old = old_path(index)
    if is_folder(old) and not index.exists() and (old / MANIFEST).exists():
        os.rename(old, index)
        sync(index.parent)
    retire(index)


def retire(index: Path) -> None:
    """Delete the old index; what a person put beside its files moves into the new one."""
    old = old_path(index)
    if not os.path.lexists(old):
        return
    if not is_folder(old):
        raise FileExistsError(f"{old} is no folder that ecgclip made; delete it yourself")
    # the manifest first: what is half deleted must not be taken for an index
    for name in OWN:
        (old / name).unlink(missing_ok=True)
    if any(old.iterdir()):
        index.mkdir(exist_ok=True)
    for other in old.iterdir():
        os.rename(other, index / other.name)
    old.rmdir()
    sync(index.parent)
