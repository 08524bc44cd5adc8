"""The 5 mm grid of a whole picture: local lattice vectors voted together and fitted by one perspective."""

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from ecgclip.photo.spectrum import Comb, Vectors, best_comb, magnitude, refine
from ecgclip.units import LARGE_SQUARE_MM

TILE_PX: Final = 256
_SAME_PERIOD: Final = 0.15
_SAME_ANGLE_RAD: Final = 0.15
_ROUNDS: Final = 6

Plane = npt.NDArray[np.uint8]
Matrix = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Tile:
    """One square of the picture: its spectrum and the lattice read from it; pixels of the picture."""

    center: Vectors
    spectrum: npt.NDArray[np.float32]
    comb: Comb


@dataclass(frozen=True, eq=False)
class Grid:
    """The grid of a picture.

    to_mm: float [3, 3], homography from pixels of the working image to millimetres (origin arbitrary).
    score: contrast of the grid over the tiles that show it; 0 where there is none.
    coverage: share of the tiles that show it.
    centers: float [n, 2], pixels; contrasts: float [n], of every tile, 0 where the grid is not seen.
    tile_px: side of a tile in pixels.
    """

    to_mm: Matrix
    score: float
    coverage: float
    centers: Vectors
    contrasts: Vectors
    tile_px: float

    @property
    def found(self) -> bool:
        return self.score > 0.0


def find_grid(plane: Plane) -> Grid | None:
    """Find the 5 mm grid in a plane of darkness, uint8 [y, x]; None where nothing repeats."""
    fits = [fit for shrink in (1, 2) if (fit := _fit_at(plane, shrink)) is not None]
    return max(fits, key=lambda fit: fit.score * fit.coverage**0.5) if fits else None


def _fit_at(plane: Plane, shrink: int) -> Grid | None:
    height, width = plane.shape
    small = (
        plane
        if shrink == 1
        else cv2.resize(plane, (width // shrink, height // shrink), interpolation=cv2.INTER_AREA)
    )
    tiles = _tiles(small.astype(np.uint8, copy=False))
    mode = _vote([tile.comb for tile in tiles])
    if mode is None:
        return None
    vectors = np.repeat(mode[None], len(tiles), axis=0)
    return _perspective(tiles, vectors, float(shrink))


def _tiles(plane: Plane) -> list[Tile]:
    size = min(TILE_PX, *plane.shape)
    size -= size % 2
    if size < 32:
        return []
    found = []
    for y in _starts(plane.shape[0], size):
        for x in _starts(plane.shape[1], size):
            spectrum = magnitude(plane[y : y + size, x : x + size])
            found.append(Tile(np.array([x, y]) + size / 2, spectrum, best_comb(spectrum)))
    return found


def _starts(length: int, size: int) -> list[int]:
    count = max(1, round((length - size) / (0.75 * size)) + 1)
    return [round(value) for value in np.linspace(0, length - size, count)]


def _vote(combs: list[Comb]) -> Vectors | None:
    """The lattice that most tiles agree on, float [2, 2]: x family first, both pointing right or down."""
    strong = [comb for comb in combs if comb.score > 0.6]
    if not strong:
        return None
    oriented = np.array([_oriented(comb.vectors) for comb in strong])
    scores = np.array([comb.score for comb in strong])
    size = np.log(np.linalg.norm(oriented, axis=2).mean(axis=1))
    angle = np.arctan2(oriented[:, 0, 1], oriented[:, 0, 0])
    near_size = np.abs(size[:, None] - size[None]) < _SAME_PERIOD
    turn = (angle[:, None] - angle[None] + np.pi / 4) % (np.pi / 2) - np.pi / 4
    votes = ((near_size & (np.abs(turn) < _SAME_ANGLE_RAD)) * scores[None]).sum(axis=1)
    return np.asarray(oriented[int(votes.argmax())])


def _oriented(vectors: Vectors) -> Vectors:
    """Order the two families as x and y and let them point right and down."""
    first, second = vectors
    if abs(first[0]) < abs(second[0]):
        first, second = second, first
    return np.array([first * (1 if first[0] >= 0 else -1), second * (1 if second[1] >= 0 else -1)])


def _perspective(tiles: list[Tile], vectors: Vectors, shrink: float) -> Grid | None:
    """Alternate: read each tile near its predicted vectors, fit one homography to all."""
    centers = np.array([tile.center for tile in tiles])
    middle, scale = centers.mean(axis=0), max(1.0, float(np.ptp(centers, axis=0).max()) / 2)
    points = (centers - middle) / scale
    parameters = np.array([*(vectors[0, 0] * scale), *(vectors[0, 1] * scale), 0.0, 0.0])
    contrasts = np.zeros(len(tiles))
    for turn in range(_ROUNDS):
        combs = [refine(tile.spectrum, vector) for tile, vector in zip(tiles, vectors, strict=True)]
        measured = np.array([comb.vectors for comb in combs]) * scale
        contrasts = np.array([comb.score for comb in combs])
        weights = _weights(contrasts, measured, gradients(parameters, points), turn)
        if (weights > 0).sum() < 1:
            return None
        parameters = _solve(
            parameters, points, measured, weights, projective=turn >= 2 and (weights > 0).sum() >= 4
        )
        vectors = gradients(parameters, points) / scale
    return _as_grid(
        parameters,
        middle,
        scale,
        shrink,
        centers * shrink,
        contrasts,
        weights,
        tiles[0].spectrum.shape[0] * shrink,
    )


def _weights(contrasts: Vectors, measured: Vectors, predicted: Vectors, turn: int) -> Vectors:
    """Trust clear tiles that lie near the prediction; the tolerance narrows with each round."""
    tolerance = max(0.06, 0.25 * 0.7**turn)
    norm = np.linalg.norm(predicted, axis=2)
    error = np.linalg.norm(measured - predicted, axis=2) / norm
    inside = (error < tolerance).all(axis=1) & (contrasts > np.log(5.0))
    return np.where(inside, contrasts, 0.0)


def gradients(parameters: Vectors, points: Vectors) -> Vectors:
    """Lattice vectors [n, 2, 2] of the homography u = (ax + by) / w, v = (cx + dy) / w, w = 1 + gx + hy."""
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


def _as_grid(
    parameters: Vectors,
    middle: Vectors,
    scale: float,
    shrink: float,
    centers: Vectors,
    contrasts: Vectors,
    weights: Vectors,
    tile_px: float,
) -> Grid | None:
    good = weights > 0
    if not good.any():
        return None
    linear = parameters[:4].reshape(2, 2) * LARGE_SQUARE_MM
    lattice = np.eye(3)
    lattice[:2, :2] = linear
    lattice[2, :2] = parameters[4:]
    to_unit = np.array([[1 / scale, 0, -middle[0] / scale], [0, 1 / scale, -middle[1] / scale], [0, 0, 1]])
    shrunk = np.diag([1 / shrink, 1 / shrink, 1.0])
    return Grid(
        lattice @ to_unit @ shrunk,
        float(np.median(contrasts[good])),
        float(good.mean()),
        centers,
        np.where(good, contrasts, 0.0),
        tile_px,
    )
