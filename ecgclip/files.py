"""Atomic writes, reads that never block on pipes or devices, and names and texts safe to print."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from stat import S_ISREG
from typing import BinaryIO, Final

_AT_ONCE: Final = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
HEAD_BYTES: Final = 4096
_NOT_REGULAR: Final = "not a regular file (a pipe, socket, device or folder?)"


@contextmanager
def atomic_write(target: Path) -> Iterator[Path]:
    """A path to write to that becomes the target at the end: a full disk leaves what was there before.

    An error of the disk names the target, also where the library that writes names no file.
    """
    if not target.parent.is_dir():
        raise FileNotFoundError(errno.ENOENT, "no such folder", str(target.parent))
    part = target.with_name(f".{target.stem}.part{target.suffix}")
    try:
        yield part
        part.replace(target)
    except OSError as error:
        if error.errno is not None and error.filename is None:
            error.filename = str(target)
        raise
    finally:
        part.unlink(missing_ok=True)


def open_regular(path: str | os.PathLike[str]) -> BinaryIO:
    """Open a regular file for reading; OSError at once for a pipe, which would be waited for, or a device."""
    try:
        descriptor = os.open(path, _AT_ONCE)
    except ValueError as error:  # a NUL in the name
        raise OSError(errno.EINVAL, str(error), os.fspath(path)) from None
    except OSError as error:
        if error.errno == errno.ENXIO:  # what opening a socket is answered with
            raise OSError(errno.EINVAL, _NOT_REGULAR, os.fspath(path)) from None
        raise
    if not S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, _NOT_REGULAR, os.fspath(path))
    return os.fdopen(descriptor, "rb")


def head_of(path: str | os.PathLike[str]) -> bytes:
    """The first bytes of a regular file, by which its kind is known; OSError where it cannot be read."""
    with open_regular(path) as file:
        return file.read(HEAD_BYTES)


def read_small(path: str | os.PathLike[str], most: int) -> bytes:
    """The bytes of a regular file; OSError where it has more than `most`, before they fill the memory."""
    with open_regular(path) as file:
        size = os.fstat(file.fileno()).st_size
        # one byte more than it has: room for `most` would be made at once
        content = b"" if size > most else file.read(size + 1)
    if size > most or len(content) > size:
        words = f"larger than the {most / 2**20:g} MiB that such a file may have"
        raise OSError(errno.EFBIG, words, os.fspath(path))
    return content


def replace_surrogates(name: str) -> str:
    """The name with a ? for every byte that is no UTF-8, which no database, table or screen takes.

    >>> replace_surrogates("M\\udcfcller.jpg")
    'M?ller.jpg'
    """
    return name.encode("utf-8", "replace").decode()


def one_line(text: str) -> str:
    """The text on one line, without characters that steer a terminal or turn the direction of writing.

    >>> one_line("\\x1b[2Jnormal\\r\\necg \\u202egpj.exe")
    '[2Jnormal ecg gpj.exe'
    """
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())
