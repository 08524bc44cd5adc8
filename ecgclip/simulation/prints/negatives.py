"""Pages that are no ECG though there may be a grid: empty paper, text, tables, charts."""

from dataclasses import replace
from typing import Final

import cv2
import numpy as np

from ecgclip.paper.geometry import Layout
from ecgclip.paper.raster import PRINT_PX_PER_MM
from ecgclip.paper.sheet import blank_sheet, colour, write
from ecgclip.paper.styles import Line, PulsePosition, Separator, Style, random_style
from ecgclip.simulation.prints.printed import Print, blank_planes
from ecgclip.typing import Float64s, Uint8s

_LETTERS: Final = tuple("abcdefghijklmnopqrstuvwxyzäöüß0123456789")
_PX: Final = PRINT_PX_PER_MM
_OFF_PAGE: Final = (-1000.0, 5.0)
_STRAY: Final = ("25 mm/s", "10 mm/mV", "0.05-40 Hz", "Dr.", "Page 1", "ID", "HR", "bpm", "II", "V1")


def random_negative(rng: np.random.Generator) -> Print:
    """A page without a trace: nothing, text, a table or a chart on gridded, squared or blank paper."""
    style = _paper(rng)
    page = blank_sheet(style, Layout.L3X4, _PX).copy()
    kind = int(rng.integers(5))
    if kind in (1, 2):
        _text(page, style, rng, lines=int(rng.integers(4, 40)))
    for line in _stray_words(style, rng):
        write(page, line, style, _PX)
    rgb = colour(page, style)
    if kind == 2:
        _table(rgb, style, rng)
    if kind >= 3:
        _chart(rgb, rng)
    return Print(rgb, *blank_planes((rgb.shape[0], rgb.shape[1])), is_ecg=False)


def _stray_words(style: Style, rng: np.random.Generator) -> list[Line]:
    """Words anywhere on the page, those of an ECG among them."""
    width, height = style.paper_mm
    count = int(rng.integers(0, 7)) if rng.random() < 0.5 else 0
    return [
        Line(
            float(rng.uniform(0, width)),
            float(rng.uniform(0, height)),
            str(rng.choice(_STRAY)),
            float(rng.uniform(1.8, 4)),
        )
        for _ in range(count)
    ]


def _paper(rng: np.random.Generator) -> Style:
    style = replace(
        random_style(rng),
        label_offset_mm=_OFF_PAGE,
        pulse=PulsePosition.NONE,
        separator=Separator.NONE,
        lines=(),
    )
    if rng.random() < 0.3:  # school paper: squares alone, grey or blue
        grey = int(rng.integers(120, 210))
        tint = int(rng.integers(0, 45))
        style = replace(style, minor_mm=0.0, major_mm=0.2, major_rgb=(grey - tint, grey, grey + tint))
    return style


def _text(page: Uint8s, style: Style, rng: np.random.Generator, lines: int) -> None:
    width, height = style.paper_mm
    size, left = float(rng.uniform(1.8, 4)), float(rng.uniform(8, 40))
    y_mm = float(rng.uniform(10, 60))
    for _ in range(lines):
        words = ["".join(rng.choice(_LETTERS, rng.integers(1, 11))) for _ in range(rng.integers(1, 14))]
        write(page, Line(left, y_mm, " ".join(words)[: int((width - left) / size)], size), style, _PX)
        y_mm += size * float(rng.uniform(1.7, 2.4))
        if y_mm > height - 8:
            return


def _table(rgb: Uint8s, style: Style, rng: np.random.Generator) -> None:
    height, width = rgb.shape[:2]
    ink = tuple(int(v) for v in style.ink_rgb)
    left, right = round(0.05 * width), round(float(rng.uniform(0.5, 0.95)) * width)
    ys = np.linspace(0.1 * height, float(rng.uniform(0.5, 0.95)) * height, int(rng.integers(4, 25)))
    xs = np.linspace(left, right, int(rng.integers(2, 9)))
    for y in ys.round().astype(int).tolist():
        cv2.line(rgb, (left, y), (right, y), ink, 2, cv2.LINE_AA)
    for x in xs.round().astype(int).tolist():
        cv2.line(rgb, (x, round(float(ys[0]))), (x, round(float(ys[-1]))), ink, 2, cv2.LINE_AA)


def _chart(rgb: Uint8s, rng: np.random.Generator) -> None:
    """Axes with smooth curves, random walks, bars or dots: what is drawn on squared paper otherwise."""
    height, width = rgb.shape[:2]
    x0, x1 = round(float(rng.uniform(0.05, 0.2)) * width), round(float(rng.uniform(0.6, 0.95)) * width)
    y0, y1 = round(float(rng.uniform(0.05, 0.3)) * height), round(float(rng.uniform(0.5, 0.95)) * height)
    if rng.random() < 0.7:
        cv2.polylines(rgb, [np.array([[x0, y0], [x0, y1], [x1, y1]], np.int32)], False, (30, 30, 30), 3)
    for _ in range(int(rng.integers(1, 6))):
        pen = tuple(int(v) for v in rng.integers(0, 140, 3))
        x = np.linspace(x0, x1, 400)
        y = y1 - (y1 - y0) * _curve(rng, 400)
        points = np.stack([x, y], axis=1).round().astype(np.int32)
        if rng.random() < 0.2:
            for px, py in points[:: int(rng.integers(10, 40))].tolist():
                cv2.rectangle(rgb, (px, py), (px + 12, y1), pen, -1 if rng.random() < 0.5 else 2)
        else:
            cv2.polylines(rgb, [points[:, None]], False, pen, int(rng.integers(2, 6)), cv2.LINE_AA)


def _curve(rng: np.random.Generator, count: int) -> Float64s:
    """A curve in 0..1."""
    t = np.linspace(0, 1, count)
    match int(rng.integers(4)):
        case 0:
            y = np.cumsum(rng.normal(0, 1, count))
        case 1:
            y = np.sin(2 * np.pi * (rng.uniform(0.5, 12) * t + rng.random())) * np.exp(-rng.uniform(0, 3) * t)
        case 2:
            y = np.exp(-rng.uniform(1, 6) * t) + 0.05 * rng.normal(0, 1, count)
        case _:
            y = np.interp(t, np.linspace(0, 1, 8), rng.normal(0, 1, 8))
    spread = float(np.ptp(y)) or 1.0
    low, size = rng.uniform(0, 0.5), rng.uniform(0.1, 0.5)
    return np.asarray(low + size * (y - y.min()) / spread, np.float64)
