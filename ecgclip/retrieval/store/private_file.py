"""Files readable by their owner alone, and safe opening of files that somebody else may have made.

An index holds patients' reports: whatever the umask, nothing of it is readable by others. Links are followed
neither when writing nor when reading, and nothing that is no regular file is opened for long: a FIFO would
wait for ever, a device has no end.
"""

import errno
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from stat import S_ISDIR, S_ISREG
from typing import BinaryIO, Final

from ecgclip.errors import IndexStoreError

FOLDER_MODE: Final = 0o700
FILE_MODE: Final = 0o600
_FLAGS: Final = os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK


def beside(index: Path, end: str) -> Path:
    """A hidden name of ours beside the index; IndexStoreError for the root, which lies in no folder."""
    if not index.name:
        raise IndexStoreError(f"{index} cannot be an index: it lies in no folder; give a folder of its own")
    return index.with_name(f".{index.name}.{end}")


def is_writable_by_others(place: Path) -> bool:
    """Whether others than the owner may write there; reading is allowed, as in the demo of a checkout."""
    return os.name == "posix" and bool(place.stat().st_mode & 0o022)


def create_folder(path: Path) -> None:
    """Make a folder that only its owner enters; FileExistsError where there is one."""
    path.mkdir(FOLDER_MODE, parents=True)
    path.chmod(FOLDER_MODE)


def create_file(path: Path) -> BinaryIO:
    """Make a file that only its owner reads; FileExistsError where there is one, be it a link."""
    handle = os.open(path, _FLAGS | os.O_RDWR | os.O_CREAT | os.O_EXCL, FILE_MODE)
    os.fchmod(handle, FILE_MODE)
    return os.fdopen(handle, "w+b")


def open_for_writing(path: Path) -> BinaryIO:
    """Open a file that `create_file` made before."""
    return os.fdopen(_checked(os.open(path, _FLAGS | os.O_RDWR), str(path)), "r+b")


def first_bytes(path: Path, limit: int) -> bytes:
    """The first bytes of a regular file; OSError or IndexStoreError where there is none."""
    with open_folder(path.parent) as folder, closing_handle(open_for_reading(path.name, folder)) as handle:
        return os.pread(handle, limit, 0)


def open_for_reading(name: str, folder: int) -> int:
    """A handle on a regular file of an open folder.

    Errors: FileNotFoundError, other OSErrors, IndexStoreError where it is a link, a device, a FIFO, a folder.
    """
    try:
        handle = os.open(name, _FLAGS | os.O_RDONLY, dir_fd=folder)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise IndexStoreError(f"{name} is a link; expected a file of its own") from error
        raise
    return _checked(handle, name)


@contextmanager
def open_folder(path: Path) -> Iterator[int]:
    """A handle on a folder; it stays on that folder when another one takes the name."""
    with closing_handle(os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)) as handle:
        yield handle


@contextmanager
def closing_handle(handle: int) -> Iterator[int]:
    try:
        yield handle
    finally:
        os.close(handle)


def is_folder(path: Path) -> bool:
    """Whether a folder lies there; a link to one is none."""
    try:
        return S_ISDIR(path.lstat().st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return False


def delete_folder(path: Path, names: Sequence[str]) -> None:
    """Delete a folder of ours with the files of these names, in this order.

    Errors: FileExistsError where it is no folder, or somebody else's files are in it; those stay.
    """
    if path.is_symlink() or (path.exists() and not path.is_dir()):
        raise FileExistsError(f"{path} is no folder that ecgclip made; delete it yourself")
    if not path.exists():
        return
    for name in names:
        (path / name).unlink(missing_ok=True)
    others = sorted(other.name for other in path.iterdir())
    if others:
        raise FileExistsError(f"{path} holds {others[0]!r}, which ecgclip did not write; move it away")
    path.rmdir()
    sync(path.parent)


def give_to_owner_of(other: Path, folder: Path) -> None:
    """Give our folder and its files to the owner of another: what root writes, only root could read."""
    if not other.exists():
        return
    owner = other.stat()
    if (owner.st_uid, owner.st_gid) == (os.geteuid(), os.getegid()):
        return
    for path in (*folder.iterdir(), folder):
        with suppress(PermissionError):  # only root may give away
            os.chown(path, owner.st_uid, owner.st_gid, follow_symlinks=False)


def sync(path: Path) -> None:
    """Flush a file, or the entries of a folder, to the disk."""
    with closing_handle(os.open(path, os.O_RDONLY)) as handle:
        os.fsync(handle)


def _checked(handle: int, name: str) -> int:
    if not S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise IndexStoreError(f"{name} is no regular file; expected one that build-index wrote")
    return handle
