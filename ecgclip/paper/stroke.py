"""The ink of a record's traces, exactly anti-aliased in both directions, by arithmetic on whole arrays.

A round pen along a curve y(x) blackens, in each column, one interval: from the lowest to the highest of
y(x + d) -/+ sqrt(r^2 - d^2) over the pen's reach |d| <= r. Columns are cut finer than pixels (`cells`),
the intervals are spread over the pixel rows they cover, and the parts of a pixel are summed. Steep flanks
of the QRS so become as dark as the rest, which line drawing by columns or by Bresenham misses.
"""

from dataclasses import dataclass
from functools import lru_cache
from math import ceil, floor, sqrt
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from ecgclip.paper.geometry import PageGeometry, Panel
from ecgclip.typing import Bools, Float32s, Float64s, Int32s, Int64s
from ecgclip.units import LEADS

_Number = TypeVar("_Number", np.int32, np.float32)

CELLS_PER_LINE = 7
"""Cells across the line's width, at least: soft IoU with a round pen's ink is .936 with 5, .955 with 7."""

LIMIT_MV = 10_000.0
"""Beyond every page; damaged samples are held to it so that no arithmetic overflows."""


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
    """Everything about a page's strokes that does not depend on the signal's values, cell by cell.

    left, share: int32, float32 [point, cell], where in the flattened signal the edges of a cell and the
    samples inside it lie (`share` of the way from `left` to the next sample).
    row, column: int32 [cell], of the page and of the pixels; baseline_px: float32 [cell].
    blank: bool [cell], the `reach` empty cells before and after each panel: room for the pen's width.
    """

    left: Int32s
    share: Float32s
    row: Int32s
    column: Int32s
    baseline_px: Float32s
    blank: Bools
    pen: Pen

    def inside(self, width: int) -> Bools:
        """The cells whose column lies on a page of this width."""
        return (self.column >= 0) & (self.column < width)


@lru_cache(maxsize=16)
def stroke_plan(
    geometry: PageGeometry, rate_hz: float, samples: int, px_per_mm: float, line_mm: float
) -> Plan:
    """The plan for every record of this length and rate."""
    tool = pen(line_mm * px_per_mm)
    plans = [_panel_plan(geometry, panel, rate_hz, samples, px_per_mm, tool) for panel in geometry.panels]
    points = max(len(plan.left) for plan in plans)
    return Plan(
        np.concatenate([_repeated(plan.left, points) for plan in plans], axis=1),
        np.concatenate([_repeated(plan.share, points) for plan in plans], axis=1),
        np.concatenate([plan.row for plan in plans]),
        np.concatenate([plan.column for plan in plans]),
        np.concatenate([plan.baseline_px for plan in plans]),
        np.concatenate([plan.blank for plan in plans]),
        tool,
    )


def _repeated(array: npt.NDArray[_Number], points: int) -> npt.NDArray[_Number]:
    """An array [point, cell] with its first row repeated until it has `points` rows."""
    return np.concatenate([array, np.repeat(array[:1], points - len(array), axis=0)])


def _panel_plan(
    geometry: PageGeometry, panel: Panel, rate_hz: float, samples: int, px_per_mm: float, tool: Pen
) -> Plan:
    """The cells of one panel, counted from the page's left edge; none for fewer than two samples."""
    first, last = panel_range(panel, rate_hz, samples)
    if last - first < 2:
        return _no_cells(tool)
    cells_per_s = geometry.speed_mm_s * px_per_mm * tool.cells_per_px
    # An even number of cells is centred on an edge between two: the curve is then cut half a cell aside.
    shift = panel.x_mm * px_per_mm * tool.cells_per_px - (0.0 if tool.reach % 2 else 0.5)
    sample_cell = shift + (np.arange(first, last) / rate_hz - panel.start_s) * cells_per_s
    cells = np.arange(floor(sample_cell[0]), ceil(sample_cell[-1]))
    at = (_positions(cells, sample_cell) - sample_cell[0]) * rate_hz / cells_per_s
    at = np.pad(np.clip(at, 0, last - first - 1), ((0, 0), (tool.reach, tool.reach)))
    left = np.minimum(np.floor(at), last - first - 2)
    everywhere = np.arange(cells[0] - tool.reach, cells[-1] + 1 + tool.reach)
    return Plan(
        (left + LEADS.index(panel.lead) * samples + first).astype(np.int32),
        (at - left).astype(np.float32),
        np.full(len(everywhere), panel.row, np.int32),
        np.floor_divide(everywhere, tool.cells_per_px).astype(np.int32),
        np.full(len(everywhere), panel.baseline_mm * px_per_mm, np.float32),
        (everywhere < cells[0]) | (everywhere > cells[-1]),
        tool,
    )


def _no_cells(tool: Pen) -> Plan:
    whole, part = np.zeros(0, np.int32), np.zeros(0, np.float32)
    return Plan(whole[None], part[None], whole, whole, part, np.zeros(0, np.bool_), tool)


def _positions(cells: Int64s, sample_cell: Float64s) -> Float64s:
    """Edges of each cell and the samples inside it, [point, cell]; fewer samples repeat the left edge."""
    inside = np.clip(np.floor(sample_cell).astype(np.int64) - cells[0], 0, len(cells) - 1)
    first = np.searchsorted(inside, np.arange(len(cells)))
    rows = [cells.astype(float), cells + 1.0]
    for i in range(np.bincount(inside).max()):
        index = np.minimum(first + i, len(inside) - 1)
        rows.append(np.where(inside[index] == np.arange(len(cells)), sample_cell[index], cells))
    return np.stack(rows)


def panel_range(panel: Panel, rate_hz: float, samples: int) -> tuple[int, int]:
    """First sample that a panel shows and the one after the last."""
    return min(round(panel.start_s * rate_hz), samples), min(round(panel.stop_s * rate_hz), samples)


def spans(
    signal_mv: Float32s, offsets_mv: Float32s, plan: Plan, px_per_mv: float
) -> tuple[Float32s, Float32s]:
    """Top and bottom in px of the ink in each cell, [cell]; top > bottom where there is none.

    offsets_mv: what stands on the baseline of each row, [row].
    """
    flat = np.clip(signal_mv.ravel(), -LIMIT_MV, LIMIT_MV)
    value = flat.take(plan.left)
    value += (flat[1:].take(plan.left) - value) * plan.share
    base = plan.baseline_px + offsets_mv.take(plan.row) * np.float32(px_per_mv)
    top = base - np.fmax.reduce(value, axis=0) * np.float32(px_per_mv)
    bottom = base - np.fmin.reduce(value, axis=0) * np.float32(px_per_mv)
    no_ink = plan.blank | np.isnan(top)
    np.copyto(top, np.inf, where=no_ink)
    np.copyto(bottom, -np.inf, where=no_ink)
    return _dilate(top, bottom, plan.pen)


def _dilate(top: Float32s, bottom: Float32s, tool: Pen) -> tuple[Float32s, Float32s]:
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
    top: Float32s, bottom: Float32s, plan: Plan, size_px: tuple[int, int]
) -> tuple[Int32s, Float32s]:
    """The pixels that the spans touch, as indices into the flattened page, and what each part adds (0..1).

    A pixel appears once for every cell that touches it.
    """
    height, width = size_px
    good = (bottom > top) & (bottom > 0) & (top < height) & plan.inside(width)
    top, bottom = np.maximum(top[good], 0), np.minimum(bottom[good], height)
    first = np.minimum(top.astype(np.int32), height - 1)
    count = np.maximum(np.ceil(bottom).astype(np.int32) - first, 1)
    ends = np.cumsum(count, dtype=np.int32)
    y = np.arange(ends[-1] if len(ends) else 0, dtype=np.int32)
    y -= np.repeat(ends - count - first, count)
    row = y.astype(np.float32)
    part = np.minimum(np.repeat(bottom, count), row + 1)
    part -= np.maximum(np.repeat(top, count), row)
    part *= 1 / plan.pen.cells_per_px
    y *= width
    y += np.repeat(plan.column[good], count)
    return y, part
