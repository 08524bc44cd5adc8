"""One writer at a time: a lock file beside the index, `.NAME.lock`, with the writer's pid in it.

The kernel's advisory lock on the file decides, not the pid: it ends with its process however that ends, so
the file of a dead writer is taken over, and a pid that another process got later deceives nobody. Readers
need none.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ecgclip.errors import IndexStoreError


@contextmanager
def writing_lock(index: Path) -> Iterator[None]:
    """Hold the lock of an index; IndexStoreError, at once, where another writer holds it."""
    path = lock_path(index)
    handle = _locked(path, index)
    try:
        with suppress(OSError):  # the pid only helps the message; a full disk shows when it matters
            os.ftruncate(handle, 0)
            os.write(handle, f"{os.getpid()}\n".encode())
        yield
    finally:
        path.unlink(missing_ok=True)
        os.close(handle)


def lock_path(index: Path) -> Path:
    return index.with_name(f".{index.name}.lock")


def _locked(path: Path, index: Path) -> int:
    """A locked handle of the file that still has this name: its last holder unlinks it before letting go."""
    try:
        import fcntl
    except ImportError:
        raise IndexStoreError(
            "an index is written on Linux, macOS or another POSIX system; build it there and copy the folder"
        ) from None
    while True:
        handle = _opened(path, index)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pid = os.read(handle, 32).decode("ascii", "replace").strip() or "?"
            os.close(handle)
            raise IndexStoreError(
                f"index {index} is being written by process {pid}; wait for it to end and try again"
            ) from None
        if path.exists() and os.path.samestat(os.fstat(handle), path.stat()):
            return handle
        os.close(handle)


def _opened(path: Path, index: Path) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise IndexStoreError(
            f"index {index} cannot be locked for writing ({error.strerror}: {path}); "
            "give a folder that you may write in"
        ) from error
