"""One frame of a picture's file, decoded by Pillow alone: it needs no numpy and holds no lock of Python's.

So a question's picture is decoded while the libraries that read it are still being imported, and a boxed
decoder (`decoder_program`) starts quickly.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from math import log2
from typing import Final

from PIL import Image, UnidentifiedImageError

from ecgclip.errors import ImageError

LONG_SIDE_PX: Final = 2000
"""Long side of the working image: where 250 mm of paper fill two thirds of it, they have 5 px/mm."""
MAX_PIXELS: Final = 80_000_000
TOO_LARGE: Final = "the image has more than 80 megapixels; save it smaller"
NO_IMAGE: Final = "this is no image that can be read; give a JPEG, PNG, HEIC or PDF"
BYTES_A_PIXEL: Final = {"L": 1, "RGB": 3, "I;16": 2, "I;16B": 2, "I;16L": 2, "I": 4, "F": 4}
"""The forms in which pictures come out of the box, as Pillow calls them."""
_BLOCK_BYTES: Final = 1 << 24
"""Bytes given to a decoder at a time: between two blocks it may have to wait for a busy interpreter."""
_ORIENTATION: Final = 0x0112
_CLEAR: Final = ("RGBA", "LA", "PA", "La", "RGBa")
"""Modes of Pillow's that hold how transparent a pixel is."""


@dataclass(frozen=True)
class Box:
    """Pixels from `left` to `right` and from `top` to `bottom`, the ends excluded."""

    left: int
    top: int
    right: int
    bottom: int


@dataclass(frozen=True, eq=False)
class Bare:
    """Pixels as they came out of the box, row by row; mode: one of `BYTES_A_PIXEL`."""

    mode: str
    size: tuple[int, int]
    data: bytes


@dataclass(frozen=True, eq=False)
class Frame:
    """A decoded picture.

    original_px: (width, height) as stored, of which the decoder may have made less.
    orientation: how the camera was held, 1..8 as EXIF counts; 1 is upright.
    """

    image: Image.Image | Bare
    original_px: tuple[int, int]
    orientation: int = 1


def decode(image: Image.Image, name: str, shrink: float | None = None) -> Frame:
    """Decode what an opened image shows now, shrunk where its decoder can.

    shrink: most pixels of the original per pixel along a side; None: as far as the working size allows.
    Errors: ImageError for what is broken, cut short or over 80 megapixels.
    """
    check_pixels(image.size, name)
    size_px = image.size
    with decoder_errors(name):
        _draft(image, max(image.size) / LONG_SIDE_PX if shrink is None else shrink)
        if hasattr(image, "decodermaxblock"):
            image.decodermaxblock = _BLOCK_BYTES
        image.load()
    return Frame(image, size_px, orientation(image))


def orientation(image: Image.Image) -> int:
    """How the camera says that it was held, 1..8; 1 where what it says cannot be read.

    The picture is whole even where its EXIF is not, and the reader finds its orientation by itself.
    """
    try:
        said = image.getexif().get(_ORIENTATION, 1)
    except Exception:
        return 1
    return said if said in range(1, 9) else 1


def check_pixels(size_px: tuple[int, int], name: str) -> None:
    """Errors: ImageError for more than 80 megapixels."""
    if size_px[0] * size_px[1] > MAX_PIXELS:
        raise ImageError(f"{name}: {size_px[0]}x{size_px[1]}: {TOO_LARGE}")


@contextmanager
def decoder_errors(name: str) -> Iterator[None]:
    """Turn what a decoder raises on damaged bytes, which can be anything, into an ImageError of one line.

    What Pillow warns of is left to the caller's filters: they belong to the whole process.
    """
    try:
        yield
    except (MemoryError, ImageError):  # already one line
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise ImageError(f"{name}: {TOO_LARGE}") from error
    except UnidentifiedImageError as error:
        raise ImageError(f"{name}: {NO_IMAGE}") from error
    except Exception as error:
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise ImageError(f"{name}: the image is broken or cut short ({reason}); save it again") from error


def on_white(image: Image.Image) -> Image.Image:
    """The picture as RGB, white where it is transparent; large ones strip by strip, to save memory."""
    if image.mode in _CLEAR or "transparency" in image.info:
        over = image.convert("RGBA")
        white = Image.new("RGBA", over.size, "white")
        return Image.alpha_composite(white, over).convert("RGB")
    return image if image.mode == "RGB" else image.convert("RGB")


def _draft(image: Image.Image, shrink: float) -> None:
    """Let the decoder halve while both sides stay above a little less than what is wanted."""
    shrink /= 0.8
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
