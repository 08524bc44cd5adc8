"""One writer at a time: a lock file beside the index, `.NAME.lock`, with the writer's pid in it.

The kernel's advisory lock on the file decides, not the pid: it ends with its process in any case. So the
file of a dead writer is taken over, and it does not matter whether another process got its pid. Readers need
none, but hold it for a moment where they clear away what a dead writer left.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from stat import S_ISREG
from typing import Final

from ecgclip.errors import IndexStoreError
from ecgclip.retrieval.store.private_file import FILE_MODE, beside

_MAX_BYTES: Final = 32
_WAIT_S: Final = 0.5
"""A reader that clears away leftovers is done by then."""
_PAUSE_S: Final = 0.01


class BusyIndexError(IndexStoreError):
    """Another process is writing the index."""


@contextmanager
def writing_lock(index: Path, wait_s: float = _WAIT_S) -> Iterator[None]:
    """Hold the lock of an index; BusyIndexError where another writer keeps it for longer than `wait_s`."""
    path = lock_path(index)
    handle = _locked(path, index, time.monotonic() + wait_s)
    try:
        with suppress(OSError):  # the pid only helps the message; a full disk shows when it matters
            os.ftruncate(handle, 0)
            os.write(handle, f"{os.getpid()}\n".encode())
        yield
    finally:
        path.unlink(missing_ok=True)
        os.close(handle)


def lock_path(index: Path) -> Path:
    return beside(index, "lock")


def _locked(path: Path, index: Path, until: float) -> int:
    """A locked handle of the file that still has this name: its last holder unlinks it before letting go."""
    try:
        import fcntl
    except ImportError:
        raise IndexStoreError(
            "an index is used on Linux, macOS or another POSIX system; this is none"
        ) from None
    while True:
        handle = _opened(path, index)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pid = _content(handle).decode("ascii", "replace").strip() or "?"
            os.close(handle)
            if time.monotonic() > until:
                raise BusyIndexError(
                    f"index {index} is being written by process {pid}; wait for it to end and try again"
                ) from None
            time.sleep(_PAUSE_S)
            continue
        if _is_still_there(handle, path):
            return handle
        os.close(handle)


def _is_still_there(handle: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(handle), path.lstat())
    except FileNotFoundError:
        return False


def _opened(path: Path, index: Path) -> int:
    """A handle of the lock file; a link or foreign file of its name is neither followed nor emptied."""
    try:
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        handle = os.open(path, flags, FILE_MODE)
    except OSError as error:
        what = "is a link" if path.is_symlink() else error.strerror
        raise IndexStoreError(
            f"index {index} cannot be locked for writing ({what}: {path}); "
            "give a folder that you may write in"
        ) from error
    if not _is_ours(handle):
        os.close(handle)
        raise IndexStoreError(
            f"index {index} cannot be locked: {path} is no lock file of ecgclip; move it away and try again"
        )
    return handle


def _is_ours(handle: int) -> bool:
    """A regular file of one name that holds a pid or nothing."""
    stat = os.fstat(handle)
    if not S_ISREG(stat.st_mode) or stat.st_nlink > 1 or stat.st_size > _MAX_BYTES:
        return False
    content = _content(handle).strip()
    return not content or content.isdigit()


def _content(handle: int) -> bytes:
    return os.pread(handle, _MAX_BYTES, 0)
