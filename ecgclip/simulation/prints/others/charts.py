"""Charts: lines, bars, dots, histograms, heat maps, with axes, titles and legends."""

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
    random_size,
    tint,
)
from ecgclip.simulation.prints.printed import Box
from ecgclip.simulation.prints.typeface import Face, Lettering
from ecgclip.typing import Float64s, Rgb

_TITLES: Final = (
    "Accuracy",
    "Loss per epoch",
    "ROC",
    "Heart rate",
    "Temperature",
    "Reliability",
    "FEV1",
    "Results",
)
_AXES: Final = ("Time [s]", "Epoch", "Volume [l]", "Amplitude", "Frequency", "mV", "bpm", "Samples")


def chart(rng: np.random.Generator) -> Rgb:
    """One to six panels with axes."""
    width, height = random_size(rng)
    rgb = blank(width, height, pick(rng, {(255, 255, 255): 0.8, (234, 234, 242): 0.1, (20, 20, 24): 0.1}))
    rows, columns = int(rng.integers(1, 4)), int(rng.integers(1, 3))
    kind = pick(rng, {"lines": 0.45, "bars": 0.15, "dots": 0.1, "heat": 0.1, "signal": 0.2})
    for row in range(rows):
        for column in range(columns):
            wide, high = width / columns, height / rows
            box = Box(
                column * wide + 0.14 * wide,
                row * high + 0.14 * high,
                (column + 0.95) * wide,
                (row + 0.86) * high,
            )
            _panel(rgb, box, kind, rng)
    return rgb


def _panel(rgb: Rgb, box: Box, kind: str, rng: np.random.Generator) -> None:
    dark = int(rgb[0, 0, 0]) < 100
    ink: Colour = (230, 230, 230) if dark else (30, 30, 30)
    lettering = Lettering(Face.SANS, between(rng, 1.4, 2.2))
    wide, high = box.right - box.left, box.bottom - box.top
    if comes(rng, 0.5):
        step = (wide / int(rng.integers(3, 12)), high / int(rng.integers(3, 9)))
        draw_squares(rgb, box, step, 0.12, (90, 90, 90) if dark else (215, 215, 215))
    draw_curve(
        rgb, np.array([box.left, box.left, box.right]), np.array([box.top, box.bottom, box.bottom]), 0.25, ink
    )
    for i in range(int(rng.integers(3, 8))):
        at = box.left + wide * i / 7
        draw_text(
            rgb, f"{i * 0.2:.1f}", lettering, (at, box.bottom + 1.8 * lettering.capital_mm), ink, middle=True
        )
        draw_text(rgb, f"{i * 5}", lettering, (box.left - 5, box.bottom - high * i / 7), ink)
    middle = (box.left + box.right) / 2
    draw_text(
        rgb, _TITLES[int(rng.integers(len(_TITLES)))], lettering, (middle, box.top - 1.5), ink, middle=True
    )
    draw_text(
        rgb, _AXES[int(rng.integers(len(_AXES)))], lettering, (middle, box.bottom + 6), ink, middle=True
    )
    match kind:
        case "bars":
            _bars(rgb, box, rng)
        case "dots":
            _dots(rgb, box, rng)
        case "heat":
            _heat(rgb, box, rng)
        case _:
            for _ in range(1 if kind == "signal" else int(rng.integers(1, 6))):
                x = np.linspace(box.left, box.right, 700)
                y = cartoon(rng, between(rng, 2, 12), 700) if kind == "signal" else smooth_curve(rng, 700)
                spread = float(np.ptp(y)) or 1.0
                share = (y - y.min()) / spread
                pen = tint(rng, 120, 255) if dark else tint(rng, 0, 190)
                draw_curve(rgb, x, box.bottom - (0.05 + 0.85 * share) * high, between(rng, 0.2, 0.6), pen)


def _bars(rgb: Rgb, box: Box, rng: np.random.Generator) -> None:
    count = int(rng.integers(3, 30))
    wide, pen = (box.right - box.left) / count, tint(rng, 20, 220)
    for i, height in enumerate(rng.uniform(0.1, 0.95, count)):
        top = box.bottom - float(height) * (box.bottom - box.top)
        draw_box(rgb, Box(box.left + (i + 0.1) * wide, top, box.left + (i + 0.9) * wide, box.bottom), pen)


def _dots(rgb: Rgb, box: Box, rng: np.random.Generator) -> None:
    pen = tint(rng, 20, 220)
    for _ in range(int(rng.integers(20, 200))):
        x, y = between(rng, box.left, box.right), between(rng, box.top, box.bottom)
        draw_box(rgb, Box(x, y, x + 0.8, y + 0.8), pen)


def _heat(rgb: Rgb, box: Box, rng: np.random.Generator) -> None:
    count = int(rng.integers(3, 9))
    values = rng.random((count, count))
    low, high = np.array(tint(rng, 0, 120)), np.array(tint(rng, 150, 255))
    wide, tall = (box.right - box.left) / count, (box.bottom - box.top) / count
    for row in range(count):
        for column in range(count):
            red, green, blue = (int(v) for v in low + values[row, column] * (high - low))
            x, y = box.left + column * wide, box.top + row * tall
            draw_box(rgb, Box(x, y, x + wide - 1 / PX, y + tall - 1 / PX), (red, green, blue))


def smooth_curve(rng: np.random.Generator, count: int) -> Float64s:
    """A walk, an oscillation, a decay or a line through few points [point]."""
    t = np.linspace(0, 1, count)
    match int(rng.integers(5)):
        case 0:
            return np.asarray(np.cumsum(rng.normal(0, 1, count)))
        case 1:
            phase = 2 * np.pi * (rng.uniform(0.5, 12) * t + rng.random())
            return np.asarray(np.sin(phase) * np.exp(-rng.uniform(0, 3) * t))
        case 2:
            return np.asarray(np.exp(-rng.uniform(1, 6) * t) + 0.05 * rng.normal(0, 1, count))
        case 3:  # spirometry: volume breathed out
            return np.asarray(1 - np.exp(-rng.uniform(4, 12) * np.clip(t - 0.1, 0, 1)))
        case _:
            return np.asarray(np.interp(t, np.linspace(0, 1, 8), rng.normal(0, 1, 8)))
