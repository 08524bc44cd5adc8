"""PDFs written by hand, so that a test decides every operator: ECG prints of many makers' habits."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from ecgclip.records.ecg import Ecg
from ecgclip.typing import Float64s
from ecgclip.units import LEADS, POINT_MM

STANDARD = (("I", "aVR", "V1", "V4"), ("II", "aVL", "V2", "V5"), ("III", "aVF", "V3", "V6"))
SIX = tuple(zip(LEADS[:6], LEADS[6:], strict=True))


@dataclass
class Sheet:
    """Content of one page, in mm from the top left corner, y down."""

    width_mm: float = 297.0
    height_mm: float = 210.0
    scale: float = 1.0
    parts: list[bytes] = field(default_factory=list)

    def at(self, x: float, y: float) -> str:
        return f"{x * self.scale / POINT_MM:.3f} {(self.height_mm - y * self.scale) / POINT_MM:.3f}"

    def add(self, text: str) -> None:
        self.parts.append(text.encode("latin-1"))

    def pen(self, rgb: tuple[float, float, float], width_mm: float) -> None:
        colour = " ".join(f"{part:.3f}" for part in rgb)
        self.add(f"{colour} RG {colour} rg {width_mm / POINT_MM:.3f} w")

    def line(self, x: Sequence[float] | Float64s, y: Sequence[float] | Float64s) -> None:
        points = [self.at(float(a), float(b)) for a, b in zip(x, y, strict=True)]
        self.add(f"{points[0]} m\n" + "\n".join(f"{point} l" for point in points[1:]) + "\nS")

    def segments(self, x: Float64s, y: Float64s) -> None:
        """Every stroke an object of its own, as some printer drivers write."""
        points = [self.at(float(a), float(b)) for a, b in zip(x, y, strict=True)]
        self.add("\n".join(f"{a} m {b} l S" for a, b in pairwise(points)))

    def text(self, x: float, y: float, words: str, size_mm: float = 3.5) -> None:
        safe = words.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
        self.add(f"BT /F {size_mm / POINT_MM:.2f} Tf {self.at(x, y)} Td ({safe}) Tj ET")

    def grid(self, left: float, top: float, right: float, bottom: float, *, minor: bool = True) -> None:
        for step, rgb, width in ((1.0, (1.0, 0.85, 0.85), 0.1), (5.0, (0.95, 0.6, 0.6), 0.2))[not minor :]:
            self.pen(rgb, width)
            for x in np.arange(left, right + 1e-6, step):
                self.line([x, x], [top, bottom])
            for y in np.arange(top, bottom + 1e-6, step):
                self.line([left, right], [y, y])

    def pulse(self, x: float, foot: float, height: float, width: float = 5.0) -> None:
        top = foot - height
        self.line([x - 1, x, x, x + width, x + width, x + width + 1], [foot, foot, top, top, foot, foot])


@dataclass(frozen=True)
class Look:
    """How a print looks."""

    rows: tuple[tuple[str, ...], ...] = STANDARD
    rhythm: tuple[str, ...] = ("II",)
    speed: float = 25.0
    gain: float = 10.0
    chest_gain: float | None = None
    pitch_mm: float = 34.0
    left_mm: float = 20.0
    top_mm: float = 50.0
    seconds: float = 10.0
    simultaneous: bool = False
    gap_mm: float = 0.0
    names: bool = True
    name_mm: tuple[float, float] = (1.0, -6.0)
    settings: str = "25 mm/s 10 mm/mV"
    grid: bool = True
    minor: bool = True
    pulse: bool = True
    row_in_one: bool = False
    segments: bool = False
    scale: float = 1.0
    spelling: dict[str, str] = field(default_factory=dict)


def drawn(ecg: Ecg, look: Look = Look()) -> Sheet:
    """A record printed this way."""
    sheet = Sheet(scale=look.scale)
    rows = [*look.rows, *((lead,) for lead in look.rhythm)]
    width = look.seconds * look.speed
    if look.grid:
        sheet.grid(10, 30, 290, 30 + look.pitch_mm * (len(rows) + 1), minor=look.minor)
    sheet.pen((0, 0, 0), 0.25)
    for number, row in enumerate(rows):
        _row(sheet, ecg, look, row, look.top_mm + number * look.pitch_mm, width)
    sheet.text(10, 205 / max(1.0, look.scale), look.settings)
    sheet.text(10, 8, "Sinus rhythm, type I block in V1 to V3; aVR was low")
    return sheet


def _row(sheet: Sheet, ecg: Ecg, look: Look, row: tuple[str, ...], level: float, width: float) -> None:
    share = width / len(row)
    if look.pulse:
        sheet.pulse(look.left_mm - 7, level, look.gain)
    whole: list[Float64s] = []
    for column, lead in enumerate(row):
        x, y = curve(ecg, look, lead, column, len(row))
        x, y = x + look.left_mm + column * (share + look.gap_mm), level + y
        if look.row_in_one:
            whole.append(np.stack([x, y]))
        elif look.segments:
            sheet.segments(x, y)
        else:
            sheet.line(x, y)
        if look.names:
            name = look.spelling.get(lead, lead)
            sheet.text(float(x[0]) + look.name_mm[0], level + look.name_mm[1], name)
    if whole:
        sheet.line(*np.concatenate(whole, axis=1))


def curve(ecg: Ecg, look: Look, lead: str, column: int, columns: int) -> tuple[Float64s, Float64s]:
    """x from the start of the panel, y under its level, in mm."""
    count = round(look.seconds / columns * ecg.rate_hz)
    first = 0 if look.simultaneous else column * count
    gain = look.chest_gain if look.chest_gain and lead.startswith("V") else look.gain
    values = ecg.signal_mv[LEADS.index(lead.lstrip("-"))][first : first + count].astype(float)
    sign = -1.0 if lead.startswith("-") else 1.0
    return np.arange(values.size) / ecg.rate_hz * look.speed, -sign * gain * values


def file_of(*sheets: Sheet, rotate: int = 0, matrix: str = "", form: str = "") -> bytes:
    """The PDF of some pages.

    rotate: the pages' own entry, in degrees. matrix: set before the content, which may turn a page's size.
    form: the content is a form within a form, each with this matrix.
    """
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b""]

    def add(content: bytes) -> int:
        objects.append(content)
        return len(objects)

    kids = []
    for sheet in sheets:
        content = b"\n".join(sheet.parts)
        sides = [f"{sheet.width_mm / POINT_MM:.3f}", f"{sheet.height_mm / POINT_MM:.3f}"]
        fonts = "/Font << /F << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >>"
        resources = fonts
        if form:
            facts = f"/Type /XObject /Subtype /Form /BBox [-9999 -9999 9999 9999] /Matrix [{form}]"
            inner = add(_stream(content, f"{facts} /Resources << {fonts} >>"))
            outer = add(_stream(b"/B Do", f"{facts} /Resources << /XObject << /B {inner} 0 R >> >>"))
            resources, content = f"/XObject << /A {outer} 0 R >>", b"/A Do"
        if matrix:
            content = f"{matrix} cm\n".encode() + content
        if matrix.startswith("0 "):
            sides.reverse()
        stream = add(_stream(content))
        page = f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {' '.join(sides)}] /Rotate {rotate}"
        kids.append(add(f"{page} /Contents {stream} 0 R /Resources << {resources} >> >>".encode()))
    shown = " ".join(f"{kid} 0 R" for kid in kids)
    objects[1] = f"<< /Type /Pages /Kids [{shown}] /Count {len(kids)} >>".encode()
    return packed(objects)


def _stream(data: bytes, facts: str = "") -> bytes:
    packed_data = zlib.compress(data)
    head = f"<< {facts} /Filter /FlateDecode /Length {len(packed_data)} >>"
    return head.encode() + b"\nstream\n" + packed_data + b"\nendstream"


def packed(objects: list[bytes]) -> bytes:
    """A PDF of these objects, numbered from 1, the first of them its catalogue."""
    body, places = b"%PDF-1.5\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    head = b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    end = b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF"
    return body + head + table + end % (len(objects) + 1, len(body))
