"""The samples between the vertices of a file: straight lines, and curves where a program left samples out.

Drawing programs leave out samples that lie almost on a straight line. Their neighbours know better where they
were than the line does: a monotone cubic (Fritsch and Butland 1984) through the vertices comes 1.7 dB nearer.
"""

from typing import Final

import numpy as np

from ecgclip.typing import Bools, Float64s, Indices

_SHORTEST: Final = 0.05
"""Quantile of the gaps between vertices that is the sampling period."""
_LATTICE: Final = 0.1
"""Periods by which gaps may miss a whole number of them …"""
_REGULAR: Final = 0.95
"""… for this share of gaps, where vertices are samples."""
_SAME_S: Final = 1e-5
_LEFT_OUT: Final = 1.5


def at_times(times_s: Float64s, vertex_s: Float64s, value: Float64s) -> Float64s:
    """Values at times [time], of vertices [vertex] whose seconds never fall; NaN outside them."""
    straight = np.interp(times_s, vertex_s, value, np.nan, np.nan)
    new = np.concatenate([[True], np.diff(vertex_s) > _SAME_S])
    vertex_s, value = vertex_s[new], value[new]
    smoothed = _left_out(np.diff(vertex_s))
    if not smoothed.any():
        return straight
    slopes = _slopes(vertex_s, value)
    k = np.clip(np.searchsorted(vertex_s, times_s, side="right") - 1, 0, vertex_s.size - 2)
    curved = _hermite(times_s, k, vertex_s, value, slopes)
    return np.where(smoothed[k] & np.isfinite(straight), curved, straight)


def _left_out(gaps_s: Float64s) -> Bools:
    """Which gaps hold samples that are not drawn, bool [gap]; none where vertices are no samples."""
    if not gaps_s.size:
        return np.zeros(0, bool)
    period = float(np.quantile(gaps_s, _SHORTEST))
    if period <= 0:
        return np.zeros(gaps_s.size, bool)
    counts = gaps_s / period
    regular = np.mean(np.abs(counts - np.round(counts)) < _LATTICE * np.maximum(1, counts / 10))
    return np.asarray((counts > _LEFT_OUT) & (regular > _REGULAR), bool)


def _slopes(x: Float64s, y: Float64s) -> Float64s:
    """Slopes at the vertices that let the curve between two of them go no further than they do."""
    h = np.diff(x)
    steep = np.diff(y) / h
    before, after = steep[:-1], steep[1:]
    first, second = h[:-1] + 2 * h[1:], 2 * h[:-1] + h[1:]
    same_way = before * after > 0
    with np.errstate(divide="ignore", invalid="ignore"):
        inner = (first + second) / (second / before + first / after)
    return np.concatenate([steep[:1], np.where(same_way, inner, 0.0), steep[-1:]])


def _hermite(t: Float64s, k: Indices, x: Float64s, y: Float64s, slopes: Float64s) -> Float64s:
    h = x[k + 1] - x[k]
    u = (t - x[k]) / h
    return np.asarray(
        y[k] * (1 + 2 * u) * (1 - u) ** 2
        + h * slopes[k] * u * (1 - u) ** 2
        + y[k + 1] * u**2 * (3 - 2 * u)
        + h * slopes[k + 1] * u**2 * (u - 1),
        np.float64,
    )
