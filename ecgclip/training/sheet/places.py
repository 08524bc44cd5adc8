"""Where points of the page lie on the flat sheet: the inverse of its map."""

from typing import Final

import numpy as np

from ecgclip.photo.flat.paper_map import NODE_PX
from ecgclip.photo.flat.words import word_class
from ecgclip.simulation.prints.printed import Curve, Word
from ecgclip.typing import Float32s, Float64s

NODES: Final = 49
"""Points of a panel's 0-mV line."""
_ROUNDS: Final = 8


def sheet_px(points_mm: Float64s, page_mm: Float32s) -> Float32s:
    """Pixels (x, y) of the flat sheet, float32 [point, 2], where points of the page lie.

    page_mm: float32 [row, column, (x, y)], the point of the page at each node. It is nearly
    affine, so that its best affine inverse, applied to what is still missing, converges; beyond its edges
    it goes on as an affine map.
    """
    rows, columns = page_mm.shape[:2]
    nodes = np.stack(np.meshgrid(np.arange(columns), np.arange(rows)), axis=-1).reshape(-1, 2).astype(float)
    design = np.concatenate([nodes, np.ones((len(nodes), 1))], axis=1)
    affine = np.linalg.lstsq(design, page_mm.reshape(-1, 2).astype(float), rcond=None)[0]
    forward, inverse = affine[:2], np.linalg.inv(affine[:2])
    at = (points_mm - affine[2]) @ inverse
    for _ in range(_ROUNDS):
        kept = np.clip(at, 0, [columns - 1, rows - 1])
        reached = _interpolated(page_mm, kept) + (at - kept) @ forward
        at = at + (points_mm - reached) @ inverse
    return np.asarray((at + 0.5) * NODE_PX - 0.5, np.float32)


def _interpolated(page_mm: Float32s, at: Float64s) -> Float64s:
    """The map between its nodes, float [point, 2]; at: (column, row) within it."""
    rows, columns = page_mm.shape[:2]
    low = np.minimum(np.floor(at).astype(int), [columns - 2, rows - 2])
    x, y = (at - low).T[..., None]
    column, row = low.T
    upper = page_mm[row, column] * (1 - x) + page_mm[row, column + 1] * x
    lower = page_mm[row + 1, column] * (1 - x) + page_mm[row + 1, column + 1] * x
    return np.asarray(upper * (1 - y) + lower * y, np.float64)


def panel_lines(curves: tuple[Curve, ...], page_mm: Float32s) -> Float32s:
    """The 0-mV lines of curves from the first to the last point drawn, px, float32 [panel, node, (x, y)]."""
    lines = []
    for curve in curves:
        drawn = np.flatnonzero(np.isfinite(curve.x_mm) & np.isfinite(curve.y_mm))
        if drawn.size < 2:
            continue
        x = np.linspace(float(curve.x_mm[drawn[0]]), float(curve.x_mm[drawn[-1]]), NODES)
        lines.append(np.stack([x, np.full(NODES, curve.baseline_mm)], axis=1))
    points = np.array(lines, np.float64).reshape(-1, 2)
    return sheet_px(points, page_mm).reshape(-1, NODES, 2)


def word_boxes(words: tuple[Word, ...], page_mm: Float32s) -> Float32s:
    """Words on the sheet, float32 [word, (left, top, right, bottom, class)] in px, class -1 for none."""
    edges = [(w.box.left, w.box.top, w.box.right, w.box.bottom) for w in words]
    left, top, right, bottom = np.array(edges, np.float64).reshape(-1, 4).T
    corners = np.stack([left, top, right, top, right, bottom, left, bottom], axis=1).reshape(-1, 2)
    placed = sheet_px(corners, page_mm).reshape(-1, 4, 2)
    classes = [word_class(word.kind, word.value) for word in words]
    numbers = np.array([-1 if number is None else number for number in classes], np.float32)
    return np.concatenate([placed.min(axis=1), placed.max(axis=1), numbers[:, None]], axis=1)
