"""Curves at a whole multiple of their rate: cubics through the samples, gaps kept."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from ecgclip.typing import Float32s, Float64s

_FEWEST: Final = 2
"""Samples between which something can be interpolated."""


def finer_curve(samples: Float32s, factor: int) -> Float32s:
    """Interpolate a curve [sample] to [sample * factor]; NaN stays NaN.

    Each run of known samples is a cubic of Catmull and Rom through them, prolonged straight on at its ends;
    the last sample of a run is held until the next would come.
    """
    finer = np.full(samples.size * factor, np.nan, np.float32)
    for first, stop in _known_runs(samples):
        finer[first * factor : stop * factor] = _cubic(samples[first:stop], factor)
    return finer


def _known_runs(samples: Float32s) -> Iterator[tuple[int, int]]:
    known = np.concatenate([[False], ~np.isnan(samples), [False]])
    edges = np.flatnonzero(known[1:] != known[:-1])
    yield from zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)


def _cubic(run: Float32s, factor: int) -> Float32s:
    if run.size < _FEWEST:
        return np.repeat(run, factor)
    padded = np.concatenate([[2 * run[0] - run[1]], run, [2 * run[-1] - run[-2]]])
    neighbours = np.lib.stride_tricks.sliding_window_view(padded, 4)
    between = (neighbours @ _catmull_rom(factor)).ravel()
    return np.concatenate([between, np.full(factor, run[-1])]).astype(np.float32)


def _catmull_rom(factor: int) -> Float64s:
    """Weights of four neighbours at the places between the middle two, float64 [4, factor]."""
    return np.stack([catmull_rom_weights(step / factor) for step in range(factor)], axis=1)


def catmull_rom_weights(share: float) -> Float64s:
    """Weights of four neighbours for a place between the middle two, 0 at the second and 1 at the third.

    >>> catmull_rom_weights(0.0).tolist(), catmull_rom_weights(0.5).tolist()
    ([0.0, 1.0, 0.0, 0.0], [-0.0625, 0.5625, 0.5625, -0.0625])
    """
    t = share
    weights = [-t + 2 * t**2 - t**3, 2 - 5 * t**2 + 3 * t**3, t + 4 * t**2 - 3 * t**3, -(t**2) + t**3]
    return np.array(weights) / 2
