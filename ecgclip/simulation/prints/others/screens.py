"""Screens: bedside monitors with numbers, lists and code, drawings of programs whose squares are no mm."""

from typing import Final

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
    tint,
)
from ecgclip.simulation.prints.printed import Box
from ecgclip.simulation.prints.typeface import Face, Lettering, sample_lettering
from ecgclip.typing import Float64s, Rgb
from ecgclip.units import LEADS

_GREEN: Final[Colour] = (60, 230, 90)
_WAVES: Final[tuple[tuple[str, Colour], ...]] = (
    ("II", _GREEN),
    ("ABP", (230, 50, 50)),
    ("CVP", (90, 140, 250)),
    ("Pleth", (60, 210, 230)),
    ("Resp", (240, 230, 90)),
    ("CO2", (230, 230, 230)),
)
_NUMBERS: Final = ("72", "120/80", "98", "16", "37.1", "125", "30", "(100)", "60", "5.1", "--")
_CODE: Final = (
    "def read(path):",
    "for row in rows:",
    "return np.median(x)",
    "import numpy as np",
    "if not found: continue",
    "HR interval: 0.860 s - normal",
    "Lead I",
    "plot(signal)",
)


def monitor(rng: np.random.Generator) -> Rgb:
    """Three to six moving waves on black with large numbers at the right."""
    width, height = between(rng, 150, 260), between(rng, 100, 190)
    dark = comes(rng, 0.9)
    rgb = blank(width, height, (8, 8, 10) if dark else (235, 238, 240))
    one_colour: Colour | None = pick(rng, {None: 0.75, (235, 235, 235): 0.15, _GREEN: 0.1})
    count = int(rng.integers(3, 7))
    pitch = (height - 16) / count
    edge = width * between(rng, 0.66, 0.8)
    x = np.linspace(3, edge - 2, 1200)
    for row in range(count):
        name, hue = _WAVES[row % len(_WAVES)]
        pen = (one_colour or hue) if dark else (20, 20, 30)
        middle = 10 + (row + 0.6) * pitch
        draw_curve(rgb, x, middle - 0.4 * pitch * _wave(rng, name, 1200), between(rng, 0.3, 0.7), pen)
        draw_text(rgb, name, Lettering(Face.SANS, 2.2), (4, middle - 0.45 * pitch), pen)
        number = _NUMBERS[int(rng.integers(len(_NUMBERS)))]
        big = Lettering(Face.BOLD, min(0.4 * pitch, (width - edge) / 4.5))
        draw_text(rgb, number, big, (edge + 3, middle), pen)
    draw_text(
        rgb,
        "BED 4   ADULT   14:32",
        Lettering(Face.SANS, 2.4),
        (4, 6),
        (200, 200, 205) if dark else (20, 20, 24),
    )
    draw_text(
        rgb, "Menu   Alarms   Review   NIBP", Lettering(Face.SANS, 2.4), (4, height - 2.5), (150, 150, 160)
    )
    return rgb


def _wave(rng: np.random.Generator, name: str, count: int) -> Float64s:
    t = np.linspace(0, 1, count)
    if name == "II":
        return cartoon(rng, between(rng, 3, 9), count)
    turns = between(rng, 3, 12)
    base = (turns * t + rng.random()) % 1
    if name in ("ABP", "Pleth", "CVP"):
        return np.asarray(
            np.exp(-3 * base) * np.minimum(base * 12, 1) + 0.2 * np.exp(-(((base - 0.45) / 0.07) ** 2))
        )
    return np.asarray(0.5 + 0.5 * np.sin(2 * np.pi * base * (0.3 if name == "Resp" else 1)))


def window(rng: np.random.Generator) -> Rgb:
    """Code, a list of an app, or a form."""
    width, height = between(rng, 80, 220), between(rng, 90, 220)
    dark = comes(rng, 0.5)
    rgb = blank(width, height, (24, 26, 30) if dark else (250, 250, 252))
    lettering = sample_lettering(rng, 1.5, 2.6)
    y = 8.0
    while y < height - 4:
        word = _CODE[int(rng.integers(len(_CODE)))]
        ink = tint(rng, 120, 255) if dark else tint(rng, 0, 120)
        draw_text(rgb, word, lettering, (5 + 5 * int(rng.integers(0, 4)), y), ink)
        if not dark and comes(rng, 0.4):
            draw_box(rgb, Box(3, y - 4, width - 3, y + 3), (205, 208, 214), 0.15)
        y += lettering.capital_mm * between(rng, 1.6, 4)
    draw_box(rgb, Box(0, 0, width, 3.5), tint(rng, 30, 220))
    return rgb


def program_panels(rng: np.random.Generator) -> Rgb:
    """Twelve boxes of a drawing program, each with its own squares and axis, none of a known scale."""
    width, height = between(rng, 180, 280), between(rng, 100, 190)
    paper: Colour = pick(rng, {(255, 255, 255): 0.7, (252, 230, 235): 0.3})
    rgb = blank(width, height, paper)
    rows, columns = pick(rng, {(3, 4): 0.5, (6, 2): 0.25, (12, 1): 0.25})
    wide, high = width / columns, (height - 8) / rows
    squares = comes(rng, 0.5)
    lettering = Lettering(Face.SANS, min(2.4, 0.16 * high))
    pen: Colour = pick(rng, {(0, 0, 0): 0.5, (31, 119, 180): 0.4, (200, 40, 40): 0.1})
    for i, lead in enumerate(LEADS):
        column, row = divmod(i, rows)
        box = Box(
            column * wide + 0.06 * wide, 6 + row * high, (column + 0.97) * wide, 6 + (row + 0.86) * high
        )
        if squares:
            step = (between(rng, 3, 4) * wide / 62, between(rng, 1.5, 3))
            draw_squares(rgb, box, step, 1 / PX, (235, 190, 195))
        draw_box(rgb, box, (60, 60, 60), 0.15)
        x = np.linspace(box.left, box.right, 600)
        y = cartoon(rng, between(rng, 2, 6), 600) * between(rng, -0.6, 1.0)
        tall = 0.6 * (box.bottom - box.top)
        draw_curve(
            rgb,
            x,
            np.clip(box.bottom - 0.3 * tall - y * tall, box.top, box.bottom),
            between(rng, 0.25, 0.7),
            pen,
        )
        draw_text(
            rgb, f"Lead {lead}", lettering, (box.left + 2, box.top + 1.5 * lettering.capital_mm), (20, 20, 24)
        )
        draw_text(
            rgb,
            "0   0.5   1.0   1.5   2.0",
            Lettering(Face.SANS, 1.2),
            (box.left, box.bottom + 1.8),
            (60, 60, 60),
        )
    return rgb
