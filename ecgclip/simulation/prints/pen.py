"""The ink of a curve y(x), exactly anti-aliased: in each cell of a column the pen blackens one interval."""

import numpy as np

from ecgclip.paper.stroke import pen
from ecgclip.typing import Floats, Uint8s


def stroke(plane: Uint8s, x_px: Floats, y_px: Floats, width_px: float, flow: Floats | None = None) -> None:
    """Draw a curve into a plane of ink, in place.

    Args:
        plane: uint8 [y, x], 0 blank to 255; what was darker stays.
        x_px: [point], ascending; pixel i covers i to i + 1.
        y_px: [point], NaN where the pen is lifted.
        width_px: Width of the line.
        flow: [point], share of the ink that comes out of the pen, 0..1.
    """
    if len(x_px) < 2:
        return
    tool = pen(width_px)
    cells, reach = tool.cells_per_px, tool.reach
    first = max(int(np.floor(x_px[0] * cells)) - reach, -reach)
    last = min(int(np.ceil(x_px[-1] * cells)) + reach, plane.shape[1] * cells + reach)
    if last - first < 2:
        return
    # An even number of cells is centred on an edge between two: the curve is then cut half a cell aside.
    edges = (np.arange(first, last + 1) + (0.0 if reach % 2 else 0.5)) / cells
    y = np.interp(edges, x_px, y_px, left=np.nan, right=np.nan)
    low, high = np.minimum(y[:-1], y[1:]), np.maximum(y[:-1], y[1:])
    lifted = np.isnan(low)
    low[lifted], high[lifted] = np.inf, -np.inf
    top, bottom = np.full_like(low, np.inf), np.full_like(low, -np.inf)
    for i, half in enumerate(tool.half_heights_px):
        shift = i - (reach - 1) // 2
        a, b = max(0, shift), min(len(low), len(low) + shift)
        np.minimum(top[a:b], low[a - shift : b - shift] - half, out=top[a:b])
        np.maximum(bottom[a:b], high[a - shift : b - shift] + half, out=bottom[a:b])
    share = None if flow is None else np.interp(edges[:-1], x_px, flow)
    _blacken(plane, first, cells, top, bottom, share)


def _blacken(
    plane: Uint8s, first: int, cells: int, top: Floats, bottom: Floats, share: Floats | None
) -> None:
    """Spread the interval of each cell over the pixels that it covers."""
    column = np.floor_divide(np.arange(first, first + len(top)), cells)
    np.clip(top, 0, plane.shape[0], out=top)
    np.clip(bottom, 0, plane.shape[0], out=bottom)
    good = (bottom > top) & (column >= 0) & (column < plane.shape[1])
    if not good.any():
        return
    top, bottom, column = top[good], bottom[good], column[good]
    start = np.floor(top).astype(np.int64)
    count = np.ceil(bottom).astype(np.int64) - start
    ends = np.cumsum(count)
    row = np.arange(ends[-1]) - np.repeat(ends - count - start, count)
    part = np.minimum(np.repeat(bottom, count), row + 1) - np.maximum(np.repeat(top, count), row)
    if share is not None:
        part *= np.repeat(share[good], count)
    y0, x0, x1 = int(start.min()), int(column[0]), int(column[-1]) + 1
    height = int(row.max()) + 1 - y0
    place = (row - y0) * (x1 - x0) + np.repeat(column - x0, count)
    total = np.bincount(place, part, minlength=height * (x1 - x0)).reshape(height, x1 - x0)
    ink = (np.minimum(total / cells, 1) * 255 + 0.5).astype(np.uint8)
    window = plane[y0 : y0 + height, x0:x1]
    np.maximum(window, ink, out=window)
