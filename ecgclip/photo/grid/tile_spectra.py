"""Spectra of the tiles of a picture, in which a grid stands out as teeth over the haze of everything else."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import cv2
import numpy as np

from ecgclip.typing import Bools, Float32s, Float64s, Indices, Uint8s

TILE_PX: Final = 256
_STEP: Final = 0.75
"""Of a tile's side, from one tile to the next."""
_SMALLEST_TILE_PX: Final = 64
_MARGIN: Final = 6
"""Columns of negative frequency kept beside the half spectrum, so that windows may reach across zero."""
_HAZE_BINS: Final = 33
"""Over so many bins the log spectrum is averaged; what rises above is a peak."""
_ROUNDING: Final = 20.0
"""Magnitude that the rounding to whole grey levels alone gives: blank tiles have no peaks."""
_CEILING: Final = 90.0
_LINES: Final = 1.5
"""Times the darkness that a tenth of the tile exceeds; what is darker is ink and counts no more than that."""


@dataclass(frozen=True, eq=False)
class Spectra:
    """Log spectra of overlapping square tiles, less their local mean.

    centers: float [tile, 2], pixels (x, y).
    log: float32 [tile, size, size / 2 + margin], row `fy + size / 2`, column `fx + margin` for the frequency
        (fx, fy) in bins, whole waves a tile.
    size: side of a tile in pixels.
    """

    centers: Float64s
    log: Float32s
    size: int

    def widened(self, reach: int) -> "Spectra":
        """Every bin as high as the highest within `reach`: lines that bend spread their peaks."""
        around = np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)
        return Spectra(self.centers, np.stack([cv2.dilate(part, around) for part in self.log]), self.size)

    def only(self, which: Indices) -> "Spectra":
        """The tiles with these indices."""
        return Spectra(self.centers[which], self.log[which], self.size)


def tile_spectra(dark: Uint8s) -> Spectra | None:
    """Spectra of a plane of darkness, uint8 [y, x]; None where it is too small."""
    size = min(TILE_PX, *dark.shape) // 2 * 2
    if size < _SMALLEST_TILE_PX:
        return None
    corners = [(x, y) for y in _starts(dark.shape[0], size) for x in _starts(dark.shape[1], size)]
    tiles = [dark[y : y + size, x : x + size] for x, y in corners]
    shades = np.quantile(np.stack([tile[::3, ::3].ravel() for tile in tiles]), 0.9, axis=1)
    logs = [_log_spectrum(tile, float(shade)) for tile, shade in zip(tiles, shades, strict=True)]
    return Spectra(np.array(corners, np.float64) + size / 2, np.stack(logs), size)


def _starts(length: int, size: int) -> list[int]:
    count = max(1, round((length - size) / (_STEP * size)) + 1)
    return [round(value) for value in np.linspace(0, length - size, count)]


def _log_spectrum(tile: Uint8s, shade: float) -> Float32s:
    """shade: darkness that a tenth of the tile exceeds."""
    ceiling = min(_CEILING, max(12.0, _LINES * shade))
    values = np.minimum(tile, ceiling).astype(np.float32)
    values = (values - float(values.mean())) * _window(tile.shape[0])
    log = np.log(_half_magnitude(values) + _ROUNDING)
    size = tile.shape[0]
    shifted = np.roll(log, size // 2, axis=0)
    both = np.empty((size, size // 2 + _MARGIN), np.float32)
    both[:, _MARGIN:] = shifted
    both[1:, :_MARGIN] = shifted[:0:-1, _MARGIN:0:-1]
    both[0, :_MARGIN] = shifted[0, _MARGIN:0:-1]
    both -= cv2.blur(both, (_HAZE_BINS, _HAZE_BINS), borderType=cv2.BORDER_REFLECT_101)
    return both


@lru_cache(maxsize=4)
def _window(size: int) -> Float32s:
    return cv2.createHanningWindow((size, size), cv2.CV_32F).astype(np.float32, copy=False)


def _half_magnitude(values: Float32s) -> Float32s:
    """Magnitudes for fx from 0 up, fy in the order of the transform, from OpenCV's packed real transform.

    Its columns 2k - 1 and 2k hold the real and imaginary parts of fx = k; column 0 packs fx = 0 likewise.
    """
    packed = np.asarray(cv2.dft(values), np.float32)
    half = values.shape[0] // 2
    found = np.empty((2 * half, half), np.float32)
    found[:, 1:] = _magnitude(packed[:, 1:-1:2], packed[:, 2:-1:2])
    upright = _magnitude(packed[1:-1:2, 0], packed[2:-1:2, 0])
    found[0, 0], found[half, 0] = abs(packed[0, 0]), abs(packed[-1, 0])
    found[1:half, 0], found[half + 1 :, 0] = upright, upright[::-1]
    return found


def _magnitude(real: Float32s, imaginary: Float32s) -> Float32s:
    """The same bits wherever the arrays lie: those of `cv2.magnitude` depend on the address at some sizes.

    Squares of a tile's spectrum stay below 1e16, far from the end of float32.
    """
    return np.asarray(np.sqrt(real * real + imaginary * imaginary), np.float32)


def values_at(spectra: Spectra, bins: Float64s) -> Float32s:
    """Bilinear values at frequencies [tile, ..., 2] in bins, NaN beyond the spectrum."""
    log, size = spectra.log, spectra.size
    x, y, _ = _place(bins, size)
    inside = (x < log.shape[2] - 2) & (y > 1) & (y < size - 2)
    x, y = np.clip(x, 0, log.shape[2] - 2), np.clip(y, 0, size - 2)
    left, top = x.astype(np.intp), y.astype(np.intp)
    right, below = (x - left).astype(np.float32), (y - top).astype(np.float32)
    at = (_tiles(len(log), bins.ndim - 1) * size + top) * log.shape[2] + left
    flat = log.reshape(-1)
    upper = flat[at] * (1 - right) + flat[at + 1] * right
    lower = flat[at + log.shape[2]] * (1 - right) + flat[at + log.shape[2] + 1] * right
    return np.where(inside, upper * (1 - below) + lower * below, np.nan).astype(np.float32)


def peaks(spectra: Spectra, bins: Float64s, reach: int) -> tuple[Float64s, Float32s]:
    """Sub-bin places [tile, ..., 2] and heights of the highest peaks within `reach` bins; NaN beyond."""
    log, size = spectra.log, spectra.size
    x, y, sign = _place(bins, size)
    edge, width = reach + 1, log.shape[2]
    column, row = np.rint(x).astype(np.intp), np.rint(y).astype(np.intp)
    inside = (column < width - edge - 1) & (row > edge) & (row < size - edge - 1)
    column, row = np.clip(column, edge, width - edge - 2), np.clip(row, edge, size - edge - 2)
    step = np.arange(-reach, reach + 1)
    around = (step[:, None] * width + step[None]).ravel()
    at = (_tiles(len(log), bins.ndim - 1) * size + row) * width + column
    flat = log.reshape(-1)
    top = at + around[flat[at[..., None] + around].argmax(axis=-1)]
    height = flat[top]
    offset = [_vertex(flat[top - by], height, flat[top + by]) for by in (1, width)]
    place = np.stack(
        [top % width - _MARGIN + offset[0], top // width % size - size // 2 + offset[1]], axis=-1
    )
    return place * sign, np.where(inside, height, np.nan).astype(np.float32)


def _place(bins: Float64s, size: int) -> tuple[Float64s, Float64s, Float64s]:
    """Column and row of a frequency, and the sign that brought it into the half spectrum."""
    sign = np.where(bins[..., :1] < 0, -1.0, 1.0)
    x, y = np.moveaxis(bins * sign, -1, 0)
    return x + _MARGIN, y + size // 2, sign


def _tiles(count: int, dimensions: int) -> Indices:
    return np.arange(count).reshape(-1, *[1] * (dimensions - 1))


def _vertex(before: Float32s, top: Float32s, after: Float32s) -> Float32s:
    """Offset of a parabola's vertex, exact for the logarithm of a Gaussian window's peak."""
    bend = np.minimum(before - 2 * top + after, -1e-6)
    return np.asarray(np.clip(0.5 * (before - after) / bend, -0.5, 0.5), np.float32)


def polar_index(size: int, angles_rad: Float64s, bins: Float64s) -> tuple[Indices, Bools]:
    """Flat indices [angle, frequency] into one tile's spectrum, and which of them lie inside it."""
    there = np.stack([np.cos(angles_rad)[:, None] * bins, np.sin(angles_rad)[:, None] * bins], axis=-1)
    x, y, _ = _place(there, size)
    column, row, width = np.rint(x).astype(np.intp), np.rint(y).astype(np.intp), size // 2 + _MARGIN
    inside = (column < width - 1) & (row > 0) & (row < size - 1)
    return np.clip(row, 0, size - 1) * width + np.clip(column, 0, width - 1), inside
