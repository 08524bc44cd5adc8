"""Which point of the page a pixel of the photo shows, and back: the truth for testing rectification."""

from dataclasses import dataclass

import cv2
import numpy as np

from ecgclip.simulation.camera.relief import NODE_MM
from ecgclip.typing import Float32s, Float64s

STEP_PX = 8
"""Nodes stand this far apart in the photo; between them the map is bilinear, in picture and truth alike."""


@dataclass(frozen=True, eq=False)
class PageMap:
    """The map of one photo: page mm at the nodes, float32 [y, x, 2]; node (0, 0) is at pixel `origin`.

    offset_px, scale: of a later crop and resize: final = (pixel - offset) * scale, at pixel corners.
    """

    nodes_mm: Float32s
    matrix: Float64s
    frame_px: tuple[int, int]
    offset_px: tuple[float, float] = (0.0, 0.0)
    scale: tuple[float, float] = (1.0, 1.0)

    def to_page(self, points_px: Float64s) -> Float64s:
        """Page mm [point, (x, y)] of the photo's pixels."""
        frame = (np.asarray(points_px, np.float64) + 0.5) / np.array(self.scale) + np.array(self.offset_px)
        return self._look_up(frame - 0.5)

    def to_photo(self, points_mm: Float64s) -> Float64s:
        """Photo pixels [point, (x, y)] of the page's mm, by correcting the flat page's homography."""
        wanted = np.asarray(points_mm, np.float64)
        aim = wanted.copy()
        for _ in range(40):
            frame = _project(self.matrix, aim)
            missed = wanted - self._look_up(frame)
            if np.abs(missed).max(initial=0.0) < 1e-4:
                break
            aim += 0.8 * missed
        final = (frame + 0.5 - np.array(self.offset_px)) * np.array(self.scale)
        return np.asarray(final - 0.5, np.float64)

    def _look_up(self, frame_points: Float64s) -> Float64s:
        """Bilinear, and linear beyond the outermost nodes."""
        at = (frame_points + 0.5) / STEP_PX - 0.5 + 1
        limit = np.array(self.nodes_mm.shape[1::-1]) - 2
        corner = np.clip(np.floor(at), 0, limit).astype(np.int64)
        part = at - corner
        x, y = corner[:, 0], corner[:, 1]
        nodes = self.nodes_mm.astype(np.float64)
        top = nodes[y, x] + part[:, :1] * (nodes[y, x + 1] - nodes[y, x])
        bottom = nodes[y + 1, x] + part[:, :1] * (nodes[y + 1, x + 1] - nodes[y + 1, x])
        return np.asarray(top + part[:, 1:] * (bottom - top), np.float64)


def page_map(matrix: Float64s, frame_px: tuple[int, int], moved_mm: Float32s) -> PageMap:
    """The map of a page whose points appear moved by `moved_mm` (lattice of `relief`) before projection."""
    columns, rows = (-(-size // STEP_PX) + 2 for size in frame_px)
    x, y = (((np.arange(count) - 1) + 0.5) * STEP_PX - 0.5 for count in (columns, rows))
    inverse = np.asarray(np.linalg.inv(matrix), np.float64)
    grid = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    flat = _project(inverse, grid).reshape(rows, columns, 2).astype(np.float32)
    shift = sample_lattice(moved_mm, flat, cv2.BORDER_REPLICATE)
    return PageMap(flat - shift, matrix, frame_px)


def sample_lattice(values: Float32s, at_mm: Float32s, border: int, outside: float = 0.0) -> Float32s:
    """Values of `relief`'s lattice at points of the page, float32 [y, x, 2] in mm."""
    x, y = cv2.split(at_mm / np.float32(NODE_MM))
    sampled = cv2.remap(values, x, y, cv2.INTER_LINEAR, borderMode=border, borderValue=outside)
    return np.asarray(sampled, np.float32)


def _project(matrix: Float64s, points: Float64s) -> Float64s:
    """A homography, written out: a matrix product this flat wakes every thread of BLAS for nothing."""
    x, y = points[:, 0], points[:, 1]
    (a, b, c), (d, e, f), (g, h, i) = matrix
    depth = g * x + h * y + i
    return np.stack([(a * x + b * y + c) / depth, (d * x + e * y + f) / depth], axis=1)


def upsampled(nodes: Float32s, rows: slice, columns: int) -> Float32s:
    """Values of the nodes [y, x] at the pixels of some rows of the frame, float32 [row, column].

    rows: its start must be a multiple of `STEP_PX`.
    """
    first = rows.start // STEP_PX
    part = nodes[first : -(-rows.stop // STEP_PX) + 2]
    size = (part.shape[1] * STEP_PX, part.shape[0] * STEP_PX)
    dense = cv2.resize(part, size, interpolation=cv2.INTER_LINEAR)
    return np.asarray(
        dense[STEP_PX : STEP_PX + rows.stop - rows.start, STEP_PX : STEP_PX + columns], np.float32
    )
