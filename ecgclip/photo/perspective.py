"""One perspective for the local lattices of a picture, fitted robustly."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from ecgclip.photo.spectrum import Comb, Vectors, refine

_ROUNDS: Final = 4
_CONTRAST: Final = float(np.log(5.0))
"""Log of the peak height, in medians, from which a tile shows the grid."""

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Tile:
    """One square of the picture: its centre in pixels, its spectrum and the spectrum's median."""

    center: Vectors
    spectrum: Floats
    level: float


@dataclass(frozen=True, eq=False)
class Fit:
    """Lattice coordinates u = (ax + by) / w, v = (cx + dy) / w, w = 1 + gx + hy of a pixel.

    to_squares: float [3, 3], from pixels to lattice squares. contrasts: float [tile], 0 where not seen.
    vectors: float [tile, 2, 2], lattice vectors in cycles per pixel.
    """

    to_squares: Vectors
    contrasts: Vectors
    vectors: Vectors


def fit_perspective(tiles: list[Tile], start: Vectors) -> Fit | None:
    """Alternate: read each tile near its predicted vectors, fit one homography to all."""
    centers = np.array([tile.center for tile in tiles])
    middle, scale = centers.mean(axis=0), max(1.0, float(np.ptp(centers, axis=0).max()) / 2)
    points = (centers - middle) / scale
    parameters = np.array([*(start[0] * scale), *(start[1] * scale), 0.0, 0.0])
    weights = np.zeros(len(tiles))
    for turn in range(_ROUNDS):
        vectors = gradients(parameters, points) / scale
        combs = [
            refine(tile.spectrum, vector, tile.level) for tile, vector in zip(tiles, vectors, strict=True)
        ]
        weights = _weights(combs, vectors, turn)
        seen = int((weights > 0).sum())
        if seen == 0:
            return None
        measured = np.array([comb.vectors for comb in combs]) * scale
        parameters = _solve(parameters, points, measured, weights, projective=turn > 0 and seen >= 4)
    return Fit(_homography(parameters, middle, scale), weights, gradients(parameters, points) / scale)


def _weights(combs: list[Comb], predicted: Vectors, turn: int) -> Vectors:
    """Trust clear tiles that lie near the prediction; the tolerance narrows with each round."""
    tolerance = max(0.06, 0.25 * 0.6**turn)
    measured = np.array([comb.vectors for comb in combs])
    contrasts = np.array([comb.score for comb in combs])
    error = np.linalg.norm(measured - predicted, axis=2) / np.linalg.norm(predicted, axis=2)
    return np.where((error < tolerance).all(axis=1) & (contrasts > _CONTRAST), contrasts, 0.0)


def gradients(parameters: Vectors, points: Vectors) -> Vectors:
    """Lattice vectors [n, 2, 2] at points [n, 2] of the homography (a, b, c, d, g, h)."""
    linear, row = parameters[:4].reshape(2, 2), parameters[4:]
    w = np.maximum(1.0 + points @ row, 0.2)
    values = points @ linear.T
    return np.asarray(linear[None] / w[:, None, None] - values[:, :, None] * row / (w**2)[:, None, None])


def _solve(
    parameters: Vectors, points: Vectors, measured: Vectors, weights: Vectors, *, projective: bool
) -> Vectors:
    """A few Gauss-Newton steps; the perspective is held near 0 where the tiles say little about it."""
    free = 6 if projective else 4
    root = np.sqrt(weights / weights.sum())
    for _ in range(4):
        residual = ((measured - gradients(parameters, points)) * root[:, None, None]).ravel()
        columns = []
        for i in range(free):
            step = np.zeros(6)
            step[i] = 1e-4 * max(1.0, abs(parameters[i]))
            change = gradients(parameters + step, points) - gradients(parameters - step, points)
            columns.append((change * root[:, None, None]).ravel() / (2 * step[i]))
        jacobian = np.stack(columns, axis=1)
        damping = np.diag([1e-9] * 4 + [1e-3 * float((jacobian[:, 0] ** 2).sum())] * (free - 4))
        update = np.linalg.solve(jacobian.T @ jacobian + damping, jacobian.T @ residual)
        parameters = parameters + np.concatenate([update, np.zeros(6 - free)])
        parameters[4:] = np.clip(parameters[4:], -0.4, 0.4)
    return parameters


def _homography(parameters: Vectors, middle: Vectors, scale: float) -> Vectors:
    lattice = np.eye(3)
    lattice[:2, :2] = parameters[:4].reshape(2, 2)
    lattice[2, :2] = parameters[4:]
    to_unit = np.array([[1 / scale, 0, -middle[0] / scale], [0, 1 / scale, -middle[1] / scale], [0, 0, 1]])
    return np.asarray(lattice @ to_unit)
