"""The part of a print that every record shares: paper, grid, pulses, labels, as one byte a pixel.

A byte holds the background in its upper three bits and the ink in its lower five: 0 is paper, 1-3 a part of
a millimetre line, 4-7 of a 5 mm line; 31 is full ink. A palette turns bytes into the style's colours, so
that drawing works on one byte a pixel and a PNG needs no more.
"""

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import cv2
import numpy as np

from ecgclip.paper.geometry import Layout, PageGeometry, calibration_pulse
from ecgclip.paper.header import Header
from ecgclip.paper.lettering import text_ink
from ecgclip.paper.styles import Line, PulsePosition, Separator, Style
from ecgclip.typing import Float64s, Uint8s
from ecgclip.units import LARGE_SQUARE_MM, SMALL_SQUARE_MM

INK_LEVELS = 31
INK_MASK = np.uint8(0x1F)
BACKGROUND_MASK = np.uint8(0xE0)
_MINOR_LEVELS, _MAJOR_LEVELS = 3, 4

BAR_MM = (0.9, 7.0)
TICK_MM = (0.5, 3.0)


@dataclass(frozen=True)
class Rectangle:
    """A filled rectangle in mm."""

    left: float
    top: float
    right: float
    bottom: float


@lru_cache(maxsize=8)
def blank_sheet(style: Style, layout: Layout, px_per_mm: float) -> Uint8s:
    """The print without a record and a header, uint8 [y, x]; do not write into it, copy it."""
    geometry = style.geometry(layout)
    page = _grid(style, geometry, px_per_mm)
    for box in pulse_boxes(style, geometry) + separator_boxes(style, geometry):
        _fill(page, box, px_per_mm)
    for label in labels(style, geometry):
        write(page, label, style, px_per_mm)
    for line in style.lines:
        if "{" not in line.text:
            write(page, line, style, px_per_mm)
    page.flags.writeable = False
    return page


def header_lines(style: Style, header: Header) -> list[Line]:
    """The lines that name a field of the header, filled."""
    named = [line for line in style.lines if "{" in line.text]
    return [Line(line.x_mm, line.y_mm, header.fill(line.text), line.height_mm) for line in named]


def labels(style: Style, geometry: PageGeometry) -> list[Line]:
    """The names of the leads beside their panels."""
    dx, dy = style.label_offset_mm
    # Crowded rows keep their labels to themselves, but off their baselines.
    dy *= min(1.0, geometry.row_height_mm / 24)
    dy = max(dy, style.label_mm + 1) if dy > 0 else min(dy, -1.5)
    return [Line(p.x_mm + dx, p.baseline_mm + dy, p.lead, style.label_mm) for p in geometry.panels]


def pulse_boxes(style: Style, geometry: PageGeometry) -> list[Rectangle]:
    """The calibration pulse of each row as thin rectangles."""
    if style.pulse is PulsePosition.NONE:
        return []
    left = min(panel.x_mm for panel in geometry.panels) - LARGE_SQUARE_MM
    right = max(p.x_mm + (p.stop_s - p.start_s) * geometry.speed_mm_s for p in geometry.panels)
    x_mm = left if style.pulse is PulsePosition.LEFT else right
    half = style.line_mm / 2
    boxes = []
    for row in range(geometry.rows):
        points = calibration_pulse(geometry, row, x_mm)
        for (x0, y0), (x1, y1) in pairwise(points):
            boxes.append(
                Rectangle(min(x0, x1) - half, min(y0, y1) - half, max(x0, x1) + half, max(y0, y1) + half)
            )
    return boxes


def separator_boxes(style: Style, geometry: PageGeometry) -> list[Rectangle]:
    """What stands between the leads of a row."""
    starts = [(p.x_mm, p.baseline_mm) for p in geometry.panels if p.start_s > 0]
    match style.separator:
        case Separator.BAR:
            width, height = BAR_MM
            return [
                Rectangle(x - width / 2, y - height / 2, x + width / 2, y + height / 2) for x, y in starts
            ]
        case Separator.TICKS:
            width, height = TICK_MM
            tops = [(x, y + side) for x, y in starts for side in (-7.0, 4.0)]
            return [Rectangle(x - width / 2, y, x + width / 2, y + height) for x, y in tops]
        case Separator.NONE:
            return []


def palette(style: Style) -> Uint8s:
    """The colours of the bytes, uint8 [256, 3]."""
    paper, minor, major = (
        np.array(rgb, float) for rgb in (style.paper_rgb, style.minor_rgb, style.major_rgb)
    )
    lines = [(minor, i / _MINOR_LEVELS) for i in range(1, _MINOR_LEVELS + 1)]
    lines += [(major, i / _MAJOR_LEVELS) for i in range(1, _MAJOR_LEVELS + 1)]
    grounds = np.stack([paper, *(paper + share * (rgb - paper) for rgb, share in lines)])
    ink = np.arange(INK_LEVELS + 1)[None, :, None] / INK_LEVELS
    colours = grounds[:, None] + ink * (np.array(style.ink_rgb, float) - grounds[:, None])
    return np.asarray(np.round(colours), np.uint8).reshape(256, 3)


def colour(page: Uint8s, style: Style) -> Uint8s:
    """The page in the style's colours, uint8 RGB [y, x, 3]."""
    channels = palette(style).T.copy()  # one look-up a channel: eight times as fast as palette[page]
    return np.asarray(cv2.merge([cv2.LUT(page, channel) for channel in channels]), np.uint8)


def write(page: Uint8s, line: Line, style: Style, px_per_mm: float) -> None:
    """Set one line of text on the page; what leaves the page is cut."""
    ink, left, top = text_ink(line.text, style.font, round(line.height_mm * px_per_mm, 2))
    x, y = round(line.x_mm * px_per_mm) + left, round(line.y_mm * px_per_mm) + top
    x0, y0 = max(0, x), max(0, y)
    x1, y1 = min(page.shape[1], x + ink.shape[1]), min(page.shape[0], y + ink.shape[0])
    if x1 > x0 and y1 > y0:
        add_ink(page[y0:y1, x0:x1], ink[y0 - y : y1 - y, x0 - x : x1 - x])


def add_ink(part: Uint8s, ink: Uint8s) -> None:
    """Blacken a part of a page, in place; ink uint8 0..255, of the part's shape."""
    level = (ink.astype(np.uint16) * INK_LEVELS + 127) // 255
    part[...] = (part & BACKGROUND_MASK) | np.maximum(part & INK_MASK, level.astype(np.uint8))


def _fill(page: Uint8s, box: Rectangle, px_per_mm: float) -> None:
    y0, cover_y = _cover(box.top * px_per_mm, box.bottom * px_per_mm, page.shape[0])
    x0, cover_x = _cover(box.left * px_per_mm, box.right * px_per_mm, page.shape[1])
    ink = np.round(np.outer(cover_y, cover_x) * 255).astype(np.uint8)
    add_ink(page[y0 : y0 + len(cover_y), x0 : x0 + len(cover_x)], ink)


def _cover(start: float, stop: float, size: int) -> tuple[int, Float64s]:
    """First pixel of an interval and how much of each pixel it covers."""
    start, stop = min(max(start, 0), size), min(max(stop, 0), size)
    pixels = np.arange(int(start), int(np.ceil(stop)))
    return int(start), np.minimum(stop, pixels + 1) - np.maximum(start, pixels)


def _grid(style: Style, geometry: PageGeometry, px_per_mm: float) -> Uint8s:
    height, width = geometry.size_px(px_per_mm)
    left, top, right, bottom = style.grid_margin_mm
    ends_x, ends_y = (left, geometry.width_mm - right), (top, geometry.height_mm - bottom)
    minor_x = _level(_lines(ends_x, SMALL_SQUARE_MM, style.minor_mm, px_per_mm, width), 0, _MINOR_LEVELS)
    minor_y = _level(_lines(ends_y, SMALL_SQUARE_MM, style.minor_mm, px_per_mm, height), 0, _MINOR_LEVELS)
    crossing = np.minimum if style.dotted else np.maximum
    page = crossing(minor_y[:, None], minor_x[None, :])
    for axis, (ends, size) in enumerate([(ends_y, height), (ends_x, width)]):
        lines = _lines(ends, LARGE_SQUARE_MM, style.major_mm, px_per_mm, size)
        level = _level(lines, _MINOR_LEVELS, _MAJOR_LEVELS)
        page = np.maximum(page, level[:, None] if axis == 0 else level[None, :])
    page[: round(top * px_per_mm)] = page[round(ends_y[1] * px_per_mm) + 1 :] = 0
    page[:, : round(left * px_per_mm)] = page[:, round(ends_x[1] * px_per_mm) + 1 :] = 0
    return np.left_shift(page, 5, dtype=np.uint8)


def _lines(
    ends_mm: tuple[float, float], step_mm: float, line_mm: float, px_per_mm: float, size: int
) -> Float64s:
    """How much of each pixel of an axis parallel lines cover, [pixel] 0..1."""
    cover = np.zeros(size)
    for at in np.arange(ends_mm[0], ends_mm[1] + 1e-6, step_mm) if line_mm > 0 else ():
        first, part = _cover((at - line_mm / 2) * px_per_mm, (at + line_mm / 2) * px_per_mm, size)
        cover[first : first + len(part)] += part
    return np.minimum(cover, 1)


def _level(cover: Float64s, base: int, levels: int) -> Uint8s:
    """Rounded levels above `base`, 0 where there is no line; a faint line keeps at least the lowest."""
    rounded = np.maximum(np.round(cover * levels), cover > 0.02)
    return np.where(rounded > 0, base + rounded, 0).astype(np.uint8)
