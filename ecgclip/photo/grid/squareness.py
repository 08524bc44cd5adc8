"""Whether the lines of a drawn grid make squares: panels of a plotting program may have any distances.

Only drawings are judged whose lines run along the picture's sides: a photo's lines lie closer where the sheet
is tilted away. On paper the lines are as far apart one way as the other, or several times as far where the
small squares show one way alone.
"""

from typing import Final

import numpy as np

from ecgclip.typing import Float64s, Uint8s

_TILE_PX: Final = 256
_FINER: Final = 8
"""Steps of a pixel in which distances are compared."""
_SHORTEST_PX, _LONGEST_PX = 3.0, 80.0
_PERIODIC: Final = 0.5
"""Autocorrelation, at the lines' distance, of a grid that is drawn along the sides."""
_AS_GOOD: Final = 0.8
"""Share of the best autocorrelation from which a shorter distance is the lines' own."""
_CEILING: Final = 90
_ALIKE: Final = 0.15
"""Logarithm of a ratio that is none: web pages stretch scans by up to 13 %."""
_SAME_LINES: Final = 2.5
"""Ratio from which the lines of one family are large squares and those of the other parts of them."""


def pitch_ratio(dark: Uint8s) -> float:
    """Distance of the lines along x by that along y; 1 on paper, and where no lines run along the sides.

    dark: uint8 [y, x], 0 on paper.
    """
    across, down = _pitch_px(dark), _pitch_px(dark.T)
    if across is None or down is None:
        return 1.0
    ratio = across / down
    return ratio if _ALIKE < abs(np.log(ratio)) < np.log(_SAME_LINES) else 1.0


def _pitch_px(dark: Uint8s) -> float | None:
    """Distance of the upright lines; None where none repeat."""
    again = _autocorrelation(dark)
    if again is None:
        return None
    inner = again[1:-1]
    tops = 1 + np.flatnonzero((inner > again[:-2]) & (inner >= again[2:]))
    lags = tops / _FINER
    tops = tops[(lags >= _SHORTEST_PX) & (lags <= _LONGEST_PX)]
    if tops.size == 0 or (best := float(again[tops].max())) < _PERIODIC:
        return None
    return float(tops[again[tops] >= _AS_GOOD * best][0]) / _FINER


def _autocorrelation(dark: Uint8s) -> Float64s | None:
    """Of the mean darkness along x, over all tiles together, at lags in steps of `1 / _FINER` px."""
    side = min(_TILE_PX, *dark.shape)
    height, width = (length // side * side for length in dark.shape)
    tiles = np.minimum(dark[:height, :width], _CEILING).reshape(height // side, side, width // side, side)
    profiles = tiles.mean(axis=1).reshape(-1, side)
    profiles = (profiles - profiles.mean(axis=1, keepdims=True)) * np.hanning(side)
    power = (np.abs(np.fft.rfft(profiles, 2 * side, axis=1)) ** 2).sum(axis=0)
    window = np.abs(np.fft.rfft(np.hanning(side), 2 * side)) ** 2
    again, expected = (np.fft.irfft(one, 2 * side * _FINER)[: side * _FINER // 2] for one in (power, window))
    if again[0] <= 0:
        return None
    return np.asarray(again / again[0] / (expected / expected[0]))
