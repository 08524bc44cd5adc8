"""Simulated pictures for the gate: ECG prints, strips of them, and what people photograph instead."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import cv2
import numpy as np

from ecgclip.paper.geometry import Layout
from ecgclip.paper.raster import PRINT_PX_PER_MM
from ecgclip.paper.render import render
from ecgclip.paper.styles import random_style
from ecgclip.records.ecg import Ecg
from ecgclip.simulation.camera import Photo, photograph
from ecgclip.simulation.ecg import synthetic_ecg
from ecgclip.simulation.prints.negatives import random_negative
from ecgclip.simulation.prints.random_print import random_print
from ecgclip.typing import Float64s, Rgb

Draw = Callable[[np.random.Generator], Rgb]
DrawEcg = Callable[[np.random.Generator], tuple[Rgb, float]]
"""The page, and how far it was magnified."""

LEVELS: Final = ("S0", "S1", "S2", "S3", "S4", "phone")
_RATE_HZ: Final = 500.0
_SAMPLES: Final = 5000


@dataclass(frozen=True, eq=False)
class Sample:
    """rgb: uint8 [y, x, 3]; kind and level: what was photographed, and how.

    px_per_mm: of the ECG's paper in the picture; 0 where it is no ECG.
    """

    rgb: Rgb
    kind: str
    level: str
    px_per_mm: float


def sample(number: int, seed: int) -> Sample:
    """The picture of this number: two of five are ECGs."""
    rng = np.random.default_rng([seed, number])
    is_ecg = number % 5 < 2
    kinds = list(ECGS) if is_ecg else list(OTHERS)
    shares = np.array([_OFTEN.get(kind, 1.0) for kind in kinds])
    kind = str(rng.choice(kinds, p=shares / shares.sum()))
    level = LEVELS[int(rng.integers(len(LEVELS)))]
    page, zoom = ECGS[kind](rng) if is_ecg else (OTHERS[kind](rng), 0.0)
    photo = photograph(page, level, rng)
    return Sample(photo.image, kind, level, zoom * _px_per_mm(photo, page))


def _px_per_mm(photo: Photo, page: Rgb) -> float:
    """Of the page, around its centre."""
    center_mm = np.array(page.shape[1::-1]) / PRINT_PX_PER_MM / 2
    ends = photo.to_photo(center_mm + 5.0 * np.array([[-1, 0], [1, 0], [0, -1], [0, 1]]))
    return float(np.hypot(*(ends[1] - ends[0])) + np.hypot(*(ends[3] - ends[2]))) / 20


def _layout(rng: np.random.Generator) -> Layout:
    return list(Layout)[int(rng.integers(len(Layout)))]


def _printed(ecg: Ecg, rng: np.random.Generator) -> Rgb:
    return render(ecg, _layout(rng), random_style(rng)).array


def _print(rng: np.random.Generator) -> tuple[Rgb, float]:
    return _printed(synthetic_ecg(rng), rng), 1.0


def _usual_print(rng: np.random.Generator) -> tuple[Rgb, float]:
    return render(synthetic_ecg(rng), Layout.L3X4_1R, random_style(rng)).array, 1.0


def _any_maker(rng: np.random.Generator) -> tuple[Rgb, float]:
    return random_print(synthetic_ecg(rng), rng).rgb, 1.0


def _other(rng: np.random.Generator) -> Rgb:
    """Teaching graphics with cartoon strips, monitors, other recordings, windows, charts, text."""
    return random_negative(rng).rgb


def _strip(rng: np.random.Generator) -> tuple[Rgb, float]:
    """One to three rows cut out of a print."""
    page, _ = _print(rng)
    height, width = page.shape[:2]
    share = float(rng.uniform(0.2, 0.5))
    top = int(rng.uniform(0.25, 0.95 - share) * height)
    left = int(rng.uniform(0.0, 0.25) * width)
    right = int(rng.uniform(0.75, 1.0) * width)
    return np.ascontiguousarray(page[top : top + int(share * height), left:right]), 1.0


def _piece(rng: np.random.Generator) -> tuple[Rgb, float]:
    """A few beats of one row, magnified, as people cut them out for a question."""
    page = render(synthetic_ecg(rng), _layout(rng), random_style(rng))
    panels = page.geometry.panels
    panel = panels[int(rng.integers(len(panels)))]
    x_mm, y_mm = page.geometry.to_mm(panel, 0.0, 0.0)
    above, below, wide = rng.uniform(9, 20), rng.uniform(9, 20), rng.uniform(60, 140)
    x_mm = max(0.0, x_mm - float(rng.uniform(0, 10)))
    edges = np.array([y_mm - above, y_mm + below, x_mm, x_mm + wide]) * page.px_per_mm
    top, bottom, left, right = np.maximum(edges, 0).astype(int)
    cut = page.array[top:bottom, left:right]
    zoom = float(rng.uniform(1, 3))
    larger = cv2.resize(cut, None, fx=zoom, fy=zoom, interpolation=cv2.INTER_CUBIC)
    return np.asarray(larger, np.uint8), zoom


def _of_signal(signal: Float64s, rng: np.random.Generator) -> Rgb:
    return _printed(Ecg(signal.astype(np.float32), _RATE_HZ), rng)


def _empty(rng: np.random.Generator) -> Rgb:
    return _of_signal(np.full((12, _SAMPLES), np.nan), rng)


def _waves(rng: np.random.Generator) -> Rgb:
    time_s = np.arange(_SAMPLES) / _RATE_HZ
    rate_hz, phase, height = rng.uniform(0.2, 6, 12), rng.uniform(0, 7, 12), rng.uniform(0.2, 1.2, 12)
    waves = height[:, None] * np.sin(2 * np.pi * rate_hz[:, None] * time_s + phase[:, None])
    return _of_signal(waves, rng)


def _smooth_pulses(rng: np.random.Generator) -> Rgb:
    """As a pulse oximeter or a breathing belt draws them: they beat together, but have no QRS complex."""
    time_s = np.arange(_SAMPLES) / _RATE_HZ
    wave = np.clip(np.sin(2 * np.pi * rng.uniform(0.2, 1.6) * time_s), -0.5, 1) + 0.2 * np.sin(9 * time_s)
    return _of_signal(rng.uniform(0.3, 1.0, (12, 1)) * wave, rng)


def _brain_waves(rng: np.random.Generator) -> Rgb:
    """Band-limited noise, another in each row: EEG, cardiotocograms, polygraphs."""
    smooth = float(rng.uniform(4, 60))
    noise = cv2.GaussianBlur(rng.standard_normal((12, _SAMPLES)), (0, 0), smooth, sigmaY=1e-3)
    return _of_signal(rng.uniform(0.1, 0.6) * noise / noise.std(), rng)


def _walks(rng: np.random.Generator) -> Rgb:
    walks = np.cumsum(rng.standard_normal((12, _SAMPLES)), axis=1) / 60
    return _of_signal(np.clip(walks - walks.mean(axis=1, keepdims=True), -2, 2), rng)


def _quakes(rng: np.random.Generator) -> Rgb:
    """Bursts that decay, at another time in each row."""
    time_s = np.arange(_SAMPLES) / _RATE_HZ
    since = time_s - rng.uniform(0.5, 8, (12, 1))
    envelope = np.where(since > 0, np.exp(-since / rng.uniform(0.3, 2)), 0.02)
    return _of_signal(rng.uniform(0.3, 1) * envelope * rng.standard_normal((12, _SAMPLES)), rng)


def _steps(rng: np.random.Generator) -> Rgb:
    """Levels that last a while: what loggers and logic analysers draw."""
    levels = rng.uniform(-0.8, 0.8, (12, int(rng.integers(5, 40))))
    return _of_signal(np.repeat(levels, -(-_SAMPLES // levels.shape[1]), axis=1)[:, :_SAMPLES], rng)


def _paper(rng: np.random.Generator, square_mm: float, ruled: bool) -> Rgb:
    """School paper at the renderer's scale: squares or lines of one thin colour."""
    px = 200 / 25.4
    height, width = (1654, 2339) if rng.random() < 0.5 else (2339, 1654)
    page = np.full((height, width, 3), 255, np.uint8) - rng.integers(0, 20, 3).astype(np.uint8)
    colour = rng.integers(120, 225, 3) if rng.random() < 0.6 else np.array([150, 180, 220])
    step, offset = square_mm * px, rng.uniform(0, 40)
    for y in np.arange(offset, height, step).astype(int):
        page[y : y + 2] = colour
    if not ruled:
        for x in np.arange(offset, width, step).astype(int):
            page[:, x : x + 2] = colour
    return page


def _pen(rng: np.random.Generator) -> tuple[int, ...]:
    return tuple(int(v) for v in rng.integers(0, 120, 3))


def _squares(rng: np.random.Generator) -> Rgb:
    return _paper(rng, float(rng.choice([4.0, 5.0, 6.35, 10.0])), ruled=False)


def _millimetres(rng: np.random.Generator) -> Rgb:
    page = _paper(rng, 1.0, ruled=False)
    step = round(5 * 200 / 25.4)
    page[::step] = page[::step] * 0.8
    page[:, ::step] = page[:, ::step] * 0.8
    return page


def _ruled(rng: np.random.Generator) -> Rgb:
    return _paper(rng, float(rng.uniform(7, 10)), ruled=True)


def _written(page: Rgb, rng: np.random.Generator) -> Rgb:
    """Lines of handwriting: strokes that run along, up and down, with gaps between words."""
    height, width = page.shape[:2]
    pen, size = _pen(rng), float(rng.uniform(15, 45))
    for y in np.arange(rng.uniform(80, 300), height - 80, size * rng.uniform(2.2, 4)):
        x = float(rng.uniform(40, 200))
        while x < width - 200 and rng.random() < 0.97:
            letters = int(rng.integers(6, 40))
            xs = x + np.cumsum(rng.uniform(0.1, 0.5, letters)) * size
            ys = y + rng.normal(0, 0.45, letters) * size
            points = np.stack([xs, ys], axis=1).round().astype(np.int32)
            cv2.polylines(page, [points[:, None]], False, pen, int(rng.integers(2, 5)), cv2.LINE_AA)
            x = float(xs[-1]) + size * rng.uniform(0.6, 2)
    return page


def _notes(rng: np.random.Generator) -> Rgb:
    paper = (_squares, _millimetres, _ruled, _empty)[int(rng.integers(4))](rng)
    return _written(paper.copy(), rng)


def _curve(rng: np.random.Generator, count: int) -> Float64s:
    """A curve in 0..1 such as charts show."""
    t = np.linspace(0, 1, count)
    match int(rng.integers(5)):
        case 0:
            y = np.cumsum(rng.normal(0, 1, count))
        case 1:
            y = np.sin(2 * np.pi * (rng.uniform(0.5, 12) * t + rng.random())) * np.exp(-rng.uniform(0, 3) * t)
        case 2:
            y = np.exp(-rng.uniform(1, 6) * t) + 0.03 * rng.normal(0, 1, count)
        case 3:
            y = rng.normal(0, 1, count) + 3 * np.exp(-(((t - rng.random()) / 0.05) ** 2))
        case _:
            y = np.interp(t, np.linspace(0, 1, 8), rng.normal(0, 1, 8))
    return np.asarray((y - y.min()) / (float(np.ptp(y)) or 1.0), np.float64)


def _plotted(page: Rgb, rng: np.random.Generator, panels: int) -> Rgb:
    """Axes, one above the other, with curves of any colour and a few words."""
    height, width = page.shape[:2]
    x0, x1 = round(float(rng.uniform(0.05, 0.15)) * width), round(float(rng.uniform(0.8, 0.97)) * width)
    edges = np.linspace(0.06, 0.95, panels + 1) * height
    for top, bottom in pairwise(edges):
        y0, y1 = top + 0.1 * (bottom - top), bottom - 0.1 * (bottom - top)
        if rng.random() < 0.7:
            frame = np.array([[x0, y0], [x0, y1], [x1, y1]]).round().astype(np.int32)
            cv2.polylines(page, [frame[:, None]], False, (30, 30, 30), 2)
        for _ in range(int(rng.integers(1, 4))):
            count = int(rng.integers(20, 800))
            points = np.stack([np.linspace(x0, x1, count), y1 - (y1 - y0) * _curve(rng, count)], axis=1)
            line = points.round().astype(np.int32)[:, None]
            cv2.polylines(page, [line], False, _pen(rng), int(rng.integers(1, 5)), cv2.LINE_AA)
        cv2.putText(page, "0.5 1.0", (x0, int(y1) + 25), cv2.FONT_HERSHEY_SIMPLEX, 0.7, (40, 40, 40), 2)
    return page


def _plot(rng: np.random.Generator) -> Rgb:
    paper = (_squares, _millimetres, _empty)[int(rng.integers(3))](rng)
    return _plotted(paper.copy(), rng, 1)


def _panels(rng: np.random.Generator) -> Rgb:
    paper = (_squares, _millimetres, _empty)[int(rng.integers(3))](rng)
    return _plotted(paper.copy(), rng, int(rng.integers(2, 7)))


def _chart(rng: np.random.Generator) -> Rgb:
    """A chart of a program: light grid lines in the axes alone, one panel or more, large or small."""
    width, height = int(rng.integers(600, 2400)), int(rng.integers(400, 1600))
    page = np.full((height, width, 3), 255, np.uint8)
    step = int(rng.integers(15, 140))
    lines = page[height // 14 : -height // 14, width // 14 : -width // 20]
    lines[::step] = lines[:, ::step] = int(rng.integers(150, 240))
    return _plotted(page, rng, int(rng.choice([1, 1, 1, 2, 4])))


def _table(rng: np.random.Generator) -> Rgb:
    page = np.full((1654, 2339, 3), 255, np.uint8)
    row, column = int(rng.integers(30, 90)), int(rng.integers(60, 400))
    page[80:1580:row, 80:2260] = 60
    page[80:1580, 80:2260:column] = 60
    for y in range(80 + row - 8, 1580, row):
        for x in range(90, 2200, column):
            words = f"{rng.normal(0, 50):.{int(rng.integers(0, 3))}f}"
            cv2.putText(page, words, (x, y), cv2.FONT_HERSHEY_SIMPLEX, row / 60, (20, 20, 20), 2)
    return page


def _text(rng: np.random.Generator) -> Rgb:
    page = np.full((2339, 1654, 3), 255, np.uint8)
    for y in range(150, 2200, int(rng.integers(28, 60))):
        words = " ".join(
            "".join(rng.choice(list("abcdefghiklmnorstu"), rng.integers(1, 10))) for _ in range(11)
        )
        cv2.putText(
            page, words[: int(rng.integers(20, 70))], (120, y), cv2.FONT_HERSHEY_COMPLEX, 0.8, (20,) * 3, 2
        )
    return page


def _staves(rng: np.random.Generator) -> Rgb:
    page = np.full((2339, 1654, 3), 255, np.uint8)
    gap = int(rng.integers(12, 22))
    for top in range(150, 2150, gap * 9):
        page[top : top + 5 * gap : gap, 100:1550] = 40
        for x in range(140, 1520, int(rng.integers(30, 70))):
            y = top + int(rng.integers(-2, 9)) * gap // 2
            cv2.ellipse(page, (x, y), (gap // 2 + 2, gap // 2), -20, 0, 360, (20, 20, 20), -1)
            cv2.line(page, (x + gap // 2, y), (x + gap // 2, y - 3 * gap), (20, 20, 20), 3)
    return page


def _spectrogram(rng: np.random.Generator) -> Rgb:
    field = cv2.GaussianBlur(rng.standard_normal((300, 500)), (0, 0), 2.0) + _curve(rng, 500)[None]
    grey = cv2.normalize(field, np.empty_like(field), 0, 255, cv2.NORM_MINMAX).astype(np.uint8)
    return np.asarray(cv2.resize(cv2.applyColorMap(grey, cv2.COLORMAP_VIRIDIS), (2000, 1200)), np.uint8)


def _tiles(rng: np.random.Generator) -> Rgb:
    """Tiles, bricks and checks: a colour a cell, joints between, every other row shifted or not."""
    side, joint = int(rng.integers(15, 150)), int(rng.integers(1, 8))
    shift = int(rng.choice([0, side]))
    base, spread = rng.integers(90, 240, 3), int(rng.integers(2, 40))
    page = np.full((1400, 2000, 3), int(rng.integers(60, 255)), np.uint8)
    for row, y in enumerate(range(0, 1400, side)):
        for x in range(-2 * side + (row % 2) * shift, 2000, side * (2 if shift else 1)):
            colour = np.clip(base + rng.normal(0, spread, 3), 0, 255)
            width = side * (2 if shift else 1) - joint
            page[y : y + side - joint, max(0, x) : max(0, x + width)] = colour
    return page


def _fabric(rng: np.random.Generator) -> Rgb:
    y, x = np.mgrid[:1400, :2000].astype(np.float64)
    total = np.zeros((1400, 2000))
    for _ in range(int(rng.integers(2, 5))):
        turn, period = rng.uniform(0, np.pi), rng.uniform(6, 80)
        total += np.sin(2 * np.pi * (x * np.cos(turn) + y * np.sin(turn)) / period)
    grey = 190 + 25 * total / np.abs(total).max()
    return np.repeat(np.clip(grey, 0, 255).astype(np.uint8)[..., None], 3, axis=2)


def _scene(rng: np.random.Generator) -> Rgb:
    """Like a photo of anything: coarse and fine variation of colour."""
    total = np.zeros((700, 1000, 3))
    for size in (4, 12, 40, 150):
        coarse = rng.standard_normal((700 // size + 2, 1000 // size + 2, 3))
        total += size**0.6 * cv2.resize(coarse, (1000, 700), interpolation=cv2.INTER_CUBIC)
    return np.asarray(np.clip(150 + 45 * total / total.std(), 0, 255), np.uint8)


def _screen(rng: np.random.Generator) -> Rgb:
    page = np.full((1200, 1920, 3), rng.integers(200, 256, 3).astype(np.uint8), np.uint8)
    for _ in range(int(rng.integers(8, 40))):
        x, y = int(rng.integers(0, 1700)), int(rng.integers(0, 1100))
        corner = (x + int(rng.integers(30, 700)), y + int(rng.integers(20, 400)))
        cv2.rectangle(page, (x, y), corner, tuple(int(v) for v in rng.integers(60, 256, 3)), -1)
        cv2.putText(
            page, "Settings  File  12:40", (x + 8, y + 18), cv2.FONT_HERSHEY_SIMPLEX, 0.6, (20,) * 3, 1
        )
    return page


ECGS: Final[dict[str, DrawEcg]] = {
    "print, usual layout": _usual_print,
    "print": _print,
    "print of any maker": _any_maker,
    "strip of a print": _strip,
    "piece of a strip": _piece,
}
OTHERS: Final[dict[str, Draw]] = {
    "what is no ECG": _other,
    "empty ECG paper": _empty,
    "waves on ECG paper": _waves,
    "smooth pulses on ECG paper": _smooth_pulses,
    "noise on ECG paper": _brain_waves,
    "walks on ECG paper": _walks,
    "bursts on ECG paper": _quakes,
    "steps on ECG paper": _steps,
    "squared paper": _squares,
    "millimetre paper": _millimetres,
    "ruled paper": _ruled,
    "handwriting": _notes,
    "plot on squared paper": _plot,
    "panels on squared paper": _panels,
    "chart": _chart,
    "table": _table,
    "text": _text,
    "music": _staves,
    "spectrogram": _spectrogram,
    "tiles": _tiles,
    "fabric": _fabric,
    "scene": _scene,
    "screen": _screen,
}
_OFTEN: Final = {
    "print of any maker": 3.0,
    "what is no ECG": 8.0,
    "chart": 3.0,
    "plot on squared paper": 2.0,
    "panels on squared paper": 2.0,
}
"""Kinds that are drawn more often than others: what is most like an ECG."""
