"""The ink of a flat sheet: what repeats every 5 mm is removed as grid, as is all off the gridded paper."""

from typing import Final

import cv2
import numpy as np

from ecgclip.photo.flat.dewarp import NODE_MM
from ecgclip.photo.flat.paper_map import FLAT_PX_PER_MM, NODE_PX
from ecgclip.typing import Bools, Float32s, Integers, Uint8s
from ecgclip.units import LARGE_SQUARE_MM

_CELL: Final = round(LARGE_SQUARE_MM * FLAT_PX_PER_MM)
_BLOCK: Final = 6
"""Squares on a side of the neighbourhood whose median square is taken as grid."""
_CLOSE_MM: Final = 30.0
_EDGE_MM: Final = 2.5
_FILLS: Final = 0.85
"""Share of the picture's nodes from which it shows paper alone: on a desk a filled corner may be desk."""
_TIP: Final = 0.5
"""Share of the longest row or column of the hull below which another is its tip."""


def notch(ink: Uint8s, mask: Uint8s) -> Uint8s:
    """Subtract the grid left in a flat plane of darkness: the median square of each neighbourhood.

    A trace crosses few of the squares at one place of the square, the grid all of them; lines of 1 mm
    divide 5 mm and go with it. Lines may lie a pixel off their place: those of the square are widened by
    one. Where a trace crosses a line the paper is as dark as the trace, not as both. Planes: uint8 [y, x].
    """
    side = _CELL * _BLOCK
    height, width = ink.shape
    rows, columns = -(-height // side), -(-width // side)
    padded = cv2.copyMakeBorder(ink, 0, rows * side - height, 0, columns * side - width, cv2.BORDER_REFLECT)
    squares = padded.reshape(rows, _BLOCK, _CELL, columns, _BLOCK, _CELL).transpose(0, 3, 2, 5, 1, 4)
    middle = _BLOCK * _BLOCK * 55 // 100
    typical = np.partition(squares.reshape(rows, columns, _CELL, _CELL, -1), middle, axis=-1)[..., middle]
    pattern = np.broadcast_to(
        typical.transpose(0, 2, 1, 3)[:, None, :, :, None, :], (rows, _BLOCK, _CELL, columns, _BLOCK, _CELL)
    )
    grid = cv2.dilate(np.ascontiguousarray(pattern).reshape(padded.shape), np.ones((3, 3), np.uint8))
    left = cv2.subtract(padded, grid)[:height, :width].astype(np.float32)
    over_line = np.clip((left / _stroke_level(left, mask) - 0.25) / 0.25, 0.0, 1.0)
    restored = over_line * np.minimum(grid, padded)[:height, :width]
    return np.asarray(left + restored, np.uint8)


def _stroke_level(ink: Uint8s | Float32s, mask: Uint8s) -> float:
    """Darkness of a full stroke: what the darkest hundredth of the paper exceeds."""
    inside = ink[mask > 0][::3].astype(np.float32)
    return max(30.0, float(np.quantile(inside, 0.99))) if inside.size else 255.0


def paper_mask(clear: Bools, inside: Bools) -> Uint8s:
    """Where the gridded paper lies, uint8 [y, x] of 0 and 255, from the nodes that show the grid.

    inside: bool [row, column], nodes that lie in the picture. A sheet is a rectangle: where light or a shadow
    hides the grid of a corner in a picture of paper alone, it is filled.
    """
    seen = cv2.morphologyEx(clear.astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    reach = round(_CLOSE_MM / NODE_MM) | 1
    padded = cv2.copyMakeBorder(seen, reach, reach, reach, reach, cv2.BORDER_CONSTANT, value=0)
    closed = cv2.morphologyEx(padded, cv2.MORPH_CLOSE, np.ones((reach, reach), np.uint8))[
        reach:-reach, reach:-reach
    ]
    count, labels, stats, _ = cv2.connectedComponentsWithStats(np.ascontiguousarray(closed), connectivity=4)
    if count < 2:
        return np.zeros(_pixels(clear.shape), np.uint8)
    largest = 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax())
    points = cv2.findNonZero((labels == largest).astype(np.uint8))
    hull = np.zeros(clear.shape, np.uint8)
    cv2.fillConvexPoly(hull, cv2.convexHull(points), 255)
    if (hull[inside] > 0).mean() > _FILLS:
        hull[_rectangle(hull > 0)] = 255
    hull[~inside] = 0
    edge = np.ones((2 * round(_EDGE_MM / NODE_MM) + 1,) * 2, np.uint8)
    hull = cv2.erode(hull, edge, borderType=cv2.BORDER_CONSTANT, borderValue=255).astype(np.uint8, copy=False)
    return cv2.resize(hull, _pixels(clear.shape)[::-1], interpolation=cv2.INTER_NEAREST).astype(
        np.uint8, copy=False
    )


def _rectangle(hull: Bools) -> tuple[slice, slice]:
    """Rows and columns of the sheet that a hull belongs to; a tip of it alone makes no row."""

    def span(filled: Integers) -> slice:
        used = np.flatnonzero(filled > _TIP * filled.max())
        return slice(int(used[0]), int(used[-1]) + 1)

    return span(hull.sum(axis=1)), span(hull.sum(axis=0))


def _pixels(shape: tuple[int, ...]) -> tuple[int, int]:
    return shape[0] * NODE_PX, shape[1] * NODE_PX


def normalize(ink: Uint8s, mask: Uint8s) -> Float32s:
    """Scale ink to 0 on paper .. 1 on a full stroke, float32 [y, x]; 0 outside the mask."""
    scaled = np.clip(ink.astype(np.float32) / (0.8 * _stroke_level(ink, mask)), 0.0, 1.0)
    return np.where(mask > 0, scaled, 0.0).astype(np.float32)
