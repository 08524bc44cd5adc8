"""`Listing`: what a PDF page draws, as the box sends it. It imports nothing but the standard library."""

import math
from array import array
from dataclasses import dataclass, field
from typing import Any, Final

STROKED: Final = 1 << 24
FILLED: Final = 1 << 25
"""Flags above the 24 bits of colour of a line."""

Matrix = tuple[float, float, float, float, float, float]
"""a, b, c, d, e, f as in a PDF: x' = a x + c y + e, y' = b x + d y + f."""


@dataclass(frozen=True, eq=False)
class Listing:
    """Lines and characters of a page, in mm from its top left corner as it is shown, y down.

    points: x, y, …; lengths: points of each line; colours: 0xRRGGBB and flags, widths in mm, for each line.
    marks: x and y of each character that is repeated many times, as in a grid of dots. codes: of each other
    character; places: for each of these x and y of its origin, left, top, right and bottom of its box (as
    wide as it is set, as high as the font), and the direction of writing.
    """

    width_mm: float
    height_mm: float
    points: "array[float]" = field(default_factory=lambda: array("f"))
    lengths: "array[int]" = field(default_factory=lambda: array("I"))
    colours: "array[int]" = field(default_factory=lambda: array("I"))
    widths: "array[float]" = field(default_factory=lambda: array("f"))
    marks: "array[float]" = field(default_factory=lambda: array("f"))
    codes: "array[int]" = field(default_factory=lambda: array("I"))
    places: "array[float]" = field(default_factory=lambda: array("f"))

    def arrays(self) -> tuple["array[Any]", ...]:
        return self.points, self.lengths, self.colours, self.widths, self.marks, self.codes, self.places

    def add(self, line: list[float], colour: int, width_mm: float) -> None:
        """A line of two points or more; one with a point that is no number is left out."""
        if len(line) >= 4 and all(map(math.isfinite, line)):
            self.points.extend(line)
            self.lengths.append(len(line) // 2)
            self.colours.append(colour)
            self.widths.append(width_mm)
