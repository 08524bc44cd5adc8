"""From a decoder's pixels, of whatever kind and size, to upright eight-bit RGB in bounded memory.

Large pictures are converted and averaged strip by strip: 80 megapixels with transparency would otherwise be
held three times over.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from PIL import Image

from ecgclip.photo.loading.frame import Bare, Box, Frame, on_white
from ecgclip.typing import Array, Rgb, Uint8s

Strip = Callable[[int, int], Rgb]
"""Rows from one y to another, uint8 [y, x, 3]."""

_STRIP_PIXELS: Final = 4_000_000
_DEEP: Final = ("I;16", "I;16B", "I;16L", "I;16N", "I", "F")
_TYPES: Final = {
    "L": "u1",
    "RGB": "u1",
    "I;16": "<u2",
    "I;16L": "<u2",
    "I;16B": ">u2",
    "I": "=i4",
    "F": "=f4",
}
"""How the pixels of a bare picture lie in memory."""
_DEPTHS: Final = (255.0, 1023.0, 4095.0, 16383.0, 65535.0)
"""White of 8, 10, 12, 14 and 16 bits: scanners store 12 bits as they come."""


@dataclass(frozen=True, eq=False)
class Decoded:
    """rgb: uint8 [y, x, 3], upright; shrink: pixels of the original per pixel of it, a whole number."""

    rgb: Rgb
    shrink: int


def decode_frame(frame: Frame, long_side: int, box: Box | None = None) -> Decoded:
    """A decoded picture, averaged by a whole number while its long side stays above `long_side`.

    box: the part of the upright frame that is wanted; None: all of it.
    Errors: whatever Pillow raises.
    """
    image = frame.image
    stored = None if box is None else as_stored(box, image.size, frame.orientation)
    if isinstance(image, Bare):
        values = _values(image)
        if stored is not None:
            values = values[stored.top : stored.bottom, stored.left : stored.right]
        decoded = decode_array(values, long_side)
        return Decoded(_turned(decoded.rgb, frame.orientation), decoded.shrink)
    if stored is not None:
        image = image.crop((stored.left, stored.top, stored.right, stored.bottom))
    if image.mode in _DEEP:
        decoded = _of_values(lambda y, to: np.asarray(_rows(image, y, to)), image.size, long_side)
    else:
        width, height = image.size
        decoded = _shrunk(lambda y, to: np.asarray(on_white(_rows(image, y, to))), height, width, long_side)
    return Decoded(_turned(decoded.rgb, frame.orientation), decoded.shrink)


def as_stored(box: Box, size_px: tuple[int, int], orientation: int) -> Box:
    """Where a box of the upright picture lies in the picture as stored, whose (width, height) is given."""
    width, height = size_px
    left, top, right, bottom = box.left, box.top, box.right, box.bottom
    if orientation in (5, 6, 7, 8):
        left, top, right, bottom = top, left, bottom, right
    if orientation in (2, 3, 7, 8):
        left, right = width - right, width - left
    if orientation in (3, 4, 6, 7):
        top, bottom = height - bottom, height - top
    return Box(max(0, left), max(0, top), min(width, right), min(height, bottom))


def _values(bare: Bare) -> Array:
    """[y, x] or [y, x, 3], without a copy."""
    width, height = bare.size
    shape = (height, width, 3) if bare.mode == "RGB" else (height, width)
    return np.frombuffer(bare.data, _TYPES[bare.mode]).reshape(shape)


def _of_values(values: Callable[[int, int], Array], size_px: tuple[int, int], long_side: int) -> Decoded:
    width, height = size_px
    top = _top(values, height, width)
    return _shrunk(lambda y, to: _from_values(values(y, to), top), height, width, long_side)


def _rows(image: Image.Image, y: int, to: int) -> Image.Image:
    """Part of an image; the whole one is not copied."""
    return image if to - y == image.height else image.crop((0, y, image.width, to))


def decode_array(values: Array, long_side: int) -> Decoded:
    """The same for an array [y, x], [y, x, 1], [y, x, 3] or [y, x, 4] of numbers."""
    height, width = values.shape[:2]
    top = 255.0 if values.dtype == np.uint8 else _top(lambda y, to: values[y:to], height, width)
    return _shrunk(lambda y, to: _from_values(values[y:to], top), height, width, long_side)


def _shrunk(strip: Strip, height: int, width: int, long_side: int) -> Decoded:
    """The whole picture from its strips, each averaged over squares of `shrink` pixels."""
    shrink = max(1, min(max(height, width) // long_side, height, width))
    if shrink == 1:
        return Decoded(np.ascontiguousarray(strip(0, height)), 1)
    rows, columns = height // shrink, width // shrink
    rgb = np.empty((rows, columns, 3), np.uint8)
    step = max(1, _STRIP_PIXELS // (width * shrink))
    for row in range(0, rows, step):
        end = min(row + step, rows)
        rgb[row:end] = _averaged(strip(row * shrink, end * shrink), end - row, columns, shrink)
    return Decoded(rgb, shrink)


def _averaged(rgb: Rgb, rows: int, columns: int, shrink: int) -> Rgb:
    import cv2

    whole = np.ascontiguousarray(rgb[:, : columns * shrink])
    small = cv2.resize(whole, (columns, rows), interpolation=cv2.INTER_AREA)
    return small.astype(np.uint8, copy=False)


def _from_values(values: Array, top: float) -> Rgb:
    """Eight-bit RGB of numbers whose white is `top`; one channel is grey, a fourth is opacity on white."""
    numbers = values if values.dtype == np.uint8 else _eight_bit(values, top)
    if numbers.ndim == 2 or numbers.shape[2] == 1:
        return np.repeat(numbers.reshape(*numbers.shape[:2], 1), 3, axis=2).astype(np.uint8, copy=False)
    if numbers.shape[2] == 4:
        return np.asarray(on_white(Image.fromarray(np.ascontiguousarray(numbers))))
    return numbers.astype(np.uint8, copy=False)


def _eight_bit(values: Array, top: float) -> Uint8s:
    numbers = np.nan_to_num(values.astype(np.float32), posinf=top, neginf=0.0) * np.float32(255.0 / top)
    return np.clip(np.round(numbers), 0, 255).astype(np.uint8)


def _top(strip: Callable[[int, int], Array], height: int, width: int) -> float:
    """What counts as white: 1 for fractions, else the white of the smallest depth that holds all numbers."""
    step = max(1, _STRIP_PIXELS // width)
    highest, fractions = 0.0, True
    for y in range(0, height, step):
        part = strip(y, min(y + step, height))
        fractions = not np.issubdtype(part.dtype, np.integer)
        finite = np.where(np.isfinite(part), part, 0) if fractions else part
        highest = max(highest, float(finite.max(initial=0)))
    if fractions and highest <= 1.0:
        return 1.0
    return next((depth for depth in _DEPTHS if highest <= depth), highest)


def _turned(rgb: Rgb, orientation: int) -> Rgb:
    match orientation:
        case 2:
            turned = rgb[:, ::-1]
        case 3:
            turned = rgb[::-1, ::-1]
        case 4:
            turned = rgb[::-1]
        case 5:
            turned = rgb.transpose(1, 0, 2)
        case 6:
            turned = np.rot90(rgb, -1)
        case 7:
            turned = rgb.transpose(1, 0, 2)[::-1, ::-1]
        case 8:
            turned = np.rot90(rgb)
        case _:
            return rgb
    return np.ascontiguousarray(turned)
