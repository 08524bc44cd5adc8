"""Teaching graphics: headings, coloured boxes and arrows with cartoon strips, or one beat with its names."""

from typing import Final

import cv2
import numpy as np

from ecgclip.simulation.prints.canvas import PX, Colour
from ecgclip.simulation.prints.chance import between, comes, pick
from ecgclip.simulation.prints.others.cartoon import cartoon
from ecgclip.simulation.prints.others.picture import (
    blank,
    draw_box,
    draw_curve,
    draw_squares,
    draw_text,
    random_size,
    tint,
)
from ecgclip.simulation.prints.printed import Box
from ecgclip.simulation.prints.typeface import Face, Lettering
from ecgclip.typing import Rgb

_HEADINGS: Final = (
    "Sinus Arrhythmia",
    "Systematic P Wave Analysis",
    "Age-Related ECG Changes",
    "REGULAR RHYTHM",
    "Key Causes",
    "STEMI TERRITORIES",
    "Rhythm Patterns",
    "AV-Block I-III",
    "12-LEAD ECG",
    "How to read an ECG",
)
_CAPTIONS: Final = (
    "Variable R-R intervals",
    "P wave present?",
    "Heart rate > 100 bpm",
    "Irregularly irregular",
    "PR > 200 ms",
    "Inferior: II, III, aVF",
    "Consult if in doubt",
    "Pediatric ECG",
    "Elderly ECG",
    "V1-V4",
)


def teaching(rng: np.random.Generator) -> Rgb:
    """A heading above one to six boxes, most of them with a strip of a few ideal beats."""
    width, height = random_size(rng)
    paper = tint(rng, 222, 255)
    rgb = blank(width, height, paper)
    ink: Colour = pick(rng, {(20, 24, 60): 0.4, (25, 25, 25): 0.4, (150, 30, 30): 0.2})
    title = Lettering(Face.BOLD, min(7.0, width / 32))
    draw_text(rgb, _HEADINGS[int(rng.integers(len(_HEADINGS)))], title, (width / 2, 12), ink, middle=True)
    if comes(rng, 0.25):
        _one_beat(rgb, Box(0.1 * width, 20, 0.9 * width, height - 12), rng, ink)
        return rgb
    rows, columns = int(rng.integers(1, 4)), int(rng.integers(1, 3))
    wide, high = width / columns, (height - 18) / rows
    for row in range(rows):
        for column in range(columns):
            left, top = column * wide, 18 + row * high
            box = Box(left + 0.05 * wide, top + 0.06 * high, left + 0.95 * wide, top + 0.92 * high)
            _card(rgb, box, rng, ink)
    return rgb


def _card(rgb: Rgb, box: Box, rng: np.random.Generator, ink: Colour) -> None:
    """A box with a caption and a strip, on squares of no known size."""
    wide, high = box.right - box.left, box.bottom - box.top
    draw_box(rgb, box, tint(rng, 215, 255))
    if comes(rng, 0.5):
        draw_box(rgb, box, tint(rng, 60, 200), 0.4)
    lettering = Lettering(pick(rng, {Face.SANS: 0.5, Face.BOLD: 0.5}), min(3.6, wide / 22))
    caption = _CAPTIONS[int(rng.integers(len(_CAPTIONS)))]
    draw_text(rgb, caption, lettering, ((box.left + box.right) / 2, box.top + 0.2 * high), ink, middle=True)
    if not comes(rng, 0.85):
        _badge(rgb, box, rng)
        return
    strip = Box(
        box.left + 0.05 * wide, box.top + 0.3 * high, box.right - 0.05 * wide, box.bottom - 0.1 * high
    )
    if comes(rng, 0.5):
        step = between(rng, 2.5, 7)
        draw_squares(rgb, strip, (step, step), 0.12, (245, 190, 190))
    x = np.linspace(strip.left, strip.right, 1200)
    beats = cartoon(rng, between(rng, 2, 7), 1200)
    tall = (strip.bottom - strip.top) * between(rng, 0.4, 0.75)
    y = strip.bottom - 0.25 * (strip.bottom - strip.top) - beats * tall
    draw_curve(
        rgb, x, y, between(rng, 0.35, 1.0), pick(rng, {(20, 20, 24): 0.6, (190, 30, 40): 0.2, ink: 0.2})
    )
    for _ in range(int(rng.integers(0, 4))):
        _arrow(rgb, strip, rng)


def _arrow(rgb: Rgb, box: Box, rng: np.random.Generator) -> None:
    x, y = between(rng, box.left, box.right), between(rng, box.top, box.bottom)
    stop = (round((x + between(rng, -15, 15)) * PX), round((y + between(rng, -8, 8)) * PX))
    cv2.arrowedLine(
        rgb, (round(x * PX), round(y * PX)), stop, tint(rng, 20, 200), 3, cv2.LINE_AA, tipLength=0.25
    )


def _badge(rgb: Rgb, box: Box, rng: np.random.Generator) -> None:
    """A number in a disc."""
    x, y = (box.left + box.right) / 2, (box.top + box.bottom) / 2
    radius = 0.2 * min(box.right - box.left, box.bottom - box.top)
    cv2.circle(rgb, (round(x * PX), round(y * PX)), round(radius * PX), tint(rng, 30, 200), -1, cv2.LINE_AA)
    number = str(rng.integers(1, 10))
    draw_text(rgb, number, Lettering(Face.BOLD, radius), (x, y + radius / 2), (255, 255, 255), middle=True)


def _one_beat(rgb: Rgb, box: Box, rng: np.random.Generator, ink: Colour) -> None:
    """One large beat with the names of its waves and intervals."""
    wide, high = box.right - box.left, box.bottom - box.top
    if comes(rng, 0.6):
        step = between(rng, 4, 12)
        draw_squares(rgb, box, (step, step), 0.15, (240, 180, 180))
    x = np.linspace(box.left, box.right, 1500)
    t = np.linspace(-0.35, 0.5, 1500)
    beat = sum(
        h * np.exp(-(((t - m) / w) ** 2) / 2)
        for m, w, h in (
            (-0.18, 0.03, 0.18),
            (-0.035, 0.01, -0.15),
            (0, 0.014, 1.0),
            (0.04, 0.012, -0.3),
            (0.25, 0.05, 0.3),
        )
    )
    draw_curve(rgb, x, box.bottom - 0.3 * high - 0.55 * high * np.asarray(beat), between(rng, 0.6, 1.6), ink)
    lettering = Lettering(Face.BOLD, min(5.0, wide / 30))
    names = {"P": -0.18, "Q": -0.05, "R": 0.0, "S": 0.06, "T": 0.25, "PR interval": -0.1, "QT": 0.12}
    for name, at in names.items():
        y = box.top + between(rng, 0.02, 0.9) * high
        draw_text(
            rgb, name, lettering, (box.left + (at + 0.35) / 0.85 * wide, y), tint(rng, 0, 160), middle=True
        )
