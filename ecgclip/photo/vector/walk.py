"""What a PDF page draws, listed by PDFium in the box: lines as points, characters with their places.

Nothing but the standard library and PDFium is imported here, so that the box starts quickly; `paths.py` takes
the bytes apart. Clips are ignored: what they hide is rarely a trace.
"""

import ctypes
import math
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import pypdfium2.raw as raw

from ecgclip.units import POINT_MM

MOST_OBJECTS: Final = 100_000
MOST_POINTS: Final = 300_000
MOST_CHARACTERS: Final = 100_000
"""A page of more is not listed, within 2 s; of text, the first characters are. Most prints have a tenth."""
_REPEATED: Final = 12
"""Equal characters in a row beyond which they are marks: grids are set from fonts of dots."""
_BLANK: Final = 0x20
_DEEPEST: Final = 8
"""Forms within forms."""
_CURVE_STEP_MM: Final = 0.2
_MOST_STEPS: Final = 16
"""A Bézier curve becomes this many lines at most, each about this long."""
STROKED: Final = 1 << 24
FILLED: Final = 1 << 25
"""Flags above the 24 bits of colour of a line."""

_BOX: Final = 16
"""Segments of a filled shape of which the box alone is listed: a rectangle has five, a round dot thirteen."""
_FILL, _STROKE = ctypes.c_int(), ctypes.c_int()
_SIDES: Final = tuple(ctypes.c_float() for _ in range(4))
_COLOUR: Final = tuple(ctypes.c_uint() for _ in range(4))
_WIDTH: Final = ctypes.c_float()
"""Where PDFium writes its answers; one page is listed at a time."""

Matrix = tuple[float, float, float, float, float, float]
"""a, b, c, d, e, f as in a PDF: x' = a x + c y + e, y' = b x + d y + f."""


class TooManyError(Exception):
    """The page holds more than is listed."""


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


def list_page(page: Any) -> Listing:
    """page: a handle of PDFium's. Errors: TooManyError."""
    to_mm, width_mm, height_mm = _page_matrix(page)
    listing = Listing(width_mm, height_mm)
    budget = [MOST_OBJECTS, MOST_POINTS]
    for found, matrix in _objects(page, to_mm, budget):
        _add_path(listing, found, matrix, budget)
    _add_characters(listing, page, to_mm)
    return listing


def _page_matrix(page: Any) -> tuple[Matrix, float, float]:
    """From the page's own points to mm of the page as it is shown, and its width and height."""
    box = raw.FS_RECTF()
    raw.FPDF_GetPageBoundingBox(page, box)
    mm = POINT_MM
    wide, high = (box.right - box.left) * mm, (box.top - box.bottom) * mm
    match raw.FPDFPage_GetRotation(page):
        case 1:
            return (0, mm, mm, 0, -box.bottom * mm, -box.left * mm), high, wide
        case 2:
            return (-mm, 0, 0, mm, box.right * mm, -box.bottom * mm), wide, high
        case 3:
            return (0, -mm, -mm, 0, box.top * mm, box.right * mm), high, wide
        case _:
            return (mm, 0, 0, -mm, -box.left * mm, box.top * mm), wide, high


def _objects(page: Any, to_mm: Matrix, budget: list[int]) -> Iterator[tuple[Any, Matrix]]:
    """The paths of the page and its forms, each with the matrix to mm."""
    count = raw.FPDFPage_CountObjects(page)
    if count > budget[0]:
        raise TooManyError
    for index in range(count):
        yield from _paths_of(raw.FPDFPage_GetObject(page, index), to_mm, budget, 0)


def _paths_of(found: Any, matrix: Matrix, budget: list[int], depth: int) -> Iterator[tuple[Any, Matrix]]:
    budget[0] -= 1
    if budget[0] < 0:
        raise TooManyError
    kind = raw.FPDFPageObj_GetType(found)
    if kind == raw.FPDF_PAGEOBJ_PATH:
        yield found, matrix
    elif kind == raw.FPDF_PAGEOBJ_FORM and depth < _DEEPEST:
        matrix = _times(_own_matrix(found), matrix)
        for index in range(raw.FPDFFormObj_CountObjects(found)):
            yield from _paths_of(raw.FPDFFormObj_GetObject(found, index), matrix, budget, depth + 1)


def _own_matrix(found: Any) -> Matrix:
    own = raw.FS_MATRIX()
    raw.FPDFPageObj_GetMatrix(found, own)
    return own.a, own.b, own.c, own.d, own.e, own.f


def _times(first: Matrix, then: Matrix) -> Matrix:
    a, b, c, d, e, f = first
    p, q, r, s, t, u = then
    return (
        a * p + b * r,
        a * q + b * s,
        c * p + d * r,
        c * q + d * s,
        e * p + f * r + t,
        e * q + f * s + u,
    )


def _add_path(listing: Listing, path: Any, around: Matrix, budget: list[int]) -> None:
    """around: of what holds the path."""
    segments = max(0, raw.FPDFPath_CountSegments(path))
    budget[1] -= segments
    if budget[1] < 0:
        raise TooManyError
    fill, stroke = _FILL, _STROKE
    raw.FPDFPath_GetDrawMode(path, fill, stroke)
    if stroke.value:
        _add_lines(listing, path, _times(_own_matrix(path), around), segments, budget)
    elif fill.value and segments <= _BOX:
        _add_box(listing, path, around)
    elif fill.value:
        _add_lines(listing, path, _times(_own_matrix(path), around), segments, budget)


def _add_box(listing: Listing, path: Any, around: Matrix) -> None:
    """A small filled shape, as the diagonal of its box: it may be a bar or a dot of a grid."""
    left, bottom, right, top = _SIDES
    raw.FPDFPageObj_GetBounds(path, left, bottom, right, top)
    a, b, c, d, e, f = around
    line = []
    for x, y in ((left.value, bottom.value), (right.value, top.value)):
        line += [a * x + c * y + e, b * x + d * y + f]
    listing.add(line, _colour(path, False) | FILLED, 0.0)


def _add_lines(listing: Listing, path: Any, matrix: Matrix, segments: int, budget: list[int]) -> None:
    fill, stroke = _FILL.value, _STROKE.value
    colour = _colour(path, bool(stroke)) | (STROKED if stroke else 0) | (FILLED if fill else 0)
    width_mm = _width_mm(path, matrix) if stroke else 0.0
    line: list[float] = []
    controls: list[float] = []
    x, y = ctypes.c_float(), ctypes.c_float()
    a, b, c, d, e, f = matrix
    for index in range(segments):
        segment = raw.FPDFPath_GetPathSegment(path, index)
        raw.FPDFPathSegment_GetPoint(segment, x, y)
        point = a * x.value + c * y.value + e, b * x.value + d * y.value + f
        kind = raw.FPDFPathSegment_GetType(segment)
        if kind == raw.FPDF_SEGMENT_LINETO:
            line.extend(point)
        elif kind == raw.FPDF_SEGMENT_MOVETO:
            listing.add(line, colour, width_mm)
            line, controls = [*point], []
        else:
            controls.extend(point)
            if len(controls) == 6 and line:
                budget[1] -= _flatten(line, controls)
                controls = []
    listing.add(line, colour, width_mm)


def _flatten(line: list[float], controls: list[float]) -> int:
    """Prolong a line by a Bézier curve, as short lines; how many."""
    ends = [*line[-2:], *controls]
    span = sum(math.hypot(ends[i + 2] - ends[i], ends[i + 3] - ends[i + 1]) for i in (0, 2, 4))
    steps = max(1, int(min(_MOST_STEPS, span / _CURVE_STEP_MM))) if math.isfinite(span) else 1
    for step in range(1, steps + 1):
        t = step / steps
        weights = (1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3
        line.append(sum(w * ends[2 * i] for i, w in enumerate(weights)))
        line.append(sum(w * ends[2 * i + 1] for i, w in enumerate(weights)))
    return steps


def _colour(path: Any, stroke: bool) -> int:
    red, green, blue, alpha = _COLOUR
    colour_of = raw.FPDFPageObj_GetStrokeColor if stroke else raw.FPDFPageObj_GetFillColor
    colour_of(path, red, green, blue, alpha)
    return int(red.value << 16 | green.value << 8 | blue.value)


def _width_mm(path: Any, matrix: Matrix) -> float:
    raw.FPDFPageObj_GetStrokeWidth(path, _WIDTH)
    a, b, c, d, _, _ = matrix
    return float(_WIDTH.value * math.sqrt(abs(a * d - b * c)))


def _add_characters(listing: Listing, page: Any, to_mm: Matrix) -> None:
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
