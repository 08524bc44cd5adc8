"""Put a finished folder in the place of another so that a reader sees the old index or the new one.

    NAME -> .NAME.old,  .NAME.partial -> NAME,  .NAME.old deleted

A stop between the two renames leaves no NAME: `recover` then brings the old index back.
"""

import os
from collections.abc import Collection
from pathlib import Path

from ecgclip.retrieval.manifest import MANIFEST


def partial_path(index: Path) -> Path:
    """The folder in which the next index grows."""
    return index.with_name(f".{index.name}.partial")


def old_path(index: Path) -> Path:
    """Where the index waits while the next one takes its name."""
    return index.with_name(f".{index.name}.old")


def sync(path: Path) -> None:
    """Have the disk keep a file or the entries of a folder."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def swap(index: Path, files: Collection[str]) -> None:
    """The partial folder becomes the index; `files` of the old one are deleted. Needs the writing lock."""
    if index.exists():
        os.rename(index, old_path(index))
    os.rename(partial_path(index), index)
    sync(index.parent)
    _retire(index, files)


def recover(index: Path, files: Collection[str]) -> None:
    """Finish or undo a swap that was stopped. Needs the writing lock."""
    old = old_path(index)
    if old.exists() and not index.exists():
        os.rename(old, index)
    _retire(index, files)


def _retire(index: Path, files: Collection[str]) -> None:
    """Delete the old index; what a person put beside its files moves into the new one."""
    old = old_path(index)
    if not old.exists():
        return
    for name in (*files, MANIFEST):
        (old / name).unlink(missing_ok=True)
    for other in old.iterdir():
        os.rename(other, index / other.name)
    old.rmdir()
