"""Coarse search for the grid: the squared sheets, of all a camera might see, that explain the spectra best.

All tiles are weighed together, for a faint grid shows in none of them alone. First a table is made for each
tile: how well a comb of lines with its harmonics fits at every direction and frequency. The score of a view
of a sheet is then the sum of one place of each tile's table per family of lines.
"""

from functools import lru_cache
from typing import Final

import cv2
import numpy as np

from ecgclip.photo.grid.perspective import TileFrame, gradients, sheet_views
from ecgclip.photo.grid.tile_spectra import Spectra, polar_index
from ecgclip.typing import Float32s, Float64s, Indices

_HARMONICS: Final = 8
"""The lines of 5 mm show as waves of 5, 2.5, ... mm; that of 1 mm is the fifth."""
LOWEST_BINS: Final = 4.5
"""Waves a tile: fewer cannot be distinguished from shading."""
_SHORTEST_PX: Final = 3.0
_STEP: Final = 1.04
"""From one frequency to the next."""
_ANGLES_RAD: Final = np.deg2rad(np.arange(0.0, 180.0, 2.0))
_TURNS_RAD: Final = np.deg2rad(np.arange(0.0, 90.0, 4.0))
_TILTS: Final = np.array([(g, h) for g in (-0.2, -0.1, 0.0, 0.1, 0.2) for h in (-0.2, -0.1, 0.0, 0.1, 0.2)])
_REACH: Final = 12
"""Steps of frequency by which perspective may move a tile's grid."""
_NORM: Final = 0.25
_AT_ONCE: Final = 50
_WEAKER: Final = 0.8
"""Share of the weaker family of lines in the score of a view; the stronger has the rest."""


def candidate_lattices(spectra: Spectra, frame: TileFrame, count: int) -> list[Float64s]:
    """The best views of a squared sheet, float [6] in bins a tile, of different turn or size; best first."""
    bins = _frequencies(spectra.size)
    views = _all_views()
    score = _scores(comb_tables(spectra), views, frame.points)
    turn = np.tile(np.arange(len(_TURNS_RAD)), len(_TILTS))
    found = []
    for _ in range(count):
        best, column = np.unravel_index(int(score.argmax()), score.shape)
        found.append(views[best] * np.array([*[bins[column]] * 4, 1.0, 1.0]))
        near_turn = (
            np.abs((turn - turn[best] + len(_TURNS_RAD) // 2) % len(_TURNS_RAD) - len(_TURNS_RAD) // 2) <= 1
        )
        near_size = np.abs(np.arange(len(bins)) - column) <= 3
        score[np.ix_(near_turn, near_size)] = -np.inf
    return found


@lru_cache(maxsize=1)
def _all_views() -> Float64s:
    return sheet_views(_TILTS, _TURNS_RAD)


def comb_tables(spectra: Spectra) -> Float32s:
    """How well a comb fits each tile, float32 [tile, angle, frequency].

    The sum over the harmonics inside the spectrum of a tooth less the mean of the gaps beside it, a little
    less where there are many: few strong harmonics weigh as much as more faint ones.
    """
    clipped = Spectra(spectra.centers, np.clip(spectra.log, -0.5, 5.0), spectra.size)
    by_reach = [clipped.widened(reach).log.reshape(len(spectra.log), -1) for reach in (1, 2)]
    total: Float32s = np.zeros((1, 1, 1), np.float32)
    number = total
    for k, (before, tooth, after, inside) in enumerate(_comb_index(spectra.size)):
        values = by_reach[k >= 3]
        gaps = np.take(values, before, axis=1) + np.take(values, after, axis=1)
        total = np.asarray(total + (np.take(values, tooth, axis=1) - 0.5 * gaps) * inside, np.float32)
        number = np.asarray(number + inside, np.float32)
    return np.asarray(total / np.maximum(number, 1.0) ** _NORM, np.float32)


_Index = tuple[Indices, Indices, Indices, Float32s]


@lru_cache(maxsize=4)
def _comb_index(size: int) -> tuple[_Index, ...]:
    """For every harmonic: indices of the gap before, the tooth, the gap after, and 1 where it is inside."""
    bins = _frequencies(size)
    places = [polar_index(size, _ANGLES_RAD, bins * half / 2) for half in range(1, 2 * _HARMONICS + 2)]
    return tuple(
        (places[i][0], places[i + 1][0], places[i + 2][0], places[i + 1][1].astype(np.float32))
        for i in range(0, 2 * _HARMONICS, 2)
    )


@lru_cache(maxsize=4)
def _frequencies(size: int) -> Float64s:
    """Waves a tile: from one in 1/4.5 of a tile's side to one in three pixels, each 4 % above the last."""
    count = int(np.log(size / _SHORTEST_PX / LOWEST_BINS) / np.log(_STEP))
    return np.asarray(LOWEST_BINS * _STEP ** np.arange(count))


def _scores(tables: Float32s, views: Float64s, points: Float64s) -> Float32s:
    """Score of every view at every frequency, float32 [view, frequency]."""
    tiles, angles, count = tables.shape
    wide = np.pad(np.stack([_around(table) for table in tables]), ((0, 0), (0, 0), (_REACH, _REACH)))
    flat, width = wide.reshape(-1), count + 2 * _REACH
    vectors = gradients(views, points)
    angle = np.rint(np.arctan2(vectors[..., 1], vectors[..., 0]) / _ANGLES_RAD[1]).astype(np.intp) % angles
    shift = np.rint(np.log(np.hypot(vectors[..., 0], vectors[..., 1])) / np.log(_STEP)).astype(np.intp)
    first = (np.arange(tiles)[:, None] * angles + angle) * width + np.clip(shift, -_REACH, _REACH) + _REACH
    along = np.arange(count)
    parts = []
    for start in range(0, len(views), _AT_ONCE):
        families = np.take(flat, first[start : start + _AT_ONCE, ..., None] + along).mean(axis=1)
        weaker, stronger = families.min(axis=1), families.max(axis=1)
        parts.append(_WEAKER * weaker + (1 - _WEAKER) * stronger)
    return np.concatenate(parts)


def _around(table: Float32s) -> Float32s:
    """The best within a step of angle and frequency; angles wrap."""
    wrapped = np.concatenate([table[-1:], table, table[:1]])
    return cv2.dilate(wrapped, np.ones((3, 3), np.uint8))[1:-1].astype(np.float32, copy=False)
