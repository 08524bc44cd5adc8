"""A picture's file opened, and decoded, by Pillow alone: it needs no numpy and holds no lock of Python's.

So a question's picture is decoded while the libraries that read it are still being imported.
"""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from math import log2
from pathlib import Path
from typing import Final

from PIL import Image, UnidentifiedImageError

from ecgclip.errors import ImageError

LONG_SIDE_PX: Final = 2000
"""Of the working image: 250 mm of paper then still have 5 px/mm where the page fills two thirds of it."""
MAX_PIXELS: Final = 80_000_000
MAX_FILE_BYTES: Final = 400_000_000
"""More than 80 megapixels of four bytes."""
TOO_LARGE: Final = "the image has more than 80 megapixels; save it smaller"

_FORMATS: Final = ("JPEG", "PNG", "GIF", "BMP", "PPM", "WEBP", "TIFF", "AVIF", "JPEG2000")
"""Pictures only: other decoders start programs or follow links."""
_BLOCK_BYTES: Final = 1 << 24
"""Handed to a decoder at a time: between two blocks it may have to wait for a busy interpreter."""


@dataclass(frozen=True, eq=False)
class Opened:
    """A file that Pillow knows how to decode, or a PDF.

    image: None for a PDF. size_px: (width, height) of the first frame as stored, (0, 0) for a PDF.
    """

    name: str
    data: bytes
    image: Image.Image | None
    size_px: tuple[int, int] = (0, 0)

    @property
    def paged(self) -> bool:
        """Only the frames of a TIFF are pages: others are animations or previews."""
        return self.image is not None and self.image.format == "TIFF"


def open_file(path: Path) -> Opened:
    """Errors: ImageError for what is absent, empty, above 400 MB or no picture."""
    return open_bytes(_read(path), str(path))


def open_bytes(data: bytes, name: str) -> Opened:
    """name: what errors call it. Errors: ImageError for what is no picture."""
    if data[:1024].lstrip().startswith(b"%PDF"):
        return Opened(name, data, None)
    formats: tuple[str, ...] = _FORMATS
    if data[4:8] == b"ftyp" and data[8:12] not in (b"avif", b"avis"):
        _register_heif(name)
        formats = ("HEIF",)
    with decoder(name):
        image = Image.open(io.BytesIO(data), formats=formats)
    return Opened(name, data, image, image.size)


def open_decoded(path: Path) -> Opened:
    """Open a file and decode its picture now; a PDF and the pages of a TIFF wait until one is asked for.

    Errors: ImageError, as `open_file`, and for what is broken or over 80 megapixels.
    """
    opened = open_file(path)
    if opened.image is not None and not opened.paged:
        decode(opened, opened.image)
    return opened


def decode(opened: Opened, image: Image.Image) -> None:
    """Decode the frame that `image` shows, shrunk where its decoder can.

    Errors: ImageError for what is broken, cut short or over 80 megapixels.
    """
    check_pixels(image.size, opened.name)
    with decoder(opened.name):
        _draft(image)
        if hasattr(image, "decodermaxblock"):
            image.decodermaxblock = _BLOCK_BYTES
        image.load()


def check_pixels(size_px: tuple[int, int], name: str) -> None:
    """Errors: ImageError for more than 80 megapixels."""
    if size_px[0] * size_px[1] > MAX_PIXELS:
        raise ImageError(f"{name}: {size_px[0]}x{size_px[1]}: {TOO_LARGE}")


@contextmanager
def decoder(name: str) -> Iterator[None]:
    """Whatever a decoder raises on damaged bytes, which can be anything, becomes one line.

    What Pillow warns of is left to the caller's filters: they belong to the whole process.
    """
    try:
        yield
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise ImageError(f"{name}: {TOO_LARGE}") from error
    except UnidentifiedImageError as error:
        raise ImageError(
            f"{name}: this is no image that can be read; give a JPEG, PNG, HEIC or PDF"
        ) from error
    except Exception as error:
        told = " ".join(str(error).split())[:200] or type(error).__name__
        raise ImageError(f"{name}: the image is broken or cut short ({told}); save it again") from error


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


def _register_heif(name: str) -> None:
    try:
        from pi_heif import register_heif_opener
    except ImportError as error:
        raise ImageError(f"{name}: HEIC needs the package pi-heif; install it or save as JPEG") from error
    register_heif_opener()


def _draft(image: Image.Image) -> None:
    """Let the decoder halve while both sides stay above a little less than the working size."""
    shrink = max(image.size) / (0.8 * LONG_SIDE_PX)
    if shrink < 2.0:
        return
    if image.format == "JPEG2000":
        image.reduce = _halvings(image.size, int(log2(shrink)))  # type: ignore[method-assign,assignment]
    else:
        image.draft("RGB", (round(image.width / shrink), round(image.height / shrink)))


def _halvings(size: tuple[int, int], wanted: int) -> int:
    """How often a JPEG 2000 may be halved: Pillow rounds the sides of the half, the decoder rounds up."""
    for halvings in range(wanted, 0, -1):
        power = 1 << halvings
        if all((side + power // 2) // power == -(-side // power) for side in size):
            return halvings
    return 0
