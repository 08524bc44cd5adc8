"""The characters of a PDF page with their places, listed by PDFium in the box."""

import ctypes
import math
from typing import Any, Final

import pypdfium2.raw as raw

from ecgclip.photo.vector.listing import Listing, Matrix
from ecgclip.units import POINT_MM

MOST_CHARACTERS: Final = 100_000
"""Of a page with more, the first are listed; most prints have a hundredth."""
_REPEATED: Final = 12
"""Equal characters in a row beyond which they are marks: grids are set from fonts of dots."""
_BLANK: Final = 0x20


def add_characters(listing: Listing, page: Any, to_mm: Matrix) -> None:
    text = raw.FPDFText_LoadPage(page)
    if not text:
        return
    last, repeated = -1, 0
    try:
        for index in range(min(raw.FPDFText_CountChars(text), MOST_CHARACTERS)):
            if raw.FPDFText_IsGenerated(text, index) == 1:
                continue
            code = raw.FPDFText_GetUnicode(text, index)
            repeated = repeated + 1 if code == last and code != _BLANK else 0
            last = code
            if repeated < _REPEATED:
                _add_character(listing, text, index, to_mm)
            else:
                _add_mark(listing, text, index, to_mm)
    finally:
        raw.FPDFText_ClosePage(text)


def _add_mark(listing: Listing, text: Any, index: int, to_mm: Matrix) -> None:
    a, b, c, d, e, f = to_mm
    x, y = ctypes.c_double(), ctypes.c_double()
    raw.FPDFText_GetCharOrigin(text, index, x, y)
    place = [a * x.value + c * y.value + e, b * x.value + d * y.value + f]
    if all(map(math.isfinite, place)):
        listing.marks.extend(place)


def _add_character(listing: Listing, text: Any, index: int, to_mm: Matrix) -> None:
    a, b, c, d, e, f = to_mm
    x, y = ctypes.c_double(), ctypes.c_double()
    raw.FPDFText_GetCharOrigin(text, index, x, y)
    box = raw.FS_RECTF()
    raw.FPDFText_GetLooseCharBox(text, index, box)
    corners = [
        (a * u + c * v + e, b * u + d * v + f)
        for u, v in ((x.value, y.value), (box.left, box.top), (box.right, box.bottom))
    ]
    (ox, oy), (x0, y0), (x1, y1) = corners
    angle = raw.FPDFText_GetCharAngle(text, index)
    along = math.cos(angle), -math.sin(angle)  # PDFium counts clockwise
    place = [ox, oy, min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)]
    place += [(a * along[0] + c * along[1]) / POINT_MM, (b * along[0] + d * along[1]) / POINT_MM]
    if all(map(math.isfinite, place)):
        listing.codes.append(raw.FPDFText_GetUnicode(text, index))
        listing.places.extend(place)
