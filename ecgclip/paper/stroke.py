"""The ink of a record's traces, exactly anti-aliased in both directions, by arithmetic on whole arrays.

A round pen along a curve y(x) blackens, in each column, one interval: from the lowest to the highest of
y(x + d) -/+ sqrt(r^2 - d^2) over the pen's reach |d| <= r. Columns are cut finer than pixels (`cells`),
the intervals are spread over the pixel rows they cover, and the parts of a pixel are summed. Steep flanks
of the QRS so become as dark as the rest, which line drawing by columns or by Bresenham misses.
"""

from dataclasses import dataclass
from functools import lru_cache
from math import ceil, floor, sqrt

import numpy as np
import numpy.typing as npt

from ecgclip.paper.geometry import PageGeometry, Panel
from ecgclip.units import LEADS

FloatArray = npt.NDArray[np.float32]
IntArray = npt.NDArray[np.int64]

CELLS_PER_LINE = 5
"""Cells across the line's width, at least: fewer make flanks uneven, more cost time."""


@dataclass(frozen=True, eq=False)
class Pen:
    """How a line of some width is cut into cells: reach of each cell and its half height, in pixels."""

    cells_per_px: int
    half_heights_px: tuple[float, ...]

    @property
    def reach(self) -> int:
        return len(self.half_heights_px)


def pen(line_px: float) -> Pen:
    """The pen for lines `line_px` wide: cells across its width, each as high as the chord at its far edge."""
    cells_per_px = max(1, ceil(CELLS_PER_LINE / max(line_px, 0.5) - 1e-6))
    reach = max(1, round(line_px * cells_per_px))
    radius, cell = line_px / 2, 1 / cells_per_px
    centres = (np.arange(reach) - (reach - 1) / 2) * cell
    middle = np.abs(centres) < 0.75 * cell
    far = np.where(middle, np.abs(centres), np.abs(centres) + cell / 2)
    return Pen(cells_per_px, tuple(sqrt(max(0.0, radius**2 - d * d)) for d in far))


@dataclass(frozen=True, eq=False)
class Plan:
    """Everything about a page's strokes that does not depend on the signal's values.

    Points are the edges of the cells and the samples inside them, panel after panel; `left`, `right` and
    `share` interpolate them in the flattened signal; `starts` is the first point of each cell. Cells of
    different panels lie `reach` blank cells apart, so that shifted arrays never mix them.
    """

    left: IntArray
    right: IntArray
    share: FloatArray
    row: IntArray
    starts: IntArray
    used: IntArray
    cells: int
    column: IntArray
    baseline_px: FloatArray
    pen: Pen


@lru_cache(maxsize=16)
def stroke_plan(
    geometry: PageGeometry, rate_hz: float, samples: int, px_per_mm: float, line_mm: float
) -> Plan:
    """The plan for every record of this length and rate."""
    tool = pen(line_mm * px_per_mm)
    parts = [_panel_plan(geometry, panel, rate_hz, samples, px_per_mm, tool) for panel in geometry.panels]
    parts = [part for part in parts if part.cells > 0]
    points = np.concatenate([part.points for part in parts]) if parts else np.zeros((0, 4))
    used, starts, column, blank, count = [], [], [], 0, 0
    for part in parts:
        used.append(blank + tool.reach + np.arange(part.cells))
        starts.append(count + part.starts)
        column.append(part.first_cell + np.arange(-tool.reach, part.cells + tool.reach))
        blank += part.cells + 2 * tool.reach
        count += len(part.points)
    left = points[:, 0].astype(np.int64)
    row = points[:, 3].astype(np.int64)
    baselines = {panel.row: panel.baseline_mm * px_per_mm for panel in geometry.panels}
    baseline_px = np.array([baselines[i] for i in row], np.float32)
    return Plan(
        left,
        points[:, 1].astype(np.int64),
        points[:, 2].astype(np.float32),
        row,
        _join(starts),
        _join(used),
        blank,
        np.floor_divide(_join(column), tool.cells_per_px),
        baseline_px,
        tool,
    )


def _join(arrays: list[IntArray]) -> IntArray:
    return np.concatenate(arrays).astype(np.int64) if arrays else np.zeros(0, np.int64)


@dataclass(frozen=True, eq=False)
class _PanelPlan:
    points: npt.NDArray[np.float64]
    """[point, (left, right, share, row)]"""
    starts: IntArray
    first_cell: int
    cells: int


def _panel_plan(
    geometry: PageGeometry, panel: Panel, rate_hz: float, samples: int, px_per_mm: float, tool: Pen
) -> _PanelPlan:
    """Cells and points of one panel; cells are counted from the page's left edge."""
    first, last = panel_range(panel, rate_hz, samples)
    if last - first < 2:
        return _PanelPlan(np.zeros((0, 4)), np.zeros(0, np.int64), 0, 0)
    cells_per_s = geometry.speed_mm_s * px_per_mm * tool.cells_per_px
    shift = panel.x_mm * px_per_mm * tool.cells_per_px - (0.0 if tool.reach % 2 else 0.5)
    sample_cell = shift + (np.arange(first, last) / rate_hz - panel.start_s) * cells_per_s
    first_cell, stop_cell = floor(sample_cell[0]), ceil(sample_cell[-1])
    edges = np.arange(first_cell, stop_cell + 1, dtype=float)
    position = np.concatenate([edges[:-1], sample_cell, edges[1:]])
    inner = np.clip(np.floor(sample_cell), first_cell, stop_cell - 1)
    cell = np.concatenate([edges[:-1], inner, edges[:-1]])
    order = np.argsort(cell, kind="stable")
    at = np.clip((position[order] - sample_cell[0]) / (cells_per_s / rate_hz), 0, last - first - 1)
    left = np.minimum(np.floor(at), last - first - 2)
    offset = LEADS.index(panel.lead) * samples + first
    points = np.stack([left + offset, left + offset + 1, at - left, np.full(len(at), panel.row)], axis=1)
    starts = np.searchsorted(cell[order], edges[:-1], side="left")
    return _PanelPlan(points, starts, first_cell, stop_cell - first_cell)


def panel_range(panel: Panel, rate_hz: float, samples: int) -> tuple[int, int]:
    """First sample that a panel shows and the one after the last."""
    return min(round(panel.start_s * rate_hz), samples), min(round(panel.stop_s * rate_hz), samples)


def spans(
    signal_mv: FloatArray, offsets_mv: FloatArray, plan: Plan, px_per_mv: float
) -> tuple[FloatArray, FloatArray]:
    """Top and bottom in px of the ink in each cell, [cell]; top > bottom where there is none.

    offsets_mv: what stands on the baseline of each row, [row].
    """
    flat = signal_mv.ravel()
    value = flat[plan.left]
    value += (flat[plan.right] - value) * plan.share
    y = plan.baseline_px - (value - offsets_mv[plan.row]) * np.float32(px_per_mv)
    top, bottom = np.full((2, plan.cells), np.inf, np.float32)
    bottom *= -1
    if len(y):
        top[plan.used] = np.fmin.reduceat(y, plan.starts)
        bottom[plan.used] = np.fmax.reduceat(y, plan.starts)
    np.copyto(top, np.inf, where=np.isnan(top))
    np.copyto(bottom, -np.inf, where=np.isnan(bottom))
    return _dilate(top, bottom, plan.pen)


def _dilate(top: FloatArray, bottom: FloatArray, tool: Pen) -> tuple[FloatArray, FloatArray]:
    """Widen the curve by the pen: each cell takes the extremes of those within reach."""
    wide_top, wide_bottom = np.full_like(top, np.inf), np.full_like(bottom, -np.inf)
    centre = tool.reach // 2
    for i, half in enumerate(tool.half_heights_px):
        here, there = _overlap(len(top), i - centre)
        np.minimum(wide_top[here], top[there] - np.float32(half), out=wide_top[here])
        np.maximum(wide_bottom[here], bottom[there] + np.float32(half), out=wide_bottom[here])
    return wide_top, wide_bottom


def _overlap(length: int, shift: int) -> tuple[slice, slice]:
    """Slices that pair each cell with the one `shift` further on."""
    if shift >= 0:
        return slice(0, length - shift), slice(shift, length)
    return slice(-shift, length), slice(0, length + shift)


def coverage(
    top: FloatArray, bottom: FloatArray, plan: Plan, size_px: tuple[int, int]
) -> tuple[IntArray, FloatArray]:
    """The pixels that the spans touch, as indices into the flattened page, and what each part adds (0..1).

    A pixel appears once for every cell that touches it.
    """
    height, width = size_px
    good = (bottom > top) & (bottom > 0) & (top < height) & (plan.column >= 0) & (plan.column < width)
    column = plan.column[good]
    top, bottom = np.maximum(top[good], 0), np.minimum(bottom[good], height)
    first = np.minimum(top.astype(np.int64), height - 1)
    count = np.maximum(np.ceil(bottom).astype(np.int64) - first, 1)
    ends = np.cumsum(count)
    owner = np.repeat(np.arange(len(count)), count)
    y = np.arange(len(owner)) - np.repeat(ends - count - first, count)
    part = np.minimum(bottom[owner], y + 1) - np.maximum(top[owner], y)
    return y * width + column[owner], (part / plan.pen.cells_per_px).astype(np.float32)
