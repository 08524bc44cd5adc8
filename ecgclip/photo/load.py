"""Any picture file becomes upright RGB of a workable size, or one line that says why not."""

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Final, Protocol

import numpy as np
import numpy.typing as npt
from PIL import Image, UnidentifiedImageError

from ecgclip.errors import ImageError
from ecgclip.photo.decode import Decoded, decode_array, decode_image

LONG_SIDE_PX: Final = 2000
"""Of the working image: 250 mm of paper then still have 5 px/mm where the page fills two thirds of it."""
MAX_PIXELS: Final = 80_000_000
MAX_FILE_BYTES: Final = 400_000_000
"""More than 80 megapixels of four bytes."""

_FORMATS: Final = ("JPEG", "PNG", "GIF", "BMP", "PPM", "WEBP", "TIFF", "AVIF", "JPEG2000")
"""Pictures only: other decoders start programs or follow links."""

_DRAWN: Final = 0.3
"""Share of the pixels that have the most frequent colour; photographs have .01."""
_TOO_LARGE: Final = "the image has more than 80 megapixels; save it smaller"

Rgb = npt.NDArray[np.uint8]
Source = str | PathLike[str] | bytes | Image.Image | npt.NDArray[np.generic]


@dataclass(frozen=True, eq=False)
class Picture:
    """A picture as loaded.

    rgb: uint8 [y, x, 3], long side at most `LONG_SIDE_PX`.
    scale: pixels of the upright original per pixel of `rgb`.
    kind: `photo`, `render` or `pdf`.
    """

    rgb: Rgb
    scale: float
    kind: str = "photo"


class Document(Protocol):
    """A file of one page or more; `picture` raises ImageError where a page cannot be read or is absent."""

    @property
    def pages(self) -> int: ...
    def picture(self, page: int) -> Picture: ...


def load(source: Source, *, page: int = 0) -> Picture:
    """Load a path, the bytes of a file, a PIL image or an array; `page` counts from 0 in a PDF or TIFF.

    Raises ImageError where nothing can be read: absent, empty, no image, broken or over 80 megapixels.
    """
    with open_document(source) as document:
        return document.picture(page)


@contextmanager
def open_document(source: Source) -> Iterator[Document]:
    """The pages of a path, the bytes of a file, a PIL image or an array.

    Errors: ImageError where nothing can be opened.
    """
    if isinstance(source, np.ndarray):
        yield _Single(_from_array(source))
    elif isinstance(source, Image.Image):
        yield _Single(_from_pil(source, "the picture", drafted=False))
    elif isinstance(source, bytes):
        with _opened(source, "the picture") as document:
            yield document
    elif isinstance(source, str | PathLike):
        with _opened(_read(Path(source)), str(source)) as document:
            yield document
    else:
        kind = type(source).__name__
        raise ImageError(f"{kind} was given; expected a path, the bytes of a file, a PIL image or an array")


@dataclass(frozen=True, eq=False)
class _Single:
    """What has one page by nature."""

    shown: Picture
    pages: int = 1

    def picture(self, page: int) -> Picture:
        if page != 0:
            raise ImageError(f"page {page + 1} was asked for; a picture has one")
        return self.shown


@dataclass(frozen=True, eq=False)
class _Frames:
    """An opened image file. Only the frames of a TIFF are pages: others are animations or previews."""

    image: Image.Image
    name: str

    @property
    def pages(self) -> int:
        with _decoder(self.name):
            return int(getattr(self.image, "n_frames", 1)) if self.image.format == "TIFF" else 1

    def picture(self, page: int) -> Picture:
        if not 0 <= page < max(1, self.pages):
            raise ImageError(f"{self.name}: page {page + 1} was asked for; the file has {self.pages}")
        if page or self.image.format == "TIFF":
            with _decoder(self.name):
                self.image.seek(page)
        return _from_pil(self.image, self.name, drafted=True)


@dataclass(frozen=True, eq=False)
class _Pdf:
    data: bytes
    name: str
    pages: int

    def picture(self, page: int) -> Picture:
        from ecgclip.photo.pdf import draw_page

        return Picture(draw_page(self.data, self.name, page, LONG_SIDE_PX, MAX_PIXELS), 1.0, "pdf")


def _read(path: Path) -> bytes:
    try:
        size = path.stat().st_size
        if path.is_dir() or size == 0 or size > MAX_FILE_BYTES:
            found = "a folder" if path.is_dir() else f"{size} bytes"
            raise ImageError(f"{path}: found {found}; expected an image file of at most 400 MB")
        return path.read_bytes()
    except OSError as error:
        raise ImageError(f"{path}: cannot be read ({error.strerror or error}); check the path") from error
    except ValueError as error:  # a path with a zero byte
        raise ImageError(f"{str(path)!r} is no path ({error})") from error


@contextmanager
def _opened(data: bytes, name: str) -> Iterator[Document]:
    if data[:1024].lstrip().startswith(b"%PDF"):
        from ecgclip.photo.pdf import count_pages

        yield _Pdf(data, name, count_pages(data, name))
        return
    formats: tuple[str, ...] = _FORMATS
    if data[4:8] == b"ftyp" and data[8:12] not in (b"avif", b"avis"):
        _register_heif(name)
        formats = ("HEIF",)
    with _decoder(name):
        image = Image.open(io.BytesIO(data), formats=formats)
    with image:
        yield _Frames(image, name)


def _register_heif(name: str) -> None:
    try:
        from pi_heif import register_heif_opener
    except ImportError as error:
        raise ImageError(f"{name}: HEIC needs the package pi-heif; install it or save as JPEG") from error
    register_heif_opener()


@contextmanager
def _decoder(name: str) -> Iterator[None]:
    """Whatever a decoder raises on damaged bytes, which can be anything, becomes one line."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except Image.DecompressionBombError as error:
        raise ImageError(f"{name}: {_TOO_LARGE}") from error
    except UnidentifiedImageError as error:
        raise ImageError(
            f"{name}: this is no image that can be read; give a JPEG, PNG, HEIC or PDF"
        ) from error
    except Exception as error:
        told = " ".join(str(error).split())[:200] or type(error).__name__
        raise ImageError(f"{name}: the image is broken or cut short ({told}); save it again") from error


def _from_pil(image: Image.Image, name: str, *, drafted: bool) -> Picture:
    """drafted: the decoder may shrink while it decodes, which changes the image: not done to a caller's."""
    width, height = image.size
    if width * height > MAX_PIXELS:
        raise ImageError(f"{name}: {width}x{height}: {_TOO_LARGE}")
    with _decoder(name):
        if drafted:
            _draft(image)
        decoded = decode_image(image, LONG_SIDE_PX)
        return _fit(decoded, max(width, height) / max(image.size))


def _draft(image: Image.Image) -> None:
    """Let the decoder halve while both sides stay above a little less than the working size."""
    shrink = max(image.size) / (0.8 * LONG_SIDE_PX)
    if shrink < 2.0:
        return
    if image.format == "JPEG2000":
        image.reduce = _halvings(image.size, int(np.log2(shrink)))  # type: ignore[method-assign,assignment]
    else:
        image.draft("RGB", (round(image.width / shrink), round(image.height / shrink)))


def _halvings(size: tuple[int, int], wanted: int) -> int:
    """How often a JPEG 2000 may be halved: Pillow rounds the sides of the half, the decoder rounds up."""
    for halvings in range(wanted, 0, -1):
        power = 1 << halvings
        if all((side + power // 2) // power == -(-side // power) for side in size):
            return halvings
    return 0


def _from_array(array: npt.NDArray[np.generic]) -> Picture:
    shape = array.shape
    channels = shape[2] if len(shape) == 3 else 1
    if len(shape) not in (2, 3) or channels not in (1, 3, 4) or min(shape) < 1:
        raise ImageError(f"an array of shape {shape} was given; expected [y, x] or [y, x, 3] of uint8")
    if array.dtype.kind not in "buif":
        raise ImageError(f"an array of {array.dtype} was given; expected uint8, other numbers or booleans")
    if shape[0] * shape[1] > MAX_PIXELS:
        raise ImageError(f"the array: {shape[1]}x{shape[0]}: {_TOO_LARGE}")
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
