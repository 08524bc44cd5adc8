"""The grid of one tile of a picture, found in its spectrum as two perpendicular combs of lines."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

HARMONICS: Final = 4
ANGLES: Final = 180
"""Directions over half a turn: one degree each."""
_PEAK: Final = 4.0
"""Medians of the spectrum from which a peak is worth following."""
_SHORTEST_PERIOD: Final = 3.0
_PERIODS_IN_TILE: Final = 5.0
"""At least so many periods must fit into a tile to be told from slow shading."""

Floats = npt.NDArray[np.float32]
Vectors = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Comb:
    """The best lattice of one tile.

    vectors: float [2, 2], cycles per pixel (x, y) across the two families of lines.
    score: contrast of the comb's teeth against the gaps between them, at the weaker family.
    """

    vectors: Vectors
    score: float


def magnitude(tile: npt.NDArray[np.uint8], ceiling: int = 90) -> Floats:
    """Centred magnitude spectrum of a square tile, float32 [n, n]; darkness over `ceiling` is cut off.

    Cutting makes faint grid lines count as much as ink, whose spectrum is a haze.
    """
    values = np.minimum(tile, ceiling).astype(np.float32)
    window = _window(tile.shape[0])
    values = (values - float(values.mean())) * window
    full = cv2.dft(values, flags=cv2.DFT_COMPLEX_OUTPUT)
    return np.fft.fftshift(cv2.magnitude(full[..., 0], full[..., 1])).astype(np.float32, copy=False)


@lru_cache(maxsize=4)
def _window(size: int) -> Floats:
    return cv2.createHanningWindow((size, size), cv2.CV_32F).astype(np.float32, copy=False)


def polar(spectrum: Floats) -> Floats:
    """Spectrum by direction and frequency, float32 [180, n / 2] in half bins; 1 is the ring's median."""
    size = spectrum.shape[0]
    rings = cv2.warpPolar(
        spectrum, (size, 2 * ANGLES), (size / 2, size / 2), size / 2, cv2.INTER_LINEAR | cv2.WARP_POLAR_LINEAR
    )
    half = rings[:ANGLES]
    level = np.median(half, axis=0)
    return np.asarray(half / np.maximum(level, 1e-3), np.float32)


def comb_scores(rings: Floats) -> Floats:
    """Contrast of a comb of lines, float32 [180, frequency in half bins]: teeth against the gaps between."""
    limit = rings.shape[1]
    teeth = np.log(np.clip(rings, 1.0, 20.0))
    score = np.zeros_like(rings)
    for k in range(1, HARMONICS + 1):
        index = np.arange(limit) * k
        inside = index < limit - 1
        gap = np.minimum(index[inside] - np.arange(limit)[inside] // 2, limit - 1)
        score[:, inside] += teeth[:, index[inside]] - teeth[:, gap]
    return np.asarray(score / HARMONICS, np.float32)


def best_comb(spectrum: Floats) -> Comb:
    """The strongest pair of perpendicular combs; the 5 mm fundamental, not its multiples."""
    size = spectrum.shape[0]
    scores = comb_scores(polar(spectrum))
    low, high = round(2 * _PERIODS_IN_TILE), round(2 * size / _SHORTEST_PERIOD)
    scores = scores[:, low : min(high, scores.shape[1])]
    pair = np.minimum(_near(scores[:90]), _near(scores[90:]))
    best = float(pair.max())
    angle, column = np.unravel_index(int(pair.argmax()), pair.shape)
    return Comb(_vectors(scores, int(angle), int(column), low, size), best)


def _near(scores: Floats) -> Floats:
    """Best score within a few degrees and 10 % of frequency: the two families need not match exactly."""
    return cv2.dilate(scores, np.ones((5, 5), np.uint8)).astype(np.float32, copy=False)


def _vectors(scores: Floats, angle: int, column: int, low: int, size: int) -> Vectors:
    found = []
    for base in (angle, angle + 90):
        rows = np.arange(base - 2, base + 3) % ANGLES
        columns = np.arange(max(0, column - 2), min(scores.shape[1], column + 3))
        block = scores[np.ix_(rows, columns)]
        r, c = np.unravel_index(int(block.argmax()), block.shape)
        turn = np.deg2rad(base - 2 + r)
        found.append((low + columns[c]) / 2.0 / size * np.array([np.cos(turn), np.sin(turn)]))
    return np.array(found)


def refine(spectrum: Floats, start: Vectors, level: float) -> Comb:
    """Sharpen both vectors on the peaks of their harmonics, each `k` times as exact as the first.

    level: median of the spectrum, against which peaks count; the score is the log of their mean height.
    """
    size = spectrum.shape[0]
    sharpened, contrasts = [], []
    for vector in start:
        peak, contrast = _climb(spectrum, vector * size, level)
        sharpened.append(peak / size)
        contrasts.append(contrast)
    return Comb(np.array(sharpened), min(contrasts))


def _climb(spectrum: Floats, bins: Vectors, level: float) -> tuple[Vectors, float]:
    """Follow the peaks at 1, 2, 3, 4 times `bins`."""
    heights = []
    for k in range(1, HARMONICS + 1):
        found = _peak_near(spectrum, k * bins, reach=2 if k == 1 else 1)
        if found is None:
            break
        place, height = found
        heights.append(height / level)
        if height > _PEAK * level:
            bins = place / k
    return bins, float(np.log(max(1.0, sum(heights) / len(heights)))) if heights else 0.0


def teeth_against_gaps(spectrum: Floats, vector: Vectors, parts: int) -> float:
    """Mean height at whole `parts`-ths of a vector over that half-way between them; 1 where nothing is."""
    size = spectrum.shape[0]
    share = np.arange(1, 2 * parts) / (2 * parts)
    places = (share[:, None] * vector[None] * size + size // 2).astype(np.float32)
    x, y = np.ascontiguousarray(places.T)
    values = cv2.remap(spectrum, x[None], y[None], cv2.INTER_LINEAR)[0]
    return float(np.mean(values[1::2]) / max(1e-6, float(np.mean(values[::2]))))


def shows(spectrum: Floats, vectors: Vectors, level: float) -> bool:
    """Whether the spectrum has peaks at both of two vectors in cycles per pixel."""
    found = [_peak_near(spectrum, vector * spectrum.shape[0], reach=1) for vector in vectors]
    return all(peak is not None and peak[1] > _PEAK * level for peak in found)


def _peak_near(spectrum: Floats, bins: Vectors, reach: int) -> tuple[Vectors, float] | None:
    """Sub-bin place (x, y) and height of the highest peak around a place; None outside the spectrum."""
    center = spectrum.shape[0] // 2
    place = bins + center
    if place.min() < 4 or place.max() > spectrum.shape[0] - 5:
        return None
    column, row = _highest(spectrum, place, reach)
    exact = np.array([column, row]) + _offset(spectrum, column, row) - center
    return exact, float(spectrum[row, column])


def _highest(spectrum: Floats, place: Vectors, reach: int) -> tuple[int, int]:
    x, y = (round(float(value)) for value in place)
    x, y = (min(max(value, reach + 1), spectrum.shape[0] - reach - 2) for value in (x, y))
    block = spectrum[y - reach : y + reach + 1, x - reach : x + reach + 1]
    row, column = np.unravel_index(int(block.argmax()), block.shape)
    return x - reach + int(column), y - reach + int(row)


def _offset(spectrum: Floats, x: int, y: int) -> Vectors:
    """Sub-bin place of a peak: a parabola through the logarithms, exact for a Gaussian window."""
    across = np.log(np.maximum(spectrum[y, x - 1 : x + 2], 1e-6))
    down = np.log(np.maximum(spectrum[y - 1 : y + 2, x], 1e-6))
    return np.array([_vertex(across), _vertex(down)])


def _vertex(values: Floats) -> float:
    bend = float(values[0] - 2 * values[1] + values[2])
    return 0.0 if bend >= 0 else float(np.clip(0.5 * (values[0] - values[2]) / bend, -0.5, 0.5))
