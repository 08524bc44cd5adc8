"""The grid of a whole picture: local lattices voted together, one perspective, and the squares' true size."""

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from ecgclip.photo.perspective import Fit, Tile, fit_perspective
from ecgclip.photo.spectrum import Comb, Vectors, best_comb, magnitude, shows, teeth_against_gaps
from ecgclip.units import LARGE_SQUARE_MM, SMALL_SQUARE_MM

TILE_PX: Final = 256
_MANY_TILES: Final = 30
_SAME_PERIOD: Final = 0.15
_SAME_ANGLE_RAD: Final = 0.15
_GOOD_SCORE: Final = 3.5
_GOOD_COVERAGE: Final = 0.4
_STRAIGHTER: Final = 0.3
_STEPS: Final = round(LARGE_SQUARE_MM / SMALL_SQUARE_MM)
_HEAVY_LINES: Final = 1.1
"""Waves of every fifth line over what lies between them: 1.2 to 3.4 where it is heavier, else .5 to .9."""
_DOUBT: Final = 0.75
"""Half size wins over a doubtful grid already with this share of its contrast."""
_LONG_PERIOD: Final = 12.0
"""Pixels from which five squares hardly fit into a tile."""
_CLEARLY_HEAVY: Final = 1.6
_FEW_SQUARES: Final = 80
"""Of 1 mm along the long side: so narrow a strip of paper needs clear evidence."""
_MOST_SQUARES: Final = 130
"""Of 5 mm along the picture's long side; more means that single millimetres were seen."""

Plane = npt.NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Grid:
    """The grid of a picture.

    to_mm: float [3, 3], homography from pixels of the working image to millimetres (origin arbitrary).
    line_mm: distance of the lines that are seen best, 5 or 1.
    score: log contrast of the grid over the tiles that show it; coverage: the share of such tiles.
    centers: float [n, 2], pixels; contrasts: float [n], of every tile, 0 where the grid is not seen.
    tile_px: side of a tile in pixels.
    """

    to_mm: Vectors
    line_mm: float
    score: float
    coverage: float
    centers: Vectors
    contrasts: Vectors
    tile_px: float


def find_grid(dark: Plane) -> Grid | None:
    """Find the grid in a plane of darkness, uint8 [y, x]; None where nothing repeats.

    Fine scans, whose squares hardly fit a tile, and doubtful squares are read again at half size.
    """
    full = _grid_at(dark, 1)
    if full is not None and _good(full):
        return full
    half = _grid_at(dark, 2)
    if full is None or half is None:
        return full or half
    handicap = _DOUBT if _doubtful(full) and not _doubtful(half) else 1.0
    return half if _seen(half) > handicap * _seen(full) else full


def _good(grid: Grid) -> bool:
    return grid.score > _GOOD_SCORE and grid.coverage > _GOOD_COVERAGE and not _doubtful(grid)


def _doubtful(grid: Grid) -> bool:
    """Single millimetres without heavier lines may be harmonics of 5 mm, strong where lines are thin."""
    return grid.line_mm == SMALL_SQUARE_MM


def _seen(grid: Grid) -> float:
    return float(grid.score * grid.coverage**0.5)


def _grid_at(dark: Plane, shrink: int) -> Grid | None:
    height, width = dark.shape
    size = width // shrink, height // shrink
    if min(size) < 1:
        return None
    small = (
        dark if shrink == 1 else np.asarray(cv2.resize(dark, size, interpolation=cv2.INTER_AREA), np.uint8)
    )
    tiles = cut_tiles(small)
    start = _vote([best_comb(tile.spectrum) for tile in _voters(tiles)])
    fit = None if start is None else fit_perspective(tiles, start)
    if fit is None:
        return None
    fit = _straightened(fit, tiles)
    return _as_grid(fit, tiles, shrink, _squares(fit, tiles, small, max(size)))


def _straightened(fit: Fit, tiles: list[Tile]) -> Fit:
    """Dotted grids also repeat along their diagonals: take the coarser lattice where it shows, too."""
    half = np.array([[0.5, 0.5], [0.5, -0.5]])
    coarser = half @ fit.vectors
    seen = np.flatnonzero(fit.contrasts > 0)
    showing = [shows(tiles[i].spectrum, coarser[i], tiles[i].level) for i in seen]
    if np.mean(showing) < 0.5:
        return fit
    straight = fit_perspective(tiles, _oriented(np.median(coarser[seen], axis=0)))
    better = straight is not None and _clarity(straight) > _clarity(fit) + _STRAIGHTER
    return straight if straight is not None and better else fit


def _clarity(fit: Fit) -> float:
    """Median contrast of the tiles that show the lattice, less for those that do not."""
    seen = fit.contrasts > 0
    return float(np.median(fit.contrasts[seen]) * np.sqrt(seen.mean()))


def cut_tiles(plane: Plane) -> list[Tile]:
    """Overlapping squares over the whole plane with their spectra."""
    size = min(TILE_PX, *plane.shape)
    size -= size % 2
    if size < 32:
        return []
    found = []
    for y in _starts(plane.shape[0], size):
        for x in _starts(plane.shape[1], size):
            spectrum = magnitude(plane[y : y + size, x : x + size])
            level = float(np.median(spectrum[::3, ::3])) + 1e-6
            found.append(Tile(np.array([x, y]) + size / 2, spectrum, level))
    return found


def _voters(tiles: list[Tile]) -> list[Tile]:
    """Every other tile where there are many: neighbours overlap, and a start is all that they give."""
    return tiles[::2] if len(tiles) >= _MANY_TILES else tiles


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


@dataclass(frozen=True)
class _Squares:
    """Millimetres of the lattice found, and of the lines that show the phase best."""

    lattice_mm: float
    line_mm: float


def _squares(fit: Fit, tiles: list[Tile], plane: Plane, long_side: int) -> _Squares:
    """Tell squares of 1 mm from squares of 5 mm: heavier lines between, or too many squares, say 1 mm."""
    period = float(1 / np.median(np.linalg.norm(fit.vectors, axis=2)))
    heavy = _every_fifth(fit.vectors, fit.contrasts, tiles)
    if period > _LONG_PERIOD and min(plane.shape) > _LONG_PERIOD * 2 * _STEPS:
        heavy = _every_fifth_at_half_size(fit, tiles, plane)
    squares = long_side / period
    if heavy > (_HEAVY_LINES if squares > _FEW_SQUARES else _CLEARLY_HEAVY):
        return _Squares(SMALL_SQUARE_MM, LARGE_SQUARE_MM)
    if squares > _MOST_SQUARES:
        return _Squares(SMALL_SQUARE_MM, SMALL_SQUARE_MM)
    return _Squares(LARGE_SQUARE_MM, LARGE_SQUARE_MM)


def _every_fifth(vectors: Vectors, contrasts: Vectors, tiles: list[Tile]) -> float:
    """How strongly every fifth line differs from those between; below 1 where it does not.

    Were the squares 1 mm, heavier 5 mm lines would show at fifths of their frequency. The median over
    tiles of the weaker family.
    """
    found = []
    for tile, pair, contrast in zip(tiles, vectors, contrasts, strict=True):
        if contrast > 0:
            found.append(min(teeth_against_gaps(tile.spectrum, vector, _STEPS) for vector in pair))
    return float(np.median(found)) if found else 0.0


def _every_fifth_at_half_size(fit: Fit, tiles: list[Tile], plane: Plane) -> float:
    """The same in tiles that hold twice as many squares: five of them must fit often into one."""
    size = plane.shape[1] // 2, plane.shape[0] // 2
    wide = cut_tiles(cv2.resize(plane, size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False))
    centers = np.array([tile.center for tile in tiles])
    nearest = [int(np.linalg.norm(centers - 2 * tile.center, axis=1).argmin()) for tile in wide]
    return _every_fifth(2 * fit.vectors[nearest], fit.contrasts[nearest], wide)


def _as_grid(fit: Fit, tiles: list[Tile], shrink: int, squares: _Squares) -> Grid:
    seen = fit.contrasts > 0
    mm = squares.lattice_mm
    to_mm = np.diag([mm, mm, 1.0]) @ fit.to_squares @ np.diag([1 / shrink, 1 / shrink, 1.0])
    centers = np.array([tile.center for tile in tiles]) * shrink
    side = float(tiles[0].spectrum.shape[0] * shrink)
    score = float(np.median(fit.contrasts[seen]))
    return Grid(to_mm, squares.line_mm, score, float(seen.mean()), centers, fit.contrasts, side)
