"""Blank paper between columns: where it holds no time, columns are moved together."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from ecgclip.photo.signal import SIGNAL_RATE_HZ
from ecgclip.photo.vector.panels import Piece
from ecgclip.typing import Float64s

LEAST_S: Final = 0.05
"""Shorter gaps are the samples that a program left out between two leads."""
_ROUND_S: Final = 0.5
_ROUND: Final = 0.012
"""Columns last a multiple of this, but for this many seconds, where the paper between them holds no time."""
_ACTIVITY_S: Final = 0.02


@dataclass(frozen=True, eq=False)
class TimedPiece:
    """A trace with the seconds of its vertices, float64 [vertex]."""

    piece: Piece
    time_s: Float64s

    @property
    def seconds(self) -> float:
        return float(self.time_s[-1] - self.time_s[0])


def without_gaps(placed: list[TimedPiece], columns: list[int], strips: list[int]) -> list[TimedPiece]:
    """Pieces in time, where columns stand apart: a rhythm strip says whether seconds lie between them.

    columns: of each piece; strips: numbers of the pieces that are rhythm strips. Without a strip, columns
    that last a round time follow at once.
    """
    own = [k for k in range(len(placed)) if k not in strips]
    last = max(columns[k] for k in own)
    groups = [[k for k in own if columns[k] == column] for column in range(last + 1)]
    if not all(groups):
        return placed
    starts = np.array([min(placed[k].time_s[0] for k in group) for group in groups])
    stops = np.array([max(placed[k].time_s[-1] for k in group) for group in groups])
    gaps = starts[1:] - stops[:-1]
    if gaps.size == 0 or gaps.min() < LEAST_S:
        return placed
    step = 1 / SIGNAL_RATE_HZ
    closed = np.concatenate([[0], np.cumsum(gaps - step)])
    moved = list(placed)
    for shift, group in zip(closed, groups, strict=True):
        for k in group:
            moved[k] = replace(placed[k], time_s=placed[k].time_s - shift)
    if strips:
        return max((placed, moved), key=lambda pieces: _fit(pieces, own, strips))
    lasting = stops[:-1] - starts[:-1]
    whole = np.abs(lasting - _ROUND_S * np.round(lasting / _ROUND_S)).max() < _ROUND
    return moved if whole else placed


def _fit(pieces: list[TimedPiece], own: list[int], strips: list[int]) -> float:
    """How alike the changes of all leads and of the strips are, -1..1."""
    stop_s = max(piece.time_s[-1] for piece in pieces)
    times = np.arange(0, stop_s, 1 / SIGNAL_RATE_HZ)
    leads, strip = (activity([pieces[k] for k in group], times) for group in (own, strips))
    known = np.isfinite(leads) & np.isfinite(strip)
    if known.sum() < SIGNAL_RATE_HZ or min(leads[known].std(), strip[known].std()) == 0:
        return -1.0
    return float(np.corrcoef(leads[known], strip[known])[0, 1])


def activity(pieces: list[TimedPiece], times: Float64s) -> Float64s:
    """How much pieces change at times in s, [time] smoothed over 20 ms; NaN where none is shown."""
    total, known = np.zeros(times.size), np.zeros(times.size, bool)
    for piece in pieces:
        heights = np.interp(times, piece.time_s, piece.piece.curve.y_mm, np.nan, np.nan)
        change = np.abs(np.gradient(heights))
        total += np.nan_to_num(np.minimum(change, 1.0))
        known |= np.isfinite(change)
    width = round(_ACTIVITY_S * SIGNAL_RATE_HZ)
    smooth = np.convolve(total, np.ones(width) / width, "same")
    return np.asarray(np.where(known, smooth, np.nan), np.float64)
