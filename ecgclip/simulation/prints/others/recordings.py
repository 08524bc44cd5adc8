"""Other recordings on paper: cardiotocogram, electroencephalogram, seismogram, breathing."""

from typing import Final

import numpy as np

from ecgclip.simulation.prints.canvas import Colour
from ecgclip.simulation.prints.chance import between, comes, pick
from ecgclip.simulation.prints.others.charts import smooth_curve
from ecgclip.simulation.prints.others.picture import blank, draw_curve, draw_squares, draw_text
from ecgclip.simulation.prints.printed import Box
from ecgclip.simulation.prints.typeface import Face, Lettering
from ecgclip.typing import Float64s, Rgb

_CHANNELS: Final = (
    "Fp1-F3",
    "F3-C3",
    "C3-P3",
    "P3-O1",
    "Fp2-F4",
    "F4-C4",
    "C4-P4",
    "P4-O2",
    "F7-T3",
    "T3-T5",
)
_RATE_HZ: Final = 100


def cardiotocogram(rng: np.random.Generator) -> Rgb:
    """Heart rate of a child above contractions, 1 to 3 cm a minute, on paper with its own numbers."""
    width, height = between(rng, 150, 290), between(rng, 100, 160)
    paper: Colour = pick(rng, {(255, 250, 246): 0.6, (250, 252, 246): 0.4})
    line: Colour = pick(rng, {(245, 170, 150): 0.5, (240, 150, 170): 0.3, (150, 200, 160): 0.2})
    rgb = blank(width, height, paper)
    lettering = Lettering(Face.SANS, between(rng, 1.6, 2.4))
    upper, lower = Box(4, 6, width - 4, 0.6 * height), Box(4, 0.68 * height, width - 4, height - 6)
    for box in (upper, lower):
        draw_squares(rgb, box, (5.0, 5.0), 0.12, line)
        draw_squares(rgb, box, (20.0, 20.0), 0.3, line)
        for i, y in enumerate(np.arange(box.bottom, box.top, -10)):
            draw_text(
                rgb, str(60 + 20 * i if box is upper else 20 * i), lettering, (width / 2, float(y)), line
            )
    x = np.linspace(4, width - 4, 2500)
    high = upper.bottom - upper.top
    rate = 0.5 * high + _noise(rng, 2500, 60) * 0.05 * high + _noise(rng, 2500, 6) * 0.015 * high
    squeeze = np.clip(_noise(rng, 2500, 250), 0, None) * 0.3 * (lower.bottom - lower.top)
    pen: Colour = (25, 25, 30)
    draw_curve(rgb, x, upper.top + rate, 0.3, pen)
    draw_curve(rgb, x, lower.bottom - 3 - squeeze, 0.3, pen)
    return rgb


def electroencephalogram(rng: np.random.Generator) -> Rgb:
    """Eight to twenty rows of brain waves, names at the left, lines every second."""
    count = int(rng.integers(8, 21))
    width, height = between(rng, 180, 290), between(rng, 120, 210)
    rgb = blank(width, height, (255, 255, 255))
    lettering, pitch = Lettering(Face.SANS, 1.8), (height - 14) / count
    for x in np.arange(24, width - 2, between(rng, 12, 30)):
        draw_curve(rgb, np.array([x, x]), np.array([4, height - 4]), 0.12, (190, 200, 215))
    x = np.linspace(20, width - 4, 2500)
    pen: Colour = pick(rng, {(20, 20, 24): 0.6, (20, 40, 140): 0.4})
    for row in range(count):
        y = 8 + row * pitch
        wave = _noise(rng, 2500, 8) + 0.8 * _noise(rng, 2500, 20) + 0.4 * _noise(rng, 2500, 3)
        draw_curve(rgb, x, y + wave * 0.25 * pitch * between(rng, 0.6, 1.6), 0.22, pen)
        draw_text(rgb, _CHANNELS[row % len(_CHANNELS)], lettering, (2, y + 1), (20, 20, 24))
    return rgb


def seismogram(rng: np.random.Generator) -> Rgb:
    """Long rows close together, quiet but for a few bursts; light on dark at times."""
    width, height = between(rng, 180, 290), between(rng, 80, 200)
    dark = comes(rng, 0.4)
    rgb = blank(width, height, (30, 30, 32) if dark else (240, 238, 232))
    pen: Colour = (225, 225, 220) if dark else (30, 30, 34)
    pitch = between(rng, 3, 9)
    x = np.linspace(0, width, 3000)
    for y in np.arange(4, height - 2, pitch):
        burst = np.exp(-np.abs(x - rng.uniform(0, width)) / rng.uniform(4, 40)) * (
            3 if comes(rng, 0.3) else 0.3
        )
        draw_curve(rgb, x, y + _noise(rng, 3000, 2) * pitch * (0.05 + 0.4 * burst), 0.2, pen)
    return rgb


def breathing(rng: np.random.Generator) -> Rgb:
    """Volume or flow over time on a lattice, with numbers beside it."""
    width, height = between(rng, 120, 220), between(rng, 90, 180)
    rgb = blank(width, height, (255, 255, 255))
    box = Box(18, 12, width - 40, height - 16)
    draw_squares(rgb, box, (10.0, 10.0), 0.15, (205, 210, 215))
    x = np.linspace(box.left, box.right, 800)
    for _ in range(int(rng.integers(1, 4))):
        y = smooth_curve(rng, 800)
        share = (y - y.min()) / (float(np.ptp(y)) or 1.0)
        draw_curve(rgb, x, box.bottom - share * 0.9 * (box.bottom - box.top), 0.4, (30, 60, 160))
    lettering = Lettering(Face.SANS, 2.2)
    for i, text in enumerate(("FVC 4.82 l", "FEV1 3.91 l", "PEF 9.1 l/s", "Time [s]", "Volume [l]")):
        draw_text(rgb, text, lettering, (width - 37, 18 + 6 * i), (20, 20, 24))
    return rgb


def _noise(rng: np.random.Generator, count: int, smooth: int) -> Float64s:
    """Noise [point] smoothed over so many points, of variance 1."""
    kernel = np.hanning(smooth + 2)
    noise = np.convolve(rng.normal(0, 1, count + len(kernel)), kernel, "same")[:count]
    return np.asarray(noise / (noise.std() + 1e-9))
