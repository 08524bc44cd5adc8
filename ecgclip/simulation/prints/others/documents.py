"""Documents: empty gridded or squared paper, text, tables, number puzzles, forms."""

from typing import Final

import numpy as np

from ecgclip.paper.raster import PRINT_PX_PER_MM
from ecgclip.simulation.prints.arrangement import Arrangement, Timing
from ecgclip.simulation.prints.chance import between, comes, pick
from ecgclip.simulation.prints.grid import draw_grid, sample_grid
from ecgclip.simulation.prints.header import sample_head
from ecgclip.simulation.prints.others.picture import blank, draw_box, draw_curve, draw_text, random_size, tint
from ecgclip.simulation.prints.page import Page, sample_page
from ecgclip.simulation.prints.printed import Box
from ecgclip.simulation.prints.scale import Scale
from ecgclip.simulation.prints.typeface import Face, Lettering, sample_lettering
from ecgclip.typing import Rgb

_LETTERS: Final = tuple("abcdefghijklmnopqrstuvwxyzäöüß0123456789")
_WORDS: Final = ("25 mm/s", "10 mm/mV", "0.05-40 Hz", "Dr.", "Page 1", "ID", "HR", "bpm", "II", "V1", "aVL")
_STEP: Final = 1 / PRINT_PX_PER_MM


def empty_paper(rng: np.random.Generator) -> Rgb:
    """ECG paper without a record, or school paper in squares; a header and stray words on some."""
    page = _page(rng)
    rgb = _school_paper(rng) if comes(rng, 0.3) else draw_grid(sample_grid(rng, page), page)
    size = rgb.shape[1] * _STEP, rgb.shape[0] * _STEP
    if comes(rng, 0.4):
        head = sample_head(rng, page)
        for line in head.lines:
            draw_text(rgb, line.text, head.lettering, (line.x, line.y), (20, 20, 24))
    for _ in range(int(rng.integers(0, 8)) if comes(rng, 0.5) else 0):
        word = _WORDS[int(rng.integers(len(_WORDS)))]
        place = (between(rng, 0, size[0]), between(rng, 0, size[1]))
        draw_text(rgb, word, sample_lettering(rng), place, (20, 20, 24))
    return rgb


def _page(rng: np.random.Generator) -> Page:
    plan = Arrangement(3, (), ("II",), (1.0,) * 4, Timing.CONSECUTIVE)
    return sample_page(rng, plan, Scale(25.0, 10.0, 10.0), (6.0, 0.0))


def _school_paper(rng: np.random.Generator) -> Rgb:
    rgb = blank(*random_size(rng), paper=(252, 252, 250))
    size = Box(0, 0, rgb.shape[1] * _STEP, rgb.shape[0] * _STEP)
    line = tint(rng, 120, 210)
    step = pick(rng, {5.0: 0.6, 10.0: 0.2, 7.0: 0.2})
    for x in np.arange(0, size.right, step) if comes(rng, 0.7) else ():
        draw_curve(rgb, np.array([x, x]), np.array([0, size.bottom]), 0.15, line)
    for y in np.arange(0, size.bottom, step):
        draw_curve(rgb, np.array([0, size.right]), np.array([y, y]), 0.15, line)
    return rgb


def text_page(rng: np.random.Generator) -> Rgb:
    """A letter or a report, on white or on gridded paper."""
    rgb = empty_paper(rng) if comes(rng, 0.3) else blank(*random_size(rng), paper=tint(rng, 235, 255))
    lettering = sample_lettering(rng, 1.6, 3.4)
    width, height = rgb.shape[1] * _STEP, rgb.shape[0] * _STEP
    left, y = between(rng, 5, 30), between(rng, 8, 40)
    pitch = lettering.capital_mm * between(rng, 1.6, 2.4)
    for _ in range(int(rng.integers(5, 45))):
        words = ["".join(rng.choice(_LETTERS, rng.integers(1, 11))) for _ in range(rng.integers(1, 14))]
        line = " ".join(words)[: int((width - left - 5) / lettering.capital_mm)]
        draw_text(rgb, line, lettering, (left, y), (25, 25, 28))
        y += pitch * (2 if comes(rng, 0.12) else 1)
        if y > height - 6:
            break
    return rgb


def table_page(rng: np.random.Generator) -> Rgb:
    """A ruled table with words and numbers, or a number puzzle."""
    rgb = blank(*random_size(rng), paper=tint(rng, 225, 255))
    width, height = rgb.shape[1] * _STEP, rgb.shape[0] * _STEP
    puzzle = comes(rng, 0.25)
    if puzzle:
        side = min(width, height) * 0.85
        xs = ys = 0.05 * side + np.linspace(0, side, 10)
    else:
        xs = np.linspace(0.05 * width, between(rng, 0.6, 0.96) * width, int(rng.integers(3, 10)))
        ys = np.linspace(0.08 * height, between(rng, 0.6, 0.95) * height, int(rng.integers(4, 26)))
    ink, lettering = tint(rng, 0, 110), Lettering(Face.SANS, min(3.0, 0.4 * float(ys[1] - ys[0])))
    for i, y in enumerate(ys):
        draw_curve(
            rgb, np.array([xs[0], xs[-1]]), np.array([y, y]), 0.5 if puzzle and i % 3 == 0 else 0.2, ink
        )
    for i, x in enumerate(xs):
        draw_curve(
            rgb, np.array([x, x]), np.array([ys[0], ys[-1]]), 0.5 if puzzle and i % 3 == 0 else 0.2, ink
        )
    if not puzzle and comes(rng, 0.4):
        draw_box(rgb, Box(float(xs[0]), float(ys[0]), float(xs[-1]), float(ys[1])), tint(rng, 120, 220))
    for y in ys[1:]:
        for x in xs[:-1]:
            if comes(rng, 0.45 if puzzle else 0.8):
                number = (
                    str(rng.integers(1, 10)) if puzzle else f"{rng.uniform(0, 200):.{rng.integers(0, 3)}f}"
                )
                draw_text(rgb, number, lettering, (float(x) + 1, float(y) - 1), (20, 20, 24))
    return rgb
