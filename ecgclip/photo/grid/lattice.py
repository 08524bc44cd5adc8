"""A lattice of lines refined in all tiles of a picture, and how clearly each of its waves shows."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from ecgclip.photo.grid.perspective import TileFrame, fitted, gradients
from ecgclip.photo.grid.tile_spectra import Spectra, peaks, values_at
from ecgclip.typing import Float32s, Float64s

_HARMONICS: Final = 10
_NOISE: Final = 0.08
"""Contrast, pooled over the tiles, that chance alone gives a wave."""
_PEAK: Final = 1.0
"""Log height over the haze from which a tile's peak is worth following."""
_WEAKER: Final = 0.8

_ROUNDS: Final = (
    (3, 2, 3.0, 4),
    (3, 2, 3.0, 6),
    (5, 2, 2.5, 6),
    (8, 1, 2.0, 6),
    (10, 1, 1.5, 6),
    (10, 1, 1.5, 6),
)
"""Each round: harmonics used, reach of the search and greatest error believed (bins), parameters fitted."""


@dataclass(frozen=True, eq=False)
class Lattice:
    """One lattice in all tiles.

    parameters: float [6], see `perspective.gradients`, bins a tile.
    teeth: float32 [tile, 2, harmonic], log height of each wave over the gaps beside it; NaN beyond the
        spectrum.
    """

    parameters: Float64s
    teeth: Float32s

    @property
    def waves(self) -> Float32s:
        """Contrast of each wave over all tiles, float32 [2, harmonic], 0 beyond the spectrum."""
        known = np.isfinite(self.teeth)
        total = np.where(known, self.teeth, 0).sum(axis=0)
        return np.asarray(total / np.maximum(1, known.sum(axis=0)), np.float32)

    @property
    def clarity(self) -> float:
        """Sum of the waves over the root of their number, the weaker family of lines counting most."""
        number = np.maximum(1, np.isfinite(self.teeth).any(axis=0).sum(axis=1))
        families = self.waves.sum(axis=1) / number**0.25
        return float(_WEAKER * families.min() + (1 - _WEAKER) * families.max())

    @property
    def contrasts(self) -> Float32s:
        """How clearly each tile shows what all show, float32 [tile]: its waves, weighed by those of all."""
        weights = _weights(self.waves)
        known = np.isfinite(self.teeth)
        total = (np.where(known, self.teeth, 0) * weights).sum(axis=2)
        return np.asarray((total / np.maximum(1e-6, (known * weights).sum(axis=2))).min(axis=1), np.float32)


def read_lattice(wide: Spectra, frame: TileFrame, parameters: Float64s) -> Lattice:
    """How clearly a lattice shows; `wide` spectra forgive a bin of error."""
    vectors = gradients(parameters, frame.points)
    halves = np.arange(0.5, _HARMONICS + 1, 0.5)
    values = values_at(wide, vectors[:, :, None, :] * halves[:, None])
    tooth, before, after = values[..., 1::2], values[..., 0:-1:2], values[..., 2::2]
    gap = np.where(np.isfinite(after), 0.5 * (before + after), before)
    return Lattice(parameters, np.asarray(tooth - gap, np.float32))


def refined_lattice(spectra: Spectra, wide: Spectra, frame: TileFrame, start: Float64s) -> Lattice:
    """Sharpen a lattice on the peaks of ever higher harmonics, each `k` times as exact as the first."""
    lattice = read_lattice(wide, frame, start)
    for harmonics, reach, tolerance, free in _ROUNDS:
        weights = _weights(lattice.waves[:, :harmonics])
        measured, sure = _measured(spectra, frame, lattice, weights, reach, tolerance)
        parameters = fitted(lattice.parameters, frame.points, measured, sure, free=free)
        lattice = read_lattice(wide, frame, parameters)
    return lattice


def _weights(waves: Float32s) -> Float32s:
    """Weights of the waves, float32 [2, harmonic]; where none stands out the first few count alike."""
    found = np.clip(waves - _NOISE, 0.0, 1.5)
    few = 0.1 * (np.arange(waves.shape[1]) < 4)
    nothing = (found.max(axis=1) <= 0).any()
    return np.asarray(np.maximum(found, few) if nothing else found, np.float32)


def _measured(
    spectra: Spectra, frame: TileFrame, lattice: Lattice, weights: Float32s, reach: int, tolerance: float
) -> tuple[Float64s, Float64s]:
    """Lattice vectors read off the peaks, float [tile, 2, 2], and their weights [tile, 2]."""
    order = np.arange(1.0, weights.shape[1] + 1)
    expected = gradients(lattice.parameters, frame.points)
    places, heights = peaks(spectra, expected[:, :, None, :] * order[:, None], reach)
    error = np.linalg.norm(places - expected[:, :, None, :] * order[:, None], axis=-1)
    believed = (np.nan_to_num(heights) > _PEAK) & (error < tolerance)
    clear = np.clip(lattice.contrasts, 0.0, None)[:, None, None] + 0.02
    weight: Float64s = believed * weights * order**2 * clear
    total = weight.sum(axis=2)
    mean = (places / order[:, None] * weight[..., None]).sum(axis=2) / np.maximum(total, 1e-12)[..., None]
    measured = np.where(total[..., None] > 0, mean, expected)
    return measured, total + 1e-6 * max(1e-6, float(total.max()))
