"""Barcodes on labels, blackened names, holes: what hides a part of the print."""

import cv2
import numpy as np

from ecgclip.simulation.prints.canvas import PX, Canvas, Colour, blend, paste
from ecgclip.simulation.prints.chance import between, comes
from ecgclip.simulation.prints.extras import Extra
from ecgclip.simulation.prints.printed import Box
from ecgclip.typing import Uint8s

HIDING = ("barcode", "qr", "block", "holes")
"""Kinds of extras that hide what lies below."""


def draw_sticker(canvas: Canvas, extra: Extra, rng: np.random.Generator) -> list[Box]:
    """Draw one of `HIDING` over the finished print, in place; return what it hides."""
    match extra.kind:
        case "barcode":
            return [_label(canvas, _bars(extra, rng), extra)]
        case "qr":
            return [_label(canvas, _squares(extra, rng), extra)]
        case "block":
            box = Box(extra.x, extra.y, extra.x + extra.size, extra.y + between(rng, 2.5, 9))
            _cover(canvas, box, (5, 5, 8) if comes(rng, 0.7) else (255, 255, 255))
            return [box]
        case _:
            return _holes(canvas, extra, rng)


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
