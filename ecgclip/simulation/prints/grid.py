"""Grid: paper and its lines or dots, of any colour, weight and pitch."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import cv2
import numpy as np

from ecgclip.simulation.prints.canvas import PX, Colour, cover
from ecgclip.simulation.prints.chance import between, comes, pick
from ecgclip.simulation.prints.page import Page
from ecgclip.simulation.prints.printed import Box
from ecgclip.typing import Float64s, Rgb, Uint8s

_LEVELS: Final = 15


class GridKind(StrEnum):
    """What the squares are made of."""

    LINES = "lines"
    DOTS = "dots"
    DOTS_IN_SQUARES = "dots in squares"
    DASHED = "dashed"
    LARGE_ONLY = "large only"
    VERTICALS = "verticals"
    NONE = "none"


@dataclass(frozen=True)
class Grid:
    """Colours and widths in mm; `third_mm` is the width of lines at 25 mm, 0 none.

    phase_mm: first large line from the box's left and upper edge; margins_mm: left, top, right, bottom of
    the page without a grid; dash: inked share of a dashed line; third_axis: `x`, `y` or `xy`; feed: length of
    a millimetre of the grid along time, other than 1 where the paper was fed too fast or slow.
    """

    kind: GridKind
    hue: str
    paper: Colour
    minor: Colour
    major: Colour
    minor_mm: float
    major_mm: float
    third_mm: float
    third_axis: str
    third: Colour
    phase_mm: tuple[float, float]
    margins_mm: tuple[float, float, float, float]
    dash: float
    feed: float = 1.0


_HUES: Final = {"red": 0.58, "orange": 0.1, "brown": 0.1, "grey": 0.14, "green": 0.05, "blue": 0.03}
_KINDS: Final = {
    GridKind.LINES: 0.70,
    GridKind.DOTS: 0.10,
    GridKind.DOTS_IN_SQUARES: 0.08,
    GridKind.DASHED: 0.04,
    GridKind.LARGE_ONLY: 0.04,
    GridKind.VERTICALS: 0.01,
    GridKind.NONE: 0.03,
}
_TINTS: Final[dict[str, tuple[tuple[int, int, int], ...]]] = {
    "red": ((240, 90, 100), (235, 60, 70), (250, 120, 140), (200, 60, 80), (255, 22, 21), (225, 110, 130)),
    "orange": ((255, 128, 0), (240, 130, 90), (245, 150, 110), (230, 110, 60)),
    "brown": ((193, 110, 80), (170, 120, 90), (150, 105, 80), (198, 140, 110)),
    "grey": ((120, 120, 120), (90, 90, 95), (150, 150, 150), (60, 60, 60), (170, 165, 160)),
    "green": ((100, 170, 110), (137, 212, 158), (80, 150, 100)),
    "blue": ((110, 140, 210), (90, 120, 190), (140, 180, 220)),
}
"""Full ink of grids; a print shows a share of it."""
_PAPERS: Final = {
    (255, 255, 255): 0.45,
    (252, 250, 247): 0.2,
    (254, 244, 244): 0.13,
    (250, 240, 228): 0.07,
    (242, 240, 226): 0.05,
    (236, 236, 234): 0.05,
    (214, 235, 219): 0.02,
    (236, 222, 206): 0.03,
}


def sample_grid(rng: np.random.Generator, page: Page) -> Grid:
    """Any grid; most leave the header white or fill the page."""
    hue = pick(rng, _HUES)
    tints = _TINTS[hue]
    ink = np.array(tints[int(rng.integers(len(tints)))]) + rng.normal(0, 10, 3)
    paper = np.clip(np.array(pick(rng, _PAPERS)) + rng.normal(0, 2, 3), 180, 255)
    if hue in ("red", "orange") and comes(rng, 0.12):  # paper tinted all over
        paper = paper + between(rng, 0.08, 0.3) * (ink - paper)
    contrast = between(rng, 0.3, 1.0) if comes(rng, 0.8) else between(rng, 0.12, 0.3)
    kind = pick(rng, _KINDS)
    weak = between(rng, 0.25, 0.75) if kind is not GridKind.DOTS else between(rng, 0.7, 1.0)
    third = comes(rng, 0.15)
    return Grid(
        kind=kind,
        hue=hue,
        paper=_colour(paper),
        minor=_colour(paper + contrast * weak * (ink - paper)),
        major=_colour(paper + contrast * (ink - paper)),
        minor_mm=between(rng, 0.07, 0.22) if kind is GridKind.LINES else between(rng, 0.12, 0.32),
        major_mm=between(rng, 0.1, 0.35),
        third_mm=between(rng, 0.15, 0.5) if third else 0.0,
        third_axis=pick(rng, {"x": 0.7, "xy": 0.3}),
        third=_colour(paper + min(1.0, contrast * 1.2) * (ink * 0.8 - paper)),
        phase_mm=(between(rng, 0, 5), between(rng, 0, 5)) if comes(rng, 0.6) else (0.0, 0.0),
        margins_mm=_margins(rng, page),
        dash=between(rng, 0.35, 0.7),
        feed=between(rng, 0.99, 1.01) if comes(rng, 0.15) else 1.0,
    )


def _colour(values: Float64s) -> Colour:
    red, green, blue = (int(v) for v in np.clip(np.round(values), 0, 255))
    return red, green, blue


def _margins(rng: np.random.Generator, page: Page) -> tuple[float, float, float, float]:
    """All of the page, or a box about the rows, or all below the header."""
    if page.kind in ("screen", "roll"):
        edge = between(rng, 0, 3) if comes(rng, 0.3) else 0.0
        return (edge, edge, edge, edge)
    match pick(rng, {"page": 0.4, "box": 0.35, "below": 0.25}):
        case "page":
            return (0.0, 0.0, 0.0, 0.0)
        case "below":
            return (0.0, max(0.0, page.top - between(rng, 0, 6)), 0.0, between(rng, 0, 6))
        case _:
            side = between(rng, 2, 9)
            return (side, max(0.0, page.top - between(rng, 0, 6)), side, between(rng, 3, 12))


def grid_box(grid: Grid, page: Page) -> Box:
    """Where the grid lies."""
    left, top, right, bottom = grid.margins_mm
    return Box(left, top, page.width - right, page.height - bottom)


def draw_grid(grid: Grid, page: Page) -> Rgb:
    """Paper and grid, uint8 [y, x, 3]."""
    height, width = round(page.height * PX), round(page.width * PX)
    box = grid_box(grid, page)
    index = _planes(grid, box, (height, width))
    rgb = cv2.LUT(cv2.merge([index, index, index]), _palette(grid)[:, None, :])
    out = np.asarray(rgb, np.uint8)
    for axis in grid.third_axis if grid.third_mm and grid.kind is not GridKind.NONE else "":
        _third(out, grid, box, axis)
    return out


def _planes(grid: Grid, box: Box, shape: tuple[int, int]) -> Uint8s:
    """uint8 [y, x]: share of a large line in the upper four bits, of a small one in the lower."""
    height, width = shape
    if grid.kind is GridKind.NONE:
        return np.zeros(shape, np.uint8)
    x, y = (
        (start + phase - 5, stop, size)
        for start, stop, phase, size in (
            (box.left, box.right, grid.phase_mm[0], width),
            (box.top, box.bottom, grid.phase_mm[1], height),
        )
    )
    mm = grid.feed
    minor_x, minor_y = _lines(*x, mm, grid.minor_mm), _lines(*y, 1.0, grid.minor_mm)
    major_x, major_y = _lines(*x, 5.0 * mm, grid.major_mm), _lines(*y, 5.0, grid.major_mm)
    match grid.kind:
        case GridKind.LINES:
            minor = np.maximum(minor_y[:, None], minor_x[None, :])
        case GridKind.DASHED:
            dash_x, dash_y = _lines(*x, mm, grid.dash, 0.5), _lines(*y, 1.0, grid.dash, 0.5)
            minor = np.maximum(
                np.minimum(minor_y[:, None], dash_x[None, :]), np.minimum(minor_x[None, :], dash_y[:, None])
            )
        case GridKind.DOTS | GridKind.DOTS_IN_SQUARES:
            minor = np.minimum(minor_y[:, None], minor_x[None, :])
        case GridKind.VERTICALS:
            minor = np.broadcast_to(minor_x[None, :], shape).copy()
            major_y = np.zeros_like(major_y)
        case _:
            minor = np.zeros(shape, np.uint8)
    major = np.maximum(major_y[:, None], major_x[None, :])
    if grid.kind is GridKind.DOTS:
        dots_x, dots_y = _lines(*x, mm, grid.major_mm), _lines(*y, 1.0, grid.major_mm)
        major = np.maximum(
            np.minimum(major_y[:, None], dots_x[None, :]), np.minimum(major_x[None, :], dots_y[:, None])
        )
    plane = np.asarray(minor + (major << 4), np.uint8)
    y0, y1, x0, x1 = (round(v * PX) for v in (box.top, box.bottom, box.left, box.right))
    plane[:y0] = plane[y1 + 1 :] = 0
    plane[:, :x0] = plane[:, x1 + 1 :] = 0
    return plane


def _lines(
    start_mm: float, stop_mm: float, size: int, step_mm: float, line_mm: float, shift_mm: float = 0.0
) -> Uint8s:
    """How much of each pixel of an axis parallel lines cover, uint8 [pixel] 0..15."""
    part = np.zeros(size)
    for at in np.arange(start_mm + shift_mm, stop_mm + 1e-6, step_mm):
        first, share = cover(at - line_mm / 2, at + line_mm / 2, size)
        part[first : first + len(share)] += share
    return np.asarray(np.minimum(np.round(part * _LEVELS), _LEVELS), np.uint8)


def _palette(grid: Grid) -> Uint8s:
    """Colours of the 256 values of `_planes`, uint8 [256, 3]."""
    paper, minor, major = (np.array(c, float) for c in (grid.paper, grid.minor, grid.major))
    share = np.arange(_LEVELS + 1)[:, None] / _LEVELS
    small = paper + share * (minor - paper)
    colours = small[None] + share[:, None] * (major - small[None])
    return np.asarray(np.round(colours), np.uint8).reshape(256, 3)


def _third(rgb: Rgb, grid: Grid, box: Box, axis: str) -> None:
    """Lines at 25 mm along an axis, in place."""
    start, stop = (box.left, box.right) if axis == "x" else (box.top, box.bottom)
    phase = grid.phase_mm[0 if axis == "x" else 1]
    size = rgb.shape[1] if axis == "x" else rgb.shape[0]
    rows = slice(round(box.top * PX), round(box.bottom * PX) + 1)
    columns = slice(round(box.left * PX), round(box.right * PX) + 1)
    for at in np.arange(start + phase, stop, 25.0 * (grid.feed if axis == "x" else 1.0)):
        first, share = cover(at - grid.third_mm / 2, at + grid.third_mm / 2, size)
        for i, part in enumerate(share):
            line = rgb[rows, first + i] if axis == "x" else rgb[first + i, columns]
            line[...] = (line + part * (np.array(grid.third, float) - line)).astype(np.uint8)
