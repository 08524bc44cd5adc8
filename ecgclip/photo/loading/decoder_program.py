"""What runs in the box: a picture or page in, its bare pixels or its lines out. Pillow and PDFium alone.

Asked by `boxed_decoder.BoxedDecoder`. Nothing is remembered but the file that was opened.
"""

import io
from collections.abc import Iterator
from importlib import import_module
from itertools import count
from typing import Any, Final, Protocol

from PIL import Image

from ecgclip.box.message import NOTHING, Facts, Payload
from ecgclip.errors import ImageError
from ecgclip.photo.loading.formats import FileKind
from ecgclip.photo.loading.frame import (
    BYTES_A_PIXEL,
    LONG_SIDE_PX,
    decode,
    decoder_errors,
    on_white,
    orientation,
)

_STRIP_PIXELS: Final = 1_000_000
_THREADS: Final = 1
"""Each would reserve memory of its own."""


class Pages(Protocol):
    """A file that was opened."""

    def count(self, most: int) -> int: ...
    def picture(self, page: int) -> tuple[Image.Image, tuple[int, int]]:
        """A page, decoded, and its (width, height) as stored."""
        ...

    def listing(self, page: int) -> tuple[Facts, Payload]:
        """What a page draws, for `vector.paths.PagePaths`; no facts where that is not listed."""
        ...


class Program:
    """Answers `open` with a file's bytes, then `count`, `frame` and `listing`."""

    def __init__(self) -> None:
        self._pages: Pages | None = None

    def answer(self, request: Facts, data: bytes) -> tuple[Facts, Payload]:
        if request["do"] == "open":
            self._pages = opened(data, FileKind(request["kind"]), request["name"])
            return {}, NOTHING
        if self._pages is None:
            raise ImageError("no file was opened")
        if request["do"] == "count":
            return {"pages": self._pages.count(request["most"])}, NOTHING
        if request["do"] == "listing":
            return self._pages.listing(request["page"])
        image, original_px = self._pages.picture(request["page"])
        mode = image.mode if image.mode in BYTES_A_PIXEL and "transparency" not in image.info else "RGB"
        facts = {"mode": mode, "size": image.size, "original": original_px, "orientation": orientation(image)}
        size = image.width * image.height * BYTES_A_PIXEL[mode]
        return facts, Payload(size, _strips(image, mode))


def _strips(image: Image.Image, mode: str) -> Iterator[bytes]:
    """The pixels in the mode, converted a few rows at a time: a large picture is held only once."""
    step = max(1, _STRIP_PIXELS // image.width)
    for y in range(0, image.height, step):
        rows = image.crop((0, y, image.width, min(y + step, image.height)))
        yield (on_white(rows) if mode == "RGB" else rows).tobytes()


def opened(data: bytes, kind: FileKind, name: str) -> Pages:
    if kind is FileKind.PDF:
        from ecgclip.photo.loading.pdf import Pdf

        return Pdf(data, name, LONG_SIDE_PX)
    with decoder_errors(name):
        _register(kind, name)
        image = Image.open(io.BytesIO(data), formats=(kind,))
    return _Images(image, kind, name)


def _register(kind: FileKind, name: str) -> None:
    """Let Pillow know this kind, and start no threads of its decoder."""
    if kind is FileKind.HEIF:
        try:
            heif = import_module("pi_heif")
        except ImportError as error:
            raise ImageError(
                f"{name}: a HEIC needs another package: type  pip install 'ecgclip[heic]'  or save it as JPEG"
            ) from error
        heif.options.DECODE_THREADS = _THREADS
        heif.register_heif_opener()
        return
    plugin: Any = import_module(f"PIL.{kind.plugin}")
    if kind is FileKind.AVIF:
        plugin.DEFAULT_MAX_THREADS = _THREADS


class _Images:
    """A file of Pillow's; of a TIFF, each frame is a page."""

    def __init__(self, image: Image.Image, kind: FileKind, name: str) -> None:
        self._image = image
        self._kind = kind
        self._name = name

    def count(self, most: int) -> int:
        found = 1
        with decoder_errors(self._name):
            for page in self._further():
                found = page + 1
                if found >= most:
                    break
        return found

    def picture(self, page: int) -> tuple[Image.Image, tuple[int, int]]:
        with decoder_errors(self._name):
            if page < 0 or (page and not self._kind.paged) or not self._reaches(page):
                raise _absent(self._name, self._kind, page, self.count(page + 1 if page > 0 else 1_000))
        frame = decode(self._image, self._name)
        return self._image, frame.original_px

    def listing(self, page: int) -> tuple[Facts, Payload]:
        return {}, NOTHING

    def _reaches(self, page: int) -> bool:
        if not self._kind.paged:
            return True
        try:
            self._image.seek(page)
        except EOFError:
            return False
        return True

    def _further(self) -> Iterator[int]:
        """An iterator over the pages after the first."""
        for page in count(1):
            if not self._kind.paged or not self._reaches(page):
                return
            yield page


def _absent(name: str, kind: FileKind, page: int, pages: int) -> ImageError:
    return ImageError(f"{name}: page {page + 1} was asked for; the {kind} has {pages}")
