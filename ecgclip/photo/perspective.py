"""Lattices under a perspective: how the lines of a plane squared sheet lie at any place of a picture."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

_FOCAL: Final = 2.0
"""Focal length of a likely camera in halves of the picture's long side (a phone has 1.5 to 2.5)."""
_STEEPEST: Final = 0.45
_NEAREST: Final = 0.2
"""Least distance of the sheet from the camera, its centre being 1."""

Vectors = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Frame:
    """Pixels of a picture in units in which its tiles lie between -1 and 1.

    middle: float [2], pixels; scale: pixels per unit; points: float [tile, 2], units.
    """

    middle: Vectors
    scale: float
    points: Vectors

    def at(self, centers: Vectors) -> "Frame":
        """The same units for other tiles, whose centres lie in pixels."""
        return Frame(self.middle, self.scale, (centers - self.middle) / self.scale)

    def homography(self, parameters: Vectors) -> Vectors:
        """From pixels to squares (origin arbitrary), float [3, 3]; parameters in squares per pixel."""
        lattice = np.eye(3)
        lattice[:2, :2] = parameters[:4].reshape(2, 2) * self.scale
        lattice[2, :2] = parameters[4:]
        x, y = -self.middle / self.scale
        return np.asarray(lattice @ np.array([[1 / self.scale, 0, x], [0, 1 / self.scale, y], [0, 0, 1]]))


def frame_of(centers: Vectors) -> Frame:
    """The frame of tiles whose centres, float [tile, 2], lie in pixels."""
    middle = centers.mean(axis=0)
    scale = max(1.0, float(np.ptp(centers, axis=0).max()) / 2)
    return Frame(middle, scale, (centers - middle) / scale)


def gradients(parameters: Vectors, points: Vectors) -> Vectors:
    """Lattice vectors [..., n, 2, 2] at points [n, 2] of the homographies [..., 6] (a, b, c, d, g, h).

    Lattice coordinates are u = (ax + by) / w and v = (cx + dy) / w with w = 1 + gx + hy; the vectors are the
    gradients of u and v in the units of a, b, c and d.
    """
    linear, row = parameters[..., :4].reshape(*parameters.shape[:-1], 1, 2, 2), parameters[..., None, 4:]
    w = np.maximum(1.0 + (points * row).sum(axis=-1), _NEAREST)[..., None]
    values = np.einsum("...ij,...j->...i", linear, points)
    return np.asarray(linear / w[..., None] - values[..., :, None] * (row / w**2)[..., None, :])


def views(tilts: Vectors, turns_rad: Vectors) -> Vectors:
    """Homographies [tilt * turn, 6] of a sheet before a likely camera, one square a unit at the centre.

    tilts: float [n, 2], the last row (g, h) of each; turns_rad: of the sheet in its plane.
    """
    return np.array([[*_sheet(tilt, turn), *tilt] for tilt in tilts for turn in turns_rad])


def _sheet(tilt: Vectors, turn_rad: float) -> Vectors:
    normal = np.array([*(tilt * _FOCAL), 1.0])
    normal /= np.linalg.norm(normal)
    right = np.array([np.cos(turn_rad), np.sin(turn_rad), 0.0])
    right -= normal * (right @ normal)
    right /= np.linalg.norm(right)
    axes = np.stack([right, np.cross(normal, right)])
    linear = axes[:, :2] - axes[:, 2:] * _FOCAL * tilt
    return np.asarray(linear / np.sqrt(abs(np.linalg.det(linear)))).ravel()


def solved(
    parameters: Vectors, points: Vectors, measured: Vectors, weights: Vectors, *, free: int
) -> Vectors:
    """A few Gauss-Newton steps towards measured vectors [n, 2, 2] with weights [n, 2].

    free: 4 leaves the perspective as it is; 6 fits it, held near 0 where the tiles say little about it.
    """
    root = np.sqrt(weights / weights.sum())[..., None]
    for _ in range(4):
        residual = ((measured - gradients(parameters, points)) * root).ravel()
        jacobian = np.stack([_slope(parameters, points, root, i) for i in range(free)], axis=1)
        damping = np.diag([1e-9] * 4 + [1e-3 * float((jacobian[:, 0] ** 2).sum())] * (free - 4))
        step = np.linalg.solve(jacobian.T @ jacobian + damping, jacobian.T @ residual)
        parameters = parameters + np.concatenate([step, np.zeros(6 - free)])
        parameters[4:] = np.clip(parameters[4:], -_STEEPEST, _STEEPEST)
    return parameters


def _slope(parameters: Vectors, points: Vectors, root: Vectors, i: int) -> Vectors:
    step = np.zeros(6)
    step[i] = 1e-4 * max(1.0, abs(parameters[i]))
    change = gradients(parameters + step, points) - gradients(parameters - step, points)
    return np.asarray((change * root).ravel() / (2 * step[i]))
