"""Stamps, writing with a pen, rings and words in the margin, as ink on a plane."""

from typing import Final

import cv2
import numpy as np

from ecgclip.simulation.camera.handwriting import Note, scribble
from ecgclip.simulation.prints.canvas import PX, fill, paste
from ecgclip.simulation.prints.chance import between, comes
from ecgclip.simulation.prints.extras import Extra
from ecgclip.simulation.prints.printed import Box
from ecgclip.simulation.prints.typeface import Face, Lettering, text_ink
from ecgclip.typing import Float64s, Uint8s

_SCRIPTS: Final = (cv2.FONT_HERSHEY_SCRIPT_SIMPLEX, cv2.FONT_HERSHEY_SCRIPT_COMPLEX, cv2.FONT_HERSHEY_SIMPLEX)


def draw_pen(plane: Uint8s, extra: Extra, rng: np.random.Generator) -> None:
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
