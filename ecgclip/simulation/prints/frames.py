"""Frames about the picture: a program's window, an app's page with words below, black bars of a video."""

from dataclasses import replace
from typing import Final

import numpy as np

from ecgclip.simulation.prints.canvas import PX, Colour
from ecgclip.simulation.prints.chance import between, comes, pick
from ecgclip.simulation.prints.crop import moved
from ecgclip.simulation.prints.printed import Print
from ecgclip.simulation.prints.typeface import Face, Lettering, text_ink
from ecgclip.typing import Rgb, Uint8s

_BUTTONS: Final = ("File", "Edit", "View", "100%", "Print", "Close", "<", ">", "Patient", "Compare", "09:41")
_LINES: Final = (
    "Trifascicular block: all three fascicles conduct slowly,",
    "which may go on to complete heart block.",
    "Causes",
    "Symptoms",
    "Treatment",
    "Question 4 of 20: what is the rhythm?",
    "a) sinus rhythm   b) atrial flutter   c) AV block",
    "Posted 2 h ago - 14 comments",
    "62-year-old with chest pain, ECG on arrival. Thoughts?",
    "Figure 3. Twelve-lead electrocardiogram.",
)


def viewed(page: Print, rng: np.random.Generator) -> Print:
    """A program's window or an app's page about the picture, with buttons above and words below."""
    light = comes(rng, 0.5)
    bar: Colour = (228, 230, 234) if light else (38, 40, 46)
    ink: Colour = (30, 30, 34) if light else (230, 230, 235)
    top, side = between(rng, 6, 18), between(rng, 0, 16)
    app = comes(rng, 0.35)
    bottom = page.size_mm[0] * between(rng, 0.2, 0.6) if app else between(rng, 0, 14)
    framed, rgb = _framed(page, bar, (side, top, side, bottom))
    lettering = Lettering(Face.SANS, min(2.6, top * 0.35))
    x = 3.0
    for _ in range(int(rng.integers(2, 9))):
        word = _BUTTONS[int(rng.integers(len(_BUTTONS)))]
        x += _word(rgb, word, lettering, ink, x, 0.5 * top) + between(rng, 3, 12)
    if app:
        body = Lettering(Face.SANS, page.size_mm[0] / between(rng, 55, 90))
        y = top + page.size_mm[1] + 8
        while y < top + page.size_mm[1] + bottom - 4:
            _word(rgb, _LINES[int(rng.integers(len(_LINES)))], body, ink, side + 5, y)
            y += body.capital_mm * between(rng, 2, 5)
    return framed


def letterboxed(page: Print, rng: np.random.Generator) -> Print:
    """Bars above and below, or at the sides, as a phone's screen shows a picture of another shape."""
    shade = pick(rng, {0: 0.7, 18: 0.2, 255: 0.1})
    width, height = page.size_mm
    if comes(rng, 0.75):
        one, other = between(rng, 0.02, 0.25) * width, between(rng, 0.02, 0.25) * width
        framed, _ = _framed(page, (shade, shade, shade), (0, one, 0, other))
    else:
        one, other = between(rng, 0.02, 0.4) * height, between(rng, 0.02, 0.4) * height
        framed, _ = _framed(page, (shade, shade, shade), (one, 0, other, 0))
    return framed


def _framed(page: Print, colour: Colour, edges_mm: tuple[float, float, float, float]) -> tuple[Print, Rgb]:
    """The print with edges (left, top, right, bottom) in a colour, and its picture to be drawn on."""
    left, top, right, bottom = (round(edge * PX) for edge in edges_mm)
    height, width = page.trace.shape
    shape = (height + top + bottom, width + left + right)
    inside = (slice(top, top + height), slice(left, left + width))
    rgb = np.empty((*shape, 3), np.uint8)
    rgb[...] = colour
    rgb[inside] = page.rgb
    planes = [np.zeros(shape, np.uint8) for _ in range(3)]
    for plane, old in zip(planes, (page.trace, page.pulse_ink, page.mark_ink), strict=True):
        plane[inside] = old
    framed = replace(page, rgb=rgb, trace=planes[0], pulse_ink=planes[1], mark_ink=planes[2])
    return moved(framed, left / PX, top / PX), rgb


def _word(rgb: Rgb, word: str, lettering: Lettering, ink: Colour, x_mm: float, y_mm: float) -> float:
    """Write a word about the height `y_mm`, in place; how far it reaches, mm."""
    letters, _, _, advance = text_ink(word, lettering, PX)
    x, y = round(x_mm * PX), round(y_mm * PX) - letters.shape[0] // 2
    part = rgb[max(0, y) : y + letters.shape[0], x : x + letters.shape[1]]
    shown: Uint8s = letters[max(0, -y) :][: part.shape[0], : part.shape[1]]
    share = shown[..., None].astype(np.float32) / 255
    part[...] = (part + (np.array(ink, np.float32) - part) * share).astype(np.uint8)
    return advance / PX
