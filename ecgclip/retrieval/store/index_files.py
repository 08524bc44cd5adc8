"""`IndexFiles`: the files of one generation of an index, held open.

A commit replaces the folder of an index and never changes a file in it, so what is opened through one handle
of the folder is of one generation, and stays readable after the folder was replaced and deleted. Nothing is
mapped into memory: a file that is cut off under a reader is an error then, not the end of the process.
"""

import os
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Final

from ecgclip.errors import IndexStoreError
from ecgclip.retrieval.store.manifest import MANIFEST, MAX_BYTES, Manifest, Seal, parse_manifest
from ecgclip.retrieval.store.private_file import create_file, open_folder, open_for_reading

_BLOCK: Final = 1 << 20


@dataclass(frozen=True)
class Stamp:
    """Identifies a manifest without reading it."""

    device: int
    inode: int
    mtime_ns: int
    size: int


class IndexFiles:
    """Open handles on all files of an index folder, closed with the last reference to this object."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._handles: dict[str, int] = {}
        weakref.finalize(self, _close, self._handles)
        with _translate_io_errors(path), open_folder(path) as folder:
            self._handles[MANIFEST] = _opened(path, MANIFEST, folder)
            self.manifest: Manifest = parse_manifest(path, self._text())
            for name in self.manifest.files:
                self._handles[name] = _opened(path, name, folder)
        self._check_sizes()

    @property
    def stamp(self) -> Stamp:
        """The stamp of the manifest; no other file can have the same while this one is open."""
        return _stamp(os.fstat(self._handles[MANIFEST]))

    def handle(self, name: str) -> int:
        """The open file, shared by threads, so read it with `os.pread` only."""
        return self._handles[name]

    def seal(self, name: str) -> Seal:
        """The seal that the file has now; reads it whole."""
        with _translate_io_errors(self.path):
            return seal(self._handles[name])

    def copy(self, name: str, folder: Path) -> None:
        """Copy a file to another folder; IndexStoreError where it is not what the manifest says."""
        digest = blake2b(digest_size=32)
        with create_file(folder / name) as target:
            for block in _blocks(self._handles[name]):
                digest.update(block)
                target.write(block)
        if digest.hexdigest() != self.manifest.files[name].blake2b:
            raise differs(self.path, name)

    def _text(self) -> bytes:
        size = os.fstat(self._handles[MANIFEST]).st_size
        if size > MAX_BYTES:
            raise IndexStoreError(
                f"index {self.path}: manifest.json is damaged: it has {size} bytes, "
                f"expected {MAX_BYTES} at most; build the index anew with build-index"
            )
        return os.pread(self._handles[MANIFEST], MAX_BYTES, 0)

    def _check_sizes(self) -> None:
        """IndexStoreError unless every file is as long as the manifest says; reads no content."""
        for name, file in self.manifest.files.items():
            found = os.fstat(self._handles[name]).st_size
            if found != file.bytes:
                raise _half_written(self.path, name, f"has {found} bytes, expected {file.bytes}")


def stamp_of(path: Path) -> Stamp | None:
    """The stamp of the manifest that lies in the folder now; None where there is none."""
    try:
        return _stamp(os.stat(path / MANIFEST))
    except OSError:
        return None


def seal(handle: int) -> Seal:
    """Size and digest of a file, by reading it once."""
    digest, size = blake2b(digest_size=32), 0
    for block in _blocks(handle):
        digest.update(block)
        size += len(block)
    return Seal(size, digest.hexdigest())


def differs(path: Path, name: str) -> IndexStoreError:
    return IndexStoreError(
        f"index {path}: {name} differs from its checksum; build the index anew with build-index"
    )


@contextmanager
def _translate_io_errors(path: Path) -> Iterator[None]:
    """Raise an OSError as an IndexStoreError of one line."""
    try:
        yield
    except FileNotFoundError:
        raise IndexStoreError(
            f"index {path} does not exist; build it: ecgclip build-index SOURCE --index {path}"
        ) from None
    except NotADirectoryError:
        raise IndexStoreError(f"{path} is a file; expected the folder of an index") from None
    except OSError as error:
        raise IndexStoreError(f"index {path} cannot be read ({error.strerror or error})") from error


def _opened(path: Path, name: str, folder: int) -> int:
    try:
        return open_for_reading(name, folder)
    except FileNotFoundError:
        if name == MANIFEST:
            raise IndexStoreError(
                f"{path} is no index, or a half-written one: it has no manifest.json; give another folder, "
                "or empty this one and run build-index"
            ) from None
        raise _half_written(path, name, "is missing") from None
    except IndexStoreError as error:
        raise IndexStoreError(f"index {path} is damaged: {error}; build it anew with build-index") from error


def _half_written(path: Path, name: str, state: str) -> IndexStoreError:
    return IndexStoreError(
        f"index {path} is half-written or damaged: {name} {state}; build it anew with build-index"
    )


def _blocks(handle: int) -> Iterator[bytes]:
    at = 0
    while block := os.pread(handle, _BLOCK, at):
        yield block
        at += len(block)


def _stamp(stat: os.stat_result) -> Stamp:
    return Stamp(stat.st_dev, stat.st_ino, stat.st_mtime_ns, stat.st_size)


def _close(handles: dict[str, int]) -> None:
    while handles:
        os.close(handles.popitem()[1])
