"""`PagePaths`: the lines and the words of a PDF page, as the box lists them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np

from ecgclip.photo.vector.words import Word, words_of
from ecgclip.typing import Array, Bools, Float64s, Int64s, Uint8s

_TYPES: Final = ("<f4", "<u4", "<u4", "<f4", "<f4", "<u4", "<f4")
"""Of the arrays of `walk.Listing`, in its order."""
_WIDEST_MM: Final = 1e5
_PLACE: Final = 8
"""Numbers of a character's place."""
_STROKED: Final = 24
_FILLED: Final = 25
"""Bits of a line's colour."""


@dataclass(frozen=True, eq=False)
class PagePaths:
    """Lines and words of a page, in mm from its top left corner, y down.

    Attributes:
        size_mm: Width and height of the page as it is shown.
        points: float64 [point, 2], x and y of all lines, one behind the other.
        starts: int64 [line + 1], the first point of each line, and the number of points.
        width_mm: float64 [line], of the strokes.
        rgb: uint8 [line, 3].
        stroked, filled: bool [line].
        marks: float64 [mark, 2], where characters stand that are repeated as the dots of a grid are.
        words: What is written, in the order of the file.
    """

    size_mm: tuple[float, float]
    points: Float64s
    starts: Int64s
    width_mm: Float64s
    rgb: Uint8s
    stroked: Bools
    filled: Bools
    marks: Float64s
    words: tuple[Word, ...] = ()

    @classmethod
    def of_listing(cls, facts: Mapping[str, Any], data: bytes) -> Self | None:
        """Take apart what the box sent, which a hostile file may control; None where it is malformed."""
        size_mm, parts = facts.get("size_mm"), _parts(facts.get("bytes"), data)
        if parts is None or not isinstance(size_mm, list) or len(size_mm) != 2:
            return None
        if not all(isinstance(side, int | float) and 0 < side < _WIDEST_MM for side in size_mm):
            return None
        points, lengths, colours, widths, marks, codes, places = parts
        lines = lengths.size
        fits = 2 * int(lengths.sum(dtype=np.int64)) == points.size and lines == colours.size == widths.size
        if not fits or places.size != _PLACE * codes.size or marks.size % 2:
            return None
        starts = np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)])
        rgb = np.stack([colours >> 16, colours >> 8, colours], axis=1) & 0xFF
        return cls(
            (float(size_mm[0]), float(size_mm[1])),
            points.reshape(-1, 2).astype(np.float64),
            starts,
            widths.astype(np.float64),
            rgb.astype(np.uint8),
            (colours >> _STROKED & 1).astype(bool),
            (colours >> _FILLED & 1).astype(bool),
            marks.reshape(-1, 2).astype(np.float64),
            words_of(codes, places.reshape(-1, _PLACE).astype(np.float64)),
        )

    @property
    def lines(self) -> int:
        return self.starts.size - 1


def _parts(sizes: object, data: bytes) -> list[Array] | None:
    """The arrays of a listing; None where their lengths do not fit the bytes, or a number is not finite."""
    if not isinstance(sizes, list) or len(sizes) != len(_TYPES):
        return None
    if not all(isinstance(size, int) and size >= 0 and size % 4 == 0 for size in sizes):
        return None
    if sum(sizes) != len(data):
        return None
    ends = np.cumsum(sizes)
    parts = [
        np.frombuffer(data[end - size : end], kind)
        for end, size, kind in zip(ends.tolist(), sizes, _TYPES, strict=True)
    ]
    return parts if all(np.isfinite(part).all() for part in parts) else None
