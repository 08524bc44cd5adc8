"""Bands of a flat sheet: 32 mm above and below the baseline of one row of traces."""

from typing import Final

import numpy as np

from ecgclip.typing import Float32s, Indices, Uint8s

BAND_PX: Final = 256
"""Height of a band: 64 mm of the flat sheet, its baseline in the middle."""


def whole_pixels(baseline_px: Float32s) -> Indices:
    """The line of pixels in which a baseline runs, int [column]; bands are cut there, not between pixels."""
    return np.round(baseline_px).astype(np.intp)


def cut_band(planes: Uint8s, baseline: Indices) -> Uint8s:
    """The band around a baseline, uint8 [plane, 256, column]; 0 beyond the sheet.

    planes: uint8 [plane, y, x]; baseline: int [column], the y that becomes `BAND_PX / 2`.
    """
    half = BAND_PX // 2
    height = planes.shape[1]
    runs = np.split(np.arange(baseline.size), np.flatnonzero(np.diff(baseline)) + 1)
    band = np.zeros((planes.shape[0], BAND_PX, baseline.size), np.uint8)
    for run in runs:
        middle = int(baseline[run[0]])
        top, bottom = max(0, middle - half), min(height, middle + half)
        if top < bottom:
            columns = slice(int(run[0]), int(run[-1]) + 1)
            band[:, top - middle + half : bottom - middle + half, columns] = planes[:, top:bottom, columns]
    return band
