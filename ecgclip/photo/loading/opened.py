"""A picture's file, opened: plain JPEG and PNG are decoded in this process, all else in a box."""

import io
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol, runtime_checkable

from PIL import Image

from ecgclip.errors import ImageError
from ecgclip.files import HEAD_BYTES, open_regular
from ecgclip.photo.loading.boxed_decoder import BoxedDecoder
from ecgclip.photo.loading.formats import FileKind, kind_of
from ecgclip.photo.loading.frame import NO_IMAGE, Frame, decode, decoder_errors
from ecgclip.photo.loading.plain import is_plain

MAX_FILE_BYTES: Final = 400_000_000
"""More than 80 megapixels of four bytes."""


class Frames(Protocol):
    """What decodes a file's pages, in this process or in a box. Errors: ImageError, one line."""

    @property
    def pages(self) -> int: ...
    def frame(self, page: int) -> Frame: ...
    def listing(self, page: int) -> tuple[dict[str, Any], bytes] | None: ...
    def finer(self, page: int, shrink: float) -> Frame:
        """The same with at most `shrink` pixels of the original per pixel along a side, if possible."""
        ...

    def close(self) -> None: ...


@dataclass(frozen=True, eq=False)
class Opened:
    """A file of a kind that is read; `load.open_document` closes its frames."""

    name: str
    kind: FileKind
    frames: Frames


@runtime_checkable
class SupportsRead(Protocol):
    """A file that is open for reading bytes."""

    def read(self, size: int, /) -> bytes: ...


class PlainDecoder:
    """A plain JPEG or PNG, decoded here, once."""

    pages = 1

    def __init__(self, data: bytes, kind: FileKind, name: str) -> None:
        self._name = name
        self._kind = kind
        self._data = data
        self._decoded: Frame | None = None
        self._image = self._opened()

    def _opened(self) -> Image.Image:
        with decoder_errors(self._name):
            return Image.open(io.BytesIO(self._data), formats=(self._kind,))

    def frame(self, page: int) -> Frame:
        if page != 0:
            raise ImageError(f"{self._name}: page {page + 1} was asked for; the {self._kind} has 1")
        if self._decoded is None:
            self._decoded = decode(self._image, self._name)
        return self._decoded

    def finer(self, page: int, shrink: float) -> Frame:
        frame = self.frame(page)
        if frame.image.size == frame.original_px:
            return frame
        with self._opened() as image:
            return decode(image, self._name, shrink)

    def listing(self, page: int) -> None:
        """Pixels hold no lines."""

    def close(self) -> None:
        self._image.close()


def open_file(path: Path) -> Opened:
    """Errors: ImageError for what is absent, empty, above 400 MB or no picture."""
    return open_bytes(_read(path), str(path))


def open_stream(file: SupportsRead, name: str) -> Opened:
    """A file that somebody else opened. Errors: ImageError, as `open_file`, and for one that is closed."""
    try:
        data = file.read(MAX_FILE_BYTES + 1)
    except UnicodeDecodeError:
        data = None
    except (OSError, ValueError, TypeError) as error:
        raise ImageError(
            f"{name}: cannot be read ({error}); expected a file open for reading bytes"
        ) from error
    if not isinstance(data, bytes):
        raise ImageError(f"{name}: opened as text; open it for reading bytes, with mode 'rb'")
    if not 0 < len(data) <= MAX_FILE_BYTES:
        found = "more than 400 MB" if data else "nothing"
        raise ImageError(f"{name}: found {found}; expected an image file of at most 400 MB")
    return open_bytes(data, name)


def open_bytes(data: bytes, name: str) -> Opened:
    """name: what errors call it. Errors: ImageError for what is no picture."""
    kind = kind_of(data)
    if kind is None:
        raise ImageError(_no_picture(data, name))
    plain = kind in (FileKind.JPEG, FileKind.PNG) and is_plain(data)
    return Opened(name, kind, PlainDecoder(data, kind, name) if plain else BoxedDecoder(data, kind, name))


def _no_picture(data: bytes, name: str) -> str:
    from ecgclip.records.filetypes import explain
    from ecgclip.records.readers import RECORDS

    expected = f"a picture (JPEG, PNG, HEIC), a PDF or {RECORDS}"
    return explain(name, data[:HEAD_BYTES], expected) or f"{name}: {NO_IMAGE}"


def open_decoded(path: Path) -> Opened:
    """Open a file and decode its picture now; a PDF and the pages of a TIFF wait until one is asked for.

    Errors: ImageError, as `open_file`, and for what is broken, over 80 megapixels or beyond the box.
    """
    opened = open_file(path)
    if not opened.kind.paged:
        opened.frames.frame(0)
    return opened


def _read(path: Path) -> bytes:
    try:
        with open_regular(path) as file:
            size = os.fstat(file.fileno()).st_size
            if not 0 < size <= MAX_FILE_BYTES:
                raise ImageError(f"{path}: found {size} bytes; expected an image file of at most 400 MB")
            return file.read(size)
    except OSError as error:
        found = error.strerror or str(error)
        raise ImageError(f"{path}: cannot be read ({found}); expected an image file") from error
    except ValueError as error:  # a path with a zero byte
        raise ImageError(f"{str(path)!r} is no path ({error})") from error
