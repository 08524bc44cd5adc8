"""The map from millimetres of paper to pixels of the picture, and what is drawn through it."""

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from ecgclip.photo.flat.dewarp import NODE_MM, Displacement, grid_displacement
from ecgclip.photo.grid.find_grid import Grid
from ecgclip.photo.loading.illumination import Planes
from ecgclip.typing import Bools, Float32s, Float64s, Uint8s

FLAT_PX_PER_MM: Final = 4.0
NODE_PX: Final = round(NODE_MM * FLAT_PX_PER_MM)
"""Pixels of the flat sheet from one node to the next."""
_LARGEST_MM: Final = 420.0
_AVERAGE_BELOW: Final = 0.75
_BEYOND_MM: Final = 45.0
"""Around the tiles that show the grid: fainter paper may follow."""


@dataclass(frozen=True, eq=False)
class PaperMap:
    """Where each point of a flat sheet lies in the picture.

    places: float32 [row, column, 2], pixel (x, y) of the working image for nodes `NODE_MM` apart.
    """

    places: Float32s

    @property
    def size_mm(self) -> tuple[float, float]:
        """(height, width)."""
        return self.places.shape[0] * NODE_MM, self.places.shape[1] * NODE_MM

    def inside(self, size_px: tuple[int, int]) -> Bools:
        """Nodes that lie in a picture of (width, height), bool [row, column]."""
        last = np.array(size_px, np.float32) - 1
        return np.asarray(((self.places >= 0) & (self.places <= last)).all(axis=-1))

    def draw(self, plane: Uint8s, outside: int = 0) -> Uint8s:
        """Lay planes of the picture flat, uint8 [y, x] or [y, x, plane] at `FLAT_PX_PER_MM`.

        A finer picture is averaged down first: sampled as it is, its thin lines would flicker.
        """
        shrink = min(1.0, FLAT_PX_PER_MM / max(1e-3, float(np.hypot(*self.direction_right()))))
        places = self.places
        if shrink < _AVERAGE_BELOW:
            size = max(1, round(plane.shape[1] * shrink)), max(1, round(plane.shape[0] * shrink))
            ratio = np.array([size[0] / plane.shape[1], size[1] / plane.shape[0]], np.float32)
            plane = np.asarray(cv2.resize(plane, size, interpolation=cv2.INTER_AREA), np.uint8)
            places = (places + 0.5) * ratio - 0.5
        size = self.places.shape[1] * NODE_PX, self.places.shape[0] * NODE_PX
        dense = cv2.resize(places, size, interpolation=cv2.INTER_LINEAR)
        around = (outside,) * 4
        drawn = cv2.remap(plane, dense, None, cv2.INTER_LINEAR, borderValue=around)  # type: ignore[call-overload]
        return np.asarray(drawn, np.uint8)

    def draw_planes(self, planes: Planes) -> Uint8s:
        """Dark, ink and colour laid flat at once, uint8 [3, y, x]."""
        merged = cv2.merge([planes.dark, planes.ink, planes.colour])
        return np.ascontiguousarray(self.draw(np.asarray(merged, np.uint8)).transpose(2, 0, 1))

    def direction_right(self) -> Float64s:
        """Pixels of the picture (x, y) per millimetre to the right, at the sheet's centre."""
        middle = self.places[self.places.shape[0] // 2]
        reach = max(1, self.places.shape[1] // 8)
        center = self.places.shape[1] // 2
        step = middle[min(center + reach, len(middle) - 1)] - middle[max(center - reach, 0)]
        nodes = min(center + reach, len(middle) - 1) - max(center - reach, 0)
        return np.asarray(step / (max(1, nodes) * NODE_MM), np.float64)

    def corners(self, mask: Uint8s) -> Float32s:
        """Pixels of the picture [4, 2] of the mask's outer corners, clockwise from the top left."""
        rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
        if rows.size == 0:
            return np.zeros((4, 2), np.float32)
        top, bottom, left, right = (
            float(edge) / NODE_PX - 0.5 for edge in (rows[0], rows[-1] + 1, columns[0], columns[-1] + 1)
        )
        x = np.array([[left, right, right, left]], np.float32)
        y = np.array([[top, top, bottom, bottom]], np.float32)
        return np.asarray(
            cv2.remap(self.places, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)[0], np.float32
        )

    def turned(self, quarter_turns: int) -> "PaperMap":
        """The sheet turned counter-clockwise by quarter turns."""
        return PaperMap(np.ascontiguousarray(np.rot90(self.places, quarter_turns)))


def paper_map(grid: Grid, planes: Planes) -> tuple[PaperMap, Displacement]:
    """Flatten by perspective, then by the grid's phase."""
    first = PaperMap(_perspective_places(grid, planes.dark.shape))
    dark, ink, colour = first.draw_planes(planes)
    inside = first.inside((planes.dark.shape[1], planes.dark.shape[0]))
    displacement = grid_displacement(dark, ink, colour, FLAT_PX_PER_MM, grid.line_mm, inside)
    return PaperMap(_moved(first.places, displacement)), displacement


def _perspective_places(grid: Grid, picture: tuple[int, ...]) -> Float32s:
    low, high = _bounds_mm(grid, (picture[0], picture[1]))
    columns, rows = np.maximum(2, np.ceil((high - low) / NODE_MM)).astype(int)
    x = low[0] + (np.arange(columns) + 0.5) * NODE_MM
    y = low[1] + (np.arange(rows) + 0.5) * NODE_MM
    nodes = np.stack(np.meshgrid(x, y), axis=-1).reshape(1, -1, 2)
    places = cv2.perspectiveTransform(nodes, np.linalg.inv(grid.to_mm))
    return places.reshape(rows, columns, 2).astype(np.float32)


def _bounds_mm(grid: Grid, picture: tuple[int, int]) -> tuple[Float64s, Float64s]:
    """The rectangle, on multiples of 5 mm, around all tiles that show the grid and some way beyond."""
    seen = grid.centers[grid.contrasts > 0]
    reach = grid.tile_px / 2 + _BEYOND_MM * _px_per_mm(grid, seen.mean(axis=0))
    corners = (seen[:, None] + reach * np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]])).reshape(-1, 2)
    inside = np.clip(corners, 0.0, np.array(picture[::-1], np.float64))
    mm = cv2.perspectiveTransform(inside[None], grid.to_mm)[0]
    low, high = np.floor(mm.min(axis=0) / 5) * 5, np.ceil(mm.max(axis=0) / 5) * 5
    excess = np.maximum(0.0, (high - low - _LARGEST_MM) / 2)
    return low + np.floor(excess / 5) * 5, high - excess


def _px_per_mm(grid: Grid, at_px: Float64s) -> float:
    around = at_px + np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    mm = cv2.perspectiveTransform(around[None], grid.to_mm)[0]
    return float(1 / np.sqrt(abs(np.linalg.det(mm[1:] - mm[0]))))


def _moved(places: Float32s, displacement: Displacement) -> Float32s:
    """Look every node up where the displacement says its paper point lies (fixed point, three turns)."""
    rows, columns = places.shape[:2]
    x, y = np.meshgrid(np.arange(columns, dtype=np.float32), np.arange(rows, dtype=np.float32))
    shift = displacement.shift_mm / NODE_MM
    at_x, at_y = x, y
    for _ in range(3):
        moved = [
            cv2.remap(part, at_x, at_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE) for part in shift
        ]
        at_x, at_y = x - moved[0], y - moved[1]
    return cv2.remap(places, at_x, at_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE).astype(np.float32)
