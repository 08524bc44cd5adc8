"""The grid of a whole picture: one lattice under one perspective, and its squares' true size."""

from dataclasses import dataclass, replace
from typing import Final

import cv2
import numpy as np

from ecgclip.photo.grid.lattice import Lattice, read_lattice, refined_lattice
from ecgclip.photo.grid.lattice_candidates import LOWEST_BINS, candidate_lattices
from ecgclip.photo.grid.perspective import TileFrame, tile_frame
from ecgclip.photo.grid.squareness import pitch_ratio
from ecgclip.photo.grid.tile_spectra import Spectra, tile_spectra
from ecgclip.typing import Float32s, Float64s, Indices, Uint8s
from ecgclip.units import LARGE_SQUARE_MM, SMALL_SQUARE_MM

_LONG_SIDE_PX: Final = 1344
"""Of the picture in which the grid is sought: a page that fills it has 4 or 5 pixels per millimetre."""
_CANDIDATES: Final = 3
_MORE_CANDIDATES: Final = 8
"""Where beats and rows repeat more strongly than the squares, the true start may be the sixth."""
_SEEN: Final = 0.25
"""Least contrast of a tile that shows the grid: bare desks stay below 0.2, faint grids reach 0.4."""
_MOST_SQUARES: Final = 100
"""Of 5 mm along the sheet; more means that single millimetres were seen."""
_DIAGONAL: Final = np.array([[0.5, 0.5], [0.5, -0.5]])
_COARSER: Final = ((2, _DIAGONAL), (3, np.eye(2) / 3), (5, np.eye(2) / 5))
"""Lattices of which the one found may be a part, and the share of their waves that it has."""
_FRESH: Final = 0.25
"""Contrast of a coarser lattice's further waves, in that of those known, from which it is the true one."""
_EMPTY: Final = 0.15
"""Contrast of the odd waves, relative to the others, below which every other line of a lattice is absent."""
_CERTAIN: Final = 5.0
"""Score from which the grid inside the page's outline is taken without searching the whole picture."""
_FEW_TILES: Final = 6
_WAVES: Final = {2: 1.0, 3: 0.8, 5: 0.4}
"""Weights of the waves of 2.5, 1.7 and 1 mm: short waves leave whole turns of the phase in doubt."""


@dataclass(frozen=True, eq=False)
class Grid:
    """The grid of a picture.

    to_mm: float [3, 3], homography from pixels of the working image to millimetres (origin arbitrary).
    line_mm: length of the wave whose phase shows best where the paper lies, a whole part of 5.
    score: contrast of the grid's waves over all tiles, in what chance gives them (2 at most where there is
        no grid, 4 for the faintest that can be read, 10 and more for plain ones).
    coverage: the share of tiles that show it.
    centers: float [n, 2], pixels; contrasts: float [n], of every tile, 0 where the grid is not seen.
    tile_px: side of a tile in pixels.
    pitch_ratio: distance of the lines along x by that along y; 1 on squared paper.
    """

    to_mm: Float64s
    line_mm: float
    score: float
    coverage: float
    centers: Float64s
    contrasts: Float64s
    tile_px: float
    pitch_ratio: float = 1.0


def find_grid(dark: Uint8s, page: Float32s | None = None, *, thorough: bool = False) -> Grid | None:
    """Find the grid in a plane of darkness, uint8 [y, x]; None where no tile shows one.

    page: corners [n, 2] of the page in pixels, where it is known. Its own grid is taken if it has one,
    whatever pattern lies around it. thorough: look where something else repeats more strongly than the grid.
    """
    shrink = max(1.0, max(dark.shape) / _LONG_SIDE_PX)
    size = max(1, round(dark.shape[1] / shrink)), max(1, round(dark.shape[0] / shrink))
    small = (
        dark if shrink == 1 else np.asarray(cv2.resize(dark, size, interpolation=cv2.INTER_AREA), np.uint8)
    )
    spectra = tile_spectra(small)
    if spectra is None:
        return None
    inside = None if page is None else _inside(spectra.centers, page / shrink)
    found = None if inside is None else _read(spectra.only(inside), spectra, thorough)
    if found is None or found.score < _CERTAIN:
        found = _read(spectra, spectra, thorough)
    grid = _as_grid(found, shrink)
    return None if grid is None else replace(grid, pitch_ratio=pitch_ratio(small))


def _inside(centers: Float64s, page: Float32s) -> Indices | None:
    """Indices of the tiles whose centres lie on the page; None where they are few."""
    contour = page[:, None].astype(np.float32)
    on_page = [cv2.pointPolygonTest(contour, (float(x), float(y)), False) >= 0 for x, y in centers]
    found = np.flatnonzero(on_page)
    return found if len(found) >= _FEW_TILES else None


@dataclass(frozen=True, eq=False)
class _LatticeFit:
    """A lattice found in some tiles and refined in all of them; its score in those it was found in."""

    lattice: Lattice
    spectra: Spectra
    frame: TileFrame
    score: float


def _read(some: Spectra, spectra: Spectra, thorough: bool) -> _LatticeFit:
    """The clearest lattice of some tiles, refined in all.

    Thorough: lattices are compared once each has all its waves. That of beats and rows loses most of its own,
    where that of a fine grid's millimetres gains; but so does one of squares twice as large as they are.
    """
    frame = tile_frame(spectra.centers)
    part = frame.at(some.centers)
    wide = some.widened(1)
    candidates = candidate_lattices(some, part, _MORE_CANDIDATES if thorough else _CANDIDATES)
    found = [refined_lattice(some, wide, part, candidate) for candidate in candidates]
    if not thorough:
        found = [max(found, key=lambda one: one.clarity)]
    best = max((_true_lattice(one, wide, part) for one in found), key=lambda one: one.clarity)
    lattice = refined_lattice(some, wide, part, best.parameters)
    score = _score(lattice)
    if some is not spectra:
        lattice = refined_lattice(spectra, spectra.widened(1), frame, lattice.parameters)
    return _LatticeFit(lattice, spectra, frame, score)


def _score(lattice: Lattice) -> float:
    return lattice.clarity * float(np.sqrt(len(lattice.teeth)))


def _true_lattice(lattice: Lattice, wide: Spectra, frame: TileFrame) -> Lattice:
    """The lattice that has all the waves there are and no empty ones; dots also repeat along diagonals."""
    if _fresh_share(lattice, 2) < _EMPTY:
        lattice = read_lattice(wide, frame, _scaled(lattice.parameters, 2 * np.eye(2)))
    for share, matrix in _COARSER:
        coarser = read_lattice(wide, frame, _scaled(lattice.parameters, matrix))
        if _fresh_share(coarser, share) > _FRESH:
            lattice = coarser
    return lattice


def _scaled(parameters: Float64s, matrix: Float64s) -> Float64s:
    return np.concatenate([(matrix @ parameters[:4].reshape(2, 2)).ravel(), parameters[4:]])


def _lowest_bins(lattice: Lattice) -> float:
    return float(np.linalg.norm(lattice.parameters[:4].reshape(2, 2), axis=1).min())


def _fresh_share(lattice: Lattice, share: int) -> float:
    """Contrast of the waves that are not multiples of `share`, in that of those which are; NaN if unknown."""
    inside = np.asarray(np.isfinite(lattice.teeth).all(axis=(0, 1)))
    known = np.arange(1, inside.size + 1) % share == 0
    if not (inside & known).any() or _lowest_bins(lattice) < LOWEST_BINS:
        return float("nan")
    fresh = lattice.waves[:, inside & ~known].mean(axis=1).min()
    return float(fresh / max(1e-3, lattice.waves[:, inside & known].mean()))


def _as_grid(found: _LatticeFit, shrink: float) -> Grid | None:
    lattice, spectra = found.lattice, found.spectra
    contrasts = np.where(lattice.contrasts > _SEEN, lattice.contrasts, 0.0).astype(np.float64)
    seen = contrasts > 0
    if not seen.any():
        return None
    to_squares = found.frame.homography(_scaled(lattice.parameters, np.eye(2) / spectra.size))
    lattice_mm = _lattice_mm(to_squares, spectra.centers[seen], spectra.size)
    to_mm = np.diag([lattice_mm, lattice_mm, 1.0]) @ to_squares @ np.diag([1 / shrink, 1 / shrink, 1.0])
    return Grid(
        _right_and_down(to_mm),
        _line_mm(lattice, lattice_mm),
        max(found.score, _score(lattice)),
        float(seen.mean()),
        spectra.centers * shrink,
        contrasts,
        spectra.size * shrink,
    )


def _lattice_mm(to_squares: Float64s, centers: Float64s, tile_px: int) -> float:
    """Millimetres of one square: no sheet has many times more than `_MOST_SQUARES` of 5 mm."""
    half = tile_px / 2 * np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]])
    corners = (centers[:, None] + half).reshape(1, -1, 2)
    squares = np.ptp(cv2.perspectiveTransform(corners, to_squares)[0], axis=0)
    return SMALL_SQUARE_MM if squares.max() > _MOST_SQUARES else LARGE_SQUARE_MM


def _line_mm(lattice: Lattice, lattice_mm: float) -> float:
    """The waves whose phase says most: the longer is surer, the shorter is sharper."""
    if lattice_mm == SMALL_SQUARE_MM:
        return SMALL_SQUARE_MM
    contrast = lattice.waves.min(axis=0)
    best = max(_WAVES, key=lambda wave: _WAVES[wave] * float(contrast[wave - 1]))
    return LARGE_SQUARE_MM / best


def _right_and_down(to_mm: Float64s) -> Float64s:
    """The same lattice with x to the right and y down."""
    x, y = to_mm[0], to_mm[1]
    if abs(x[0]) < abs(y[0]):
        x, y = y, x
    return np.stack([x * (1 if x[0] >= 0 else -1), y * (1 if y[1] >= 0 else -1), to_mm[2]])
