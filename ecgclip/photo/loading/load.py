"""Any picture file becomes upright RGB of a workable size, or one line that says why not."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from os import PathLike
from pathlib import Path
from typing import Final, Protocol

import numpy as np
from PIL import Image

from ecgclip.errors import ImageError
from ecgclip.photo.loading.decode import Decoded, decode_array, decode_frame
from ecgclip.photo.loading.formats import FileKind
from ecgclip.photo.loading.frame import (
    LONG_SIDE_PX,
    MAX_PIXELS,
    TOO_LARGE,
    Box,
    Frame,
    check_pixels,
    decoder_errors,
    orientation,
)
from ecgclip.photo.loading.illumination import inverted
from ecgclip.photo.loading.opened import Opened, SupportsRead, open_bytes, open_file, open_stream
from ecgclip.photo.vector.paths import PagePaths
from ecgclip.typing import Array, Float32s, Rgb

_DRAWN: Final = 0.3
"""Share of the pixels that have the most frequent colour; photographs have .01."""

Bytes = bytes | bytearray | memoryview
Source = str | PathLike[str] | Bytes | SupportsRead | Opened | Image.Image | Array


@dataclass(frozen=True, eq=False)
class Picture:
    """A picture as loaded.

    rgb: uint8 [y, x, 3], long side at most `LONG_SIDE_PX`.
    scale: pixels of the upright original per pixel of `rgb`.
    kind: `photo`, `render` or `pdf`.
    origin_px: where the left top corner of `rgb` lies in the upright original, (x, y).
    detail: reads a box of the upright original again, as finely as it is and as the working size allows; None
        where the original is no finer.
    """

    rgb: Rgb
    scale: float
    kind: str = "photo"
    origin_px: tuple[float, float] = (0.0, 0.0)
    detail: Callable[[Box], "Picture"] | None = None

    def to_original(self, points_px: Float32s) -> Float32s:
        """Pixels of the upright original for pixels (x, y) of `rgb`, float32 [..., 2]."""
        return np.asarray(points_px * self.scale + np.array(self.origin_px), np.float32)

    def inverted(self) -> "Picture":
        """Light on dark as dark on light, in what is read again of the original, too."""
        detail = self.detail
        again = None if detail is None else lambda box: detail(box).inverted()
        return replace(self, rgb=inverted(self.rgb), detail=again)

    def cropped(self, box: Box) -> "Picture":
        """A part of the picture that knows where it was."""
        x, y = self.origin_px
        origin_px = x + box.left * self.scale, y + box.top * self.scale
        rgb = np.ascontiguousarray(self.rgb[box.top : box.bottom, box.left : box.right])
        return replace(self, rgb=rgb, origin_px=origin_px)


class Document(Protocol):
    """A file of one page or more; `picture` raises ImageError where a page cannot be read or is absent.

    pages: counted up to `boxed_decoder.COUNTED` alone.
    """

    @property
    def pages(self) -> int: ...
    def picture(self, page: int) -> Picture: ...
    def paths(self, page: int) -> PagePaths | None:
        """What a page of a PDF draws; None of any other file, and where it cannot be listed."""
        ...


def load(source: Source, *, page: int = 0) -> Picture:
    """Load a path, the bytes of a file, a PIL image or an array; `page` counts from 0 in a PDF or TIFF.

    Raises ImageError where nothing can be read: absent, empty, no image, broken, over 80 megapixels, or
    beyond what a decoder may take (`ecgclip.box`).
    """
    with open_document(source) as document:
        return document.picture(page)


@contextmanager
def open_document(source: Source) -> Iterator[Document]:
    """The pages of a path, the bytes of a file, a file opened before, a PIL image or an array.

    Errors: ImageError where nothing can be opened.
    """
    if isinstance(source, np.ndarray):
        yield _Single(_from_array(source))
    elif isinstance(source, Image.Image):
        yield _Single(_upright(_loaded(source)))
    else:
        opened = _opened(source)
        try:
            yield _File(opened)
        finally:
            opened.frames.close()


def _loaded(image: Image.Image) -> Frame:
    """A caller's picture; not shrunk while it is decoded, which would change it."""
    check_pixels(image.size, "the picture")
    with decoder_errors("the picture"):
        image.load()
    return Frame(image, image.size, orientation(image))


def _opened(source: str | PathLike[str] | Bytes | SupportsRead | Opened) -> Opened:
    match source:
        case Opened():
            return source
        case bytes() | bytearray() | memoryview():
            return open_bytes(bytes(source), "the picture")
        case str() | PathLike():
            return open_file(Path(source))
        case SupportsRead():
            return open_stream(source, str(getattr(source, "name", "the picture")))
        case _:
            kind = type(source).__name__
            raise ImageError(
                f"{kind} was given; expected a path, a file or its bytes, a PIL image or an array"
            )


@dataclass(frozen=True, eq=False)
class _Single:
    """What has one page by nature."""

    shown: Picture
    pages: int = 1

    def picture(self, page: int) -> Picture:
        if page != 0:
            raise ImageError(f"page {page + 1} was asked for; a picture has one")
        return self.shown

    def paths(self, page: int) -> None:
        """Pixels hold no lines."""


@dataclass(frozen=True, eq=False)
class _File:
    """A picture's file, or the pages of a TIFF or PDF."""

    opened: Opened

    @property
    def pages(self) -> int:
        return self.opened.frames.pages

    def picture(self, page: int) -> Picture:
        frame = self.opened.frames.frame(page)
        with decoder_errors(self.opened.name):
            if self.opened.kind is FileKind.PDF:  # drawn at the working size, but for the rounding of a pixel
                return Picture(decode_frame(frame, 2 * LONG_SIDE_PX).rgb, 1.0, "pdf")
            picture = _upright(frame)
        return picture if picture.scale <= 1 else replace(picture, detail=partial(self._detail, page))

    def _detail(self, page: int, box: Box) -> Picture:
        long_side = max(box.right - box.left, box.bottom - box.top)
        frame = self.opened.frames.finer(page, long_side / LONG_SIDE_PX)
        with decoder_errors(self.opened.name):
            return _part(frame, box)

    def paths(self, page: int) -> PagePaths | None:
        listing = self.opened.frames.listing(page)
        return PagePaths.of_listing(*listing) if listing else None


def _upright(frame: Frame) -> Picture:
    decoded = decode_frame(frame, LONG_SIDE_PX)
    return _fit(decoded, max(frame.original_px) / max(frame.image.size))


def _part(frame: Frame, box: Box) -> Picture:
    """A box of the upright original of a frame that may itself be shrunk."""
    shrink = max(frame.original_px) / max(frame.image.size)
    inside = Box(*(round(side / shrink) for side in (box.left, box.top, box.right, box.bottom)))
    picture = _fit(decode_frame(frame, LONG_SIDE_PX, inside), shrink)
    return replace(picture, origin_px=(inside.left * shrink, inside.top * shrink))


def _from_array(array: Array) -> Picture:
    shape = array.shape
    channels = shape[2] if len(shape) == 3 else 1
    if len(shape) not in (2, 3) or channels not in (1, 3, 4) or min(shape) < 1:
        raise ImageError(f"an array of shape {shape} was given; expected [y, x] or [y, x, 3] of uint8")
    if array.dtype.kind not in "buif":
        raise ImageError(f"an array of {array.dtype} was given; expected uint8, other numbers or booleans")
    if shape[0] * shape[1] > MAX_PIXELS:
        raise ImageError(f"the array: {shape[1]}x{shape[0]}: {TOO_LARGE}")
    return _fit(decode_array(array, LONG_SIDE_PX), 1.0)


def _kind(rgb: Rgb) -> str:
    """A program draws on paper of one colour; a camera or scanner makes noise."""
    sample = rgb[::5, ::5].reshape(-1, 3).astype(np.int64) @ np.array([65536, 256, 1])
    sample.sort()
    ends = np.flatnonzero(np.diff(sample, append=-1))
    most = int(np.diff(ends, prepend=-1).max())
    return "render" if most > _DRAWN * sample.size else "photo"


def _fit(decoded: Decoded, scale: float) -> Picture:
    """Shrink to the working size; scale: pixels of the original per pixel that was decoded."""
    import cv2

    rgb, scale = decoded.rgb, scale * decoded.shrink
    kind = _kind(rgb)
    height, width = rgb.shape[:2]
    shrink = max(height, width) / LONG_SIDE_PX
    if shrink <= 1.0:
        return Picture(np.ascontiguousarray(rgb), scale, kind)
    size = max(1, round(width / shrink)), max(1, round(height / shrink))
    small = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)
    return Picture(small.astype(np.uint8, copy=False), scale * shrink, kind)
