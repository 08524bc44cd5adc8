"""Lettering of printers: matplotlib's fonts, others where they are installed, strokes of plotters."""

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

import cv2
import numpy as np

from ecgclip.paper.lettering import FILES
from ecgclip.paper.styles import Font
from ecgclip.simulation.prints.chance import between, comes, pick
from ecgclip.typing import Uint8s

if TYPE_CHECKING:
    from PIL import ImageFont


class Face(StrEnum):
    """What a letter looks like."""

    SANS = "sans"
    BOLD = "bold"
    MONO = "mono"
    MONO_BOLD = "mono bold"
    SERIF = "serif"
    TIMES = "times"
    TIMES_BOLD = "times bold"
    TIMES_ITALIC = "times italic"
    GROTESK = "grotesk"
    ROMAN = "roman"
    TYPEWRITER = "typewriter"
    HELVETICA = "helvetica"
    HELVETICA_BOLD = "helvetica bold"
    NARROW = "narrow"
    COURIER = "courier"
    STROKE = "stroke"
    STROKE_SERIF = "stroke serif"
    STROKE_PLAIN = "stroke plain"


_FILES: Final[dict[Face, tuple[str, ...]]] = {
    Face.SANS: ("DejaVuSans.ttf",),
    Face.BOLD: ("DejaVuSans-Bold.ttf",),
    Face.MONO: ("DejaVuSansMono.ttf",),
    Face.MONO_BOLD: ("DejaVuSansMono-Bold.ttf",),
    Face.SERIF: ("DejaVuSerif.ttf",),
    Face.TIMES: ("STIXGeneral.ttf",),
    Face.TIMES_BOLD: ("STIXGeneralBol.ttf",),
    Face.TIMES_ITALIC: ("STIXGeneralItalic.ttf",),
    Face.GROTESK: ("cmss10.ttf", "DejaVuSans.ttf"),
    Face.ROMAN: ("cmr10.ttf", "STIXGeneral.ttf"),
    Face.TYPEWRITER: ("cmtt10.ttf", "DejaVuSansMono.ttf"),
    Face.HELVETICA: ("LiberationSans-Regular.ttf", "FreeSans.ttf", "cmss10.ttf", "DejaVuSans.ttf"),
    Face.HELVETICA_BOLD: ("LiberationSans-Bold.ttf", "FreeSansBold.ttf", "DejaVuSans-Bold.ttf"),
    Face.NARROW: ("LiberationSansNarrow-Regular.ttf", "DejaVuSansCondensed.ttf", "DejaVuSans.ttf"),
    Face.COURIER: ("LiberationMono-Regular.ttf", "Courier Prime.ttf", "cmtt10.ttf", "DejaVuSansMono.ttf"),
}
"""The first that is installed is taken; the last ones come with matplotlib."""
_STROKES: Final = {
    Face.STROKE: cv2.FONT_HERSHEY_SIMPLEX,
    Face.STROKE_SERIF: cv2.FONT_HERSHEY_COMPLEX,
    Face.STROKE_PLAIN: cv2.FONT_HERSHEY_PLAIN,
}
_LIMITED: Final = (Face.GROTESK, Face.ROMAN, Face.TYPEWRITER, Face.HELVETICA, Face.COURIER)
"""These may hold Latin letters and digits alone."""
_FOLDERS: Final = ("/usr/share/fonts/truetype", "/usr/share/fonts/opentype", "/Library/Fonts")


@dataclass(frozen=True)
class Lettering:
    """Letters of one machine.

    stretch: width over the font's own; tracking_em: space added between letters; bitmap_px: height of a
    capital in the dots of a printer's own letters, 0 where they are outlines; double: struck twice.
    """

    face: Face
    capital_mm: float
    stretch: float = 1.0
    tracking_em: float = 0.0
    bitmap_px: int = 0
    double: bool = False


FACES: Final = {
    Face.SANS: 0.14,
    Face.BOLD: 0.07,
    Face.MONO: 0.08,
    Face.MONO_BOLD: 0.04,
    Face.SERIF: 0.04,
    Face.TIMES: 0.16,
    Face.TIMES_BOLD: 0.05,
    Face.TIMES_ITALIC: 0.01,
    Face.GROTESK: 0.05,
    Face.ROMAN: 0.02,
    Face.TYPEWRITER: 0.06,
    Face.HELVETICA: 0.12,
    Face.HELVETICA_BOLD: 0.05,
    Face.NARROW: 0.04,
    Face.COURIER: 0.05,
    Face.STROKE: 0.05,
    Face.STROKE_SERIF: 0.02,
    Face.STROKE_PLAIN: 0.02,
}


def sample_lettering(rng: np.random.Generator, low_mm: float = 1.8, high_mm: float = 3.4) -> Lettering:
    """Any face; a quarter in a printer's coarse dots."""
    face = pick(rng, FACES)
    return Lettering(
        face,
        capital_mm=between(rng, low_mm, high_mm),
        stretch=between(rng, 0.75, 1.2) if comes(rng, 0.5) else 1.0,
        tracking_em=between(rng, 0.05, 0.3) if comes(rng, 0.08) else 0.0,
        bitmap_px=int(rng.integers(7, 15)) if comes(rng, 0.22) and face not in _STROKES else 0,
        double=comes(rng, 0.06),
    )


@lru_cache(maxsize=512)
def text_ink(text: str, lettering: Lettering, px_per_mm: float) -> tuple[Uint8s, int, int, float]:
    """Ink of a line of text, cut to its letters; its left and top from the text's origin; its advance in px.

    The origin is the left end of the baseline; top is negative. Blank text gives an array without pixels.
    """
    capital_px = lettering.capital_mm * px_per_mm
    if lettering.face in _STROKES and text.isascii():
        ink, origin, advance = _plotted(text, lettering, capital_px)
    else:
        ink, origin, advance = _set(text, lettering, capital_px)
    if lettering.double and ink.size:
        ink = np.maximum(ink, np.roll(ink, 1, axis=1))
    dark = ink > 40
    rows, columns = np.flatnonzero(dark.any(axis=1)), np.flatnonzero(dark.any(axis=0))
    if not len(rows):
        return np.zeros((0, 0), np.uint8), 0, 0, advance
    ink = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    ink.flags.writeable = False
    return ink, int(columns[0]) - origin[0], int(rows[0]) - origin[1], advance


def _set(text: str, lettering: Lettering, capital_px: float) -> tuple[Uint8s, tuple[int, int], float]:
    """Ink on a sheet with a margin, the place of its origin, and the advance."""
    from PIL import Image, ImageDraw

    face = lettering.face
    if face in (*_LIMITED, *_STROKES) and not text.isascii():
        face = Face.SANS
    drawn_px = float(lettering.bitmap_px) or capital_px
    font, capital = _font(face, round(max(4.0, drawn_px), 1))
    space = lettering.tracking_em * drawn_px * 1.4
    parts = list(text) if space else [text]
    lengths = [float(font.getlength(part)) for part in parts]
    pad = int(2 * drawn_px) + 2
    width = int(sum(lengths) + space * len(parts)) + 2 * pad
    image = Image.new("L", (width, 2 * pad + 2), 0)
    draw, x = ImageDraw.Draw(image), float(pad)
    for part, length in zip(parts, lengths, strict=True):
        draw.text((x, pad), part, 255, font, anchor="ls")
        x += length + space
    ink = np.asarray(image)
    up = capital_px / capital
    across = up * lettering.stretch
    if lettering.bitmap_px:
        ink = np.where(ink > 110, np.uint8(255), np.uint8(0))
    if lettering.bitmap_px or abs(across - 1) > 0.02 or abs(up - 1) > 0.04:
        size = (max(1, round(ink.shape[1] * across)), max(1, round(ink.shape[0] * up)))
        kind = cv2.INTER_NEAREST if lettering.bitmap_px and up > 1.3 else cv2.INTER_AREA
        ink = cv2.resize(
            ink, size, interpolation=kind if up <= 1 or lettering.bitmap_px else cv2.INTER_LINEAR
        )
    else:
        across = up = 1.0
    return ink, (round(pad * across), round(pad * up)), (x - pad) * across


def _plotted(text: str, lettering: Lettering, capital_px: float) -> tuple[Uint8s, tuple[int, int], float]:
    """Letters of single strokes, as plotters draw them; drawn fourfold, then shrunk."""
    font = _STROKES[lettering.face]
    scale = 4 * capital_px / _plotted_capital(font)
    width_px = max(2, round(4 * capital_px * (0.14 if lettering.double else 0.1)))
    (width, _), _ = cv2.getTextSize(text, font, scale, width_px)
    pad = int(4 * capital_px)
    sheet = np.zeros((3 * pad, width + 2 * pad), np.uint8)
    cv2.putText(sheet, text, (pad, 2 * pad), font, scale, 255, width_px, cv2.LINE_AA)
    across = lettering.stretch / 4
    size = (max(1, round(sheet.shape[1] * across)), max(1, sheet.shape[0] // 4))
    ink = np.asarray(cv2.resize(sheet, size, interpolation=cv2.INTER_AREA), np.uint8)
    return ink, (round(pad * across), round(2 * pad / 4)), width * across


@lru_cache(maxsize=8)
def _plotted_capital(font: int) -> float:
    """Height of a plotted capital at scale 1, in px from middle to middle of its strokes."""
    sheet = np.zeros((400, 400), np.uint8)
    cv2.putText(sheet, "H", (50, 350), font, 10.0, 255, 1)
    rows = np.flatnonzero(sheet.any(axis=1))
    return float(rows[-1] - rows[0]) / 10


@lru_cache(maxsize=128)
def _font(face: Face, capital_px: float) -> tuple["ImageFont.FreeTypeFont", float]:
    """A font whose capitals are about `capital_px` high, and how high they are."""
    from PIL import ImageFont

    file = str(_file(face))
    basic = ImageFont.Layout.BASIC
    _, top, _, _ = ImageFont.truetype(file, 100, layout_engine=basic).getbbox("H", anchor="ls")
    font = ImageFont.truetype(file, max(4.0, round(-100 * capital_px / top, 1)), layout_engine=basic)
    return font, capital_px


@lru_cache(maxsize=1)
def _installed() -> dict[str, Path]:
    """Font files by name: matplotlib's, then the system's."""
    spec = find_spec("matplotlib")
    shipped = Path(spec.origin).parent / "mpl-data" / "fonts" / "ttf" if spec and spec.origin else Path()
    found = {file.name: file for folder in _FOLDERS for file in sorted(Path(folder).rglob("*.[to]tf"))}
    return found | {file.name: file for file in shipped.glob("*.ttf")}


def _file(face: Face) -> Path:
    for name in (*_FILES[face], FILES[Font.SANS]):
        if name in _installed():
            return _installed()[name]
    from ecgclip.paper.lettering import font_file

    return font_file(Font.SANS)
