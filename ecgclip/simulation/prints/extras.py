"""Extras: what people and offices leave on a print: stamps, pen, barcodes, holes, blackened names."""

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from ecgclip.simulation.camera.handwriting import Note, scribble
from ecgclip.simulation.prints.canvas import PX, Canvas, Colour, blend, fill, paste
from ecgclip.simulation.prints.chance import between, comes, pick
from ecgclip.simulation.prints.page import Page
from ecgclip.simulation.prints.printed import Box
from ecgclip.simulation.prints.typeface import Face, Lettering, text_ink
from ecgclip.typing import Float64s, Rgb, Uint8s

_CHANCES: Final = {
    "stamp": 0.08,
    "signature": 0.1,
    "note": 0.05,
    "written": 0.13,
    "circle": 0.04,
    "barcode": 0.08,
    "qr": 0.06,
    "block": 0.14,
    "holes": 0.08,
    "fold mark": 0.1,
    "margin": 0.12,
}
_STAMPS: Final = ("CARDIOLOGY", "RECEIVED", "COPY", "Dr. med. A. Weber", "EINGEGANGEN", "URGENCIAS", "ECG OK")
_MARGINS: Final = (
    "PN 9402-020",
    "REF 2009828-061",
    "MADE IN JAPAN",
    "No. 4479-12",
    "CE 0123",
    "reorder 11996",
)
_NOTES: Final = (
    "SR 72",
    "no change",
    "St. p. MI 2009",
    "chest pain",
    "Bett 4",
    "AF?",
    "16:40",
    "ok, Dr. K.",
    "LBBB old",
    "control",
    "K 5.9",
    "Rm 12",
    "pre-op",
    "V4R",
)
_SCRIPTS: Final = (cv2.FONT_HERSHEY_SCRIPT_SIMPLEX, cv2.FONT_HERSHEY_SCRIPT_COMPLEX, cv2.FONT_HERSHEY_SIMPLEX)
_INKS: Final[tuple[Colour, ...]] = ((30, 40, 130), (20, 20, 24), (160, 30, 40), (80, 40, 120))


@dataclass(frozen=True)
class Extra:
    """One thing at (x, y) mm: `size` in mm, its colour, its text, and the seed of its details."""

    kind: str
    x: float
    y: float
    size: float
    rgb: Colour
    text: str
    seed: int


def sample_extras(rng: np.random.Generator, page: Page) -> tuple[Extra, ...]:
    """Each kind by its chance, mostly in the header and at the edges."""
    return tuple(_extra(rng, kind, page) for kind, chance in _CHANCES.items() if comes(rng, chance))


def _extra(rng: np.random.Generator, kind: str, page: Page) -> Extra:
    width, height = page.width, page.height
    x, y = between(rng, 0.03, 0.85) * width, between(rng, 0.01, 0.9) * height
    head = between(rng, 1, max(2.0, page.top * 0.7))
    place: dict[str, tuple[float, float, float]] = {
        "stamp": (x, y, between(rng, 14, 40)),
        "signature": (x, pick(rng, {head: 0.5, height - 12: 0.5}), between(rng, 25, 60)),
        "note": (x, pick(rng, {head: 0.6, y: 0.4}), between(rng, 15, 80)),
        "written": (x, pick(rng, {head: 0.5, y: 0.5}) + 4, between(rng, 3, 7)),
        "circle": (x, y, between(rng, 8, 25)),
        "barcode": (x, head, between(rng, 20, 50)),
        "qr": (pick(rng, {width - 24: 0.5, x: 0.5}), head, between(rng, 9, 18)),
        "block": (x * 0.5, head, between(rng, 15, 60)),
        "holes": (between(rng, 6, 11), height / 2, between(rng, 5.5, 6.5)),
        "fold mark": (pick(rng, {0.0: 0.5, width - 4: 0.5}), pick(rng, {0.0: 0.5, height - 6: 0.5}), 4.0),
        "margin": (x, pick(rng, {height - 1.0: 0.7, 2.2: 0.3}), between(rng, 1.2, 1.8)),
    }
    texts = {"stamp": _STAMPS, "margin": _MARGINS, "written": _NOTES}.get(kind, ("",))
    return Extra(
        kind,
        *place[kind],
        rgb=_INKS[int(rng.integers(len(_INKS)))],
        text=texts[int(rng.integers(len(texts)))],
        seed=int(rng.integers(2**31)),
    )


def draw_extras(canvas: Canvas, extras: tuple[Extra, ...]) -> tuple[Box, ...]:
    """Draw over the finished print `canvas.ground`, in place; return the boxes that hide what was printed."""
    hidden = []
    for extra in extras:
        rng = np.random.default_rng(extra.seed)
        match extra.kind:
            case "barcode" | "qr":
                ink = _bars(extra, rng) if extra.kind == "barcode" else _squares(extra, rng)
                hidden.append(_label(canvas, ink, extra))
            case "block":
                box = Box(extra.x, extra.y, extra.x + extra.size, extra.y + between(rng, 2.5, 9))
                _cover(canvas, box, (5, 5, 8) if comes(rng, 0.7) else (255, 255, 255))
                hidden.append(box)
            case "holes":
                hidden += _holes(canvas, extra, rng)
            case _:
                plane = np.zeros(canvas.trace.shape, np.uint8)
                _pen(plane, extra, rng)
                _over(canvas.ground, plane, extra.rgb)
    return tuple(hidden)


def _pen(plane: Uint8s, extra: Extra, rng: np.random.Generator) -> None:
    """Stamp, writing, circle, mark of the fold or words in the margin."""
    x, y, size = extra.x, extra.y, extra.size
    match extra.kind:
        case "stamp":
            _stamp(plane, extra, rng)
        case "written":
            _written(plane, extra, rng)
        case "signature" | "note":
            tall = between(rng, 5, 10) if extra.kind == "signature" else between(rng, 3, 6)
            note = Note(0, 0, size, tall, between(rng, -0.08, 0.08), 0.5, extra.rgb, extra.seed)
            for word in scribble(note):
                _polyline(plane, np.array([x, y + tall]) + word, between(rng, 0.3, 0.6))
        case "circle":
            turn = np.linspace(0, 2 * np.pi * 1.05, 60)
            wobble = 1 + 0.05 * np.sin(3 * turn + rng.uniform(0, 6))
            ring = np.stack(
                [x + size * wobble * np.cos(turn), y + 0.7 * size * wobble * np.sin(turn)], axis=1
            )
            _polyline(plane, ring, between(rng, 0.3, 0.6))
        case "fold mark":
            fill(plane, Box(x, y, x + size, y + 6))
        case _:
            ink, left, top, _ = text_ink(extra.text, Lettering(Face.SANS, size), PX)
            paste(plane, (ink * 0.6).astype(np.uint8), round(x * PX) + left, round(y * PX) + top)


def _written(plane: Uint8s, extra: Extra, rng: np.random.Generator) -> None:
    """Words in a hand: letters of a pen, each a little off, on a slope."""
    font, slope = _SCRIPTS[int(rng.integers(len(_SCRIPTS)))], rng.normal(0, 0.06)
    scale, line = extra.size * PX / 22, max(2, round(between(rng, 0.3, 0.6) * PX))
    x = extra.x * PX
    for letter in extra.text:
        size = scale * rng.uniform(0.85, 1.15)
        y = extra.y * PX + slope * (x - extra.x * PX) + rng.normal(0, 0.03 * extra.size * PX)
        cv2.putText(plane, letter, (round(x), round(y)), font, size, 255, line, cv2.LINE_AA)
        (width, _), _ = cv2.getTextSize(letter, font, size, line)
        x += 0.86 * width


def _polyline(plane: Uint8s, points_mm: Float64s, line_mm: float) -> None:
    points = np.round(points_mm * PX * 16).astype(np.int32)
    cv2.polylines(plane, [points[:, None]], False, 255, max(1, round(line_mm * PX)), cv2.LINE_AA, 4)


def _stamp(plane: Uint8s, extra: Extra, rng: np.random.Generator) -> None:
    """A round or square stamp, turned, with worn ink."""
    side = round(extra.size * PX)
    sheet = np.zeros((side, side), np.uint8)
    middle, line = side // 2, max(2, side // 60)
    half = round(side * 0.4)
    if comes(rng, 0.5):
        cv2.circle(sheet, (middle, middle), half, 255, line, cv2.LINE_AA)
        cv2.circle(sheet, (middle, middle), round(half * 0.75), 255, line, cv2.LINE_AA)
    else:
        cv2.rectangle(
            sheet, (middle - half, middle - half // 2), (middle + half, middle + half // 2), 255, line
        )
    capital = 1.35 * extra.size * 0.7 / max(6, len(extra.text))
    ink, *_ = text_ink(extra.text, Lettering(Face.BOLD, capital), PX)
    paste(sheet, ink, middle - ink.shape[1] // 2, middle - ink.shape[0] // 2)
    turn = cv2.getRotationMatrix2D((middle, middle), float(rng.normal(0, 15)), 1.0)
    sheet = np.asarray(cv2.warpAffine(sheet, turn, (side, side)), np.uint8)
    wear = cv2.resize(rng.uniform(0.3, 1.0, (9, 9)).astype(np.float32), (side, side))
    paste(plane, (sheet * wear).astype(np.uint8), round(extra.x * PX), round(extra.y * PX))


def _bars(extra: Extra, rng: np.random.Generator) -> Uint8s:
    """A barcode, uint8 [y, x], black 255."""
    widths = rng.integers(1, 4, 60)
    bars = np.repeat(np.arange(60) % 2 == 0, widths).astype(np.uint8) * 255
    size = (round(extra.size * PX), round(between(rng, 5, 10) * PX))
    return np.asarray(cv2.resize(bars[None], size, interpolation=cv2.INTER_NEAREST), np.uint8)


def _squares(extra: Extra, rng: np.random.Generator) -> Uint8s:
    """What looks like a QR code, uint8 [y, x], black 255."""
    code = (rng.random((25, 25)) < 0.5).astype(np.uint8)
    for y, x in ((0, 0), (0, 18), (18, 0)):
        code[max(0, y - 1) : y + 8, max(0, x - 1) : x + 8] = 0
        code[y : y + 7, x : x + 7] = 1
        code[y + 1 : y + 6, x + 1 : x + 6] = 0
        code[y + 2 : y + 5, x + 2 : x + 5] = 1
    side = round(extra.size * PX)
    return np.asarray(cv2.resize(code * 255, (side, side), interpolation=cv2.INTER_NEAREST), np.uint8)


def _label(canvas: Canvas, ink: Uint8s, extra: Extra) -> Box:
    """A white label with black ink on it."""
    wide, high = ink.shape[1] / PX, ink.shape[0] / PX
    box = Box(extra.x - 1.5, extra.y - 1.5, extra.x + wide + 1.5, extra.y + high + 1.5)
    _cover(canvas, box, (252, 252, 252))
    plane = np.zeros(canvas.trace.shape, np.uint8)
    paste(plane, ink, round(extra.x * PX), round(extra.y * PX))
    blend(canvas.ground, plane, (10, 10, 12))
    return box


def _holes(canvas: Canvas, extra: Extra, rng: np.random.Generator) -> list[Box]:
    """Two holes of a punch, 80 mm apart; what lies below shows through."""
    shade = int(rng.integers(40, 235))
    boxes = []
    for y in (extra.y - 40, extra.y + 40):
        half = extra.size / 2
        centre, radius = (round(extra.x * PX), round(y * PX)), round(half * PX)
        cv2.circle(canvas.ground, centre, radius, (shade, shade, shade), -1, cv2.LINE_AA)
        for plane in (canvas.trace, canvas.pulse, canvas.mark):
            cv2.circle(plane, centre, radius, 0, -1)
        boxes.append(Box(extra.x - half, y - half, extra.x + half, y + half))
    return boxes


def _cover(canvas: Canvas, box: Box, rgb: Colour) -> None:
    rows = slice(max(0, round(box.top * PX)), max(0, round(box.bottom * PX)))
    columns = slice(max(0, round(box.left * PX)), max(0, round(box.right * PX)))
    canvas.ground[rows, columns] = rgb
    for plane in (canvas.trace, canvas.pulse, canvas.mark):
        plane[rows, columns] = 0


def _over(rgb: Rgb, ink: Uint8s, colour: Colour) -> None:
    """Lay a pen's ink over a print: nothing gets lighter by it."""
    places = cv2.findNonZero(ink)
    if places is None:
        return
    x, y = places.reshape(-1, 2).T
    share = ink[y, x].astype(np.float32)[:, None] / 255 * 0.85
    under = rgb[y, x].astype(np.float32)
    inked = under + share * (np.array(colour, np.float32) - under)
    rgb[y, x] = np.minimum(under, inked).astype(np.uint8)
