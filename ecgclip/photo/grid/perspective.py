"""Lattices under a perspective: how the lines of a plane squared sheet lie at any place of a picture."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from ecgclip.typing import Float64s

_FOCAL: Final = 2.0
"""Focal length of a likely camera in halves of the picture's long side (a phone has 1.5 to 2.5)."""
_STEEPEST: Final = 0.45
_NEAREST: Final = 0.2
"""Least distance of the sheet from the camera, its centre being 1."""


@dataclass(frozen=True, eq=False)
class TileFrame:
    """Pixels of a picture in units in which its tiles lie between -1 and 1.

    middle: float [2], pixels; scale: pixels per unit; points: float [tile, 2], units.
    """

    middle: Float64s
    scale: float
    points: Float64s

    def at(self, centers: Float64s) -> "TileFrame":
        """The same units for other tiles, whose centres lie in pixels."""
        return TileFrame(self.middle, self.scale, (centers - self.middle) / self.scale)

    def homography(self, parameters: Float64s) -> Float64s:
        """From pixels to squares (origin arbitrary), float [3, 3]; parameters in squares per pixel."""
        lattice = np.eye(3)
        lattice[:2, :2] = parameters[:4].reshape(2, 2) * self.scale
        lattice[2, :2] = parameters[4:]
        x, y = -self.middle / self.scale
        return np.asarray(lattice @ np.array([[1 / self.scale, 0, x], [0, 1 / self.scale, y], [0, 0, 1]]))


def tile_frame(centers: Float64s) -> TileFrame:
    """The frame of tiles whose centres, float [tile, 2], lie in pixels."""
    middle = centers.mean(axis=0)
    scale = max(1.0, float(np.ptp(centers, axis=0).max()) / 2)
    return TileFrame(middle, scale, (centers - middle) / scale)


def gradients(parameters: Float64s, points: Float64s) -> Float64s:
    """Lattice vectors [..., n, 2, 2] at points [n, 2] of the homographies [..., 6] (a, b, c, d, g, h).

    Lattice coordinates are u = (ax + by) / w and v = (cx + dy) / w with w = 1 + gx + hy; the vectors are the
    gradients of u and v in the units of a, b, c and d.
    """
    linear, row = parameters[..., :4].reshape(*parameters.shape[:-1], 1, 2, 2), parameters[..., None, 4:]
    w = np.maximum(1.0 + (points * row).sum(axis=-1), _NEAREST)[..., None]
    values = np.einsum("...ij,...j->...i", linear, points)
    return np.asarray(linear / w[..., None] - values[..., :, None] * (row / w**2)[..., None, :])


def sheet_views(tilts: Float64s, turns_rad: Float64s) -> Float64s:
    """Homographies [tilt * turn, 6] of a sheet before a likely camera, one square a unit at the centre.

    tilts: float [n, 2], the last row (g, h) of each; turns_rad: of the sheet in its plane.
    """
    flat = np.concatenate([tilts * _FOCAL, np.ones((len(tilts), 1))], axis=1)
    normal = (flat / np.linalg.norm(flat, axis=1, keepdims=True))[:, None]
    along = np.stack([np.cos(turns_rad), np.sin(turns_rad), np.zeros(len(turns_rad))], axis=1)
    right = along - normal * (normal * along).sum(axis=-1, keepdims=True)
    right /= np.linalg.norm(right, axis=-1, keepdims=True)
    axes = np.stack([right, np.cross(normal, right)], axis=2)
    linear = axes[..., :2] - axes[..., 2:] * _FOCAL * tilts[:, None, None]
    linear /= np.sqrt(np.abs(np.linalg.det(linear)))[..., None, None]
    rows = np.broadcast_to(tilts[:, None], (len(tilts), len(turns_rad), 2))
    return np.concatenate([linear.reshape(*rows.shape[:2], 4), rows], axis=2).reshape(-1, 6)


def fitted(
    parameters: Float64s, points: Float64s, measured: Float64s, weights: Float64s, *, free: int
) -> Float64s:
    """A few Gauss-Newton steps towards measured vectors [n, 2, 2] with weights [n, 2].

    free: 4 leaves the perspective as it is; 6 fits it, held near 0 where the tiles say little about it.
    """
    root = np.sqrt(weights / weights.sum())[..., None]
    for _ in range(4):
        residual = ((measured - gradients(parameters, points)) * root).ravel()
        jacobian = _slopes(parameters, points, root, free)
        damping = np.diag([1e-9] * 4 + [1e-3 * float((jacobian[:, 0] ** 2).sum())] * (free - 4))
        step = np.linalg.solve(jacobian.T @ jacobian + damping, jacobian.T @ residual)
        parameters = parameters + np.concatenate([step, np.zeros(6 - free)])
        parameters[4:] = np.clip(parameters[4:], -_STEEPEST, _STEEPEST)
    return parameters


def _slopes(parameters: Float64s, points: Float64s, root: Float64s, free: int) -> Float64s:
    """Derivatives by the first `free` parameters, float [residual, free], all from one call."""
    steps = 1e-4 * np.maximum(1.0, np.abs(parameters[:free]))
    moves = np.eye(6)[:free] * steps[:, None]
    beyond, short = gradients(np.stack([parameters + moves, parameters - moves]), points)
    return np.asarray((((beyond - short) * root).reshape(free, -1) / (2 * steps)[:, None]).T)
