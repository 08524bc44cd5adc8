"""The rows of a flat sheet, read column by column by the network of curves."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import cv2
import numpy as np

from ecgclip.photo.curves.bands import BAND_PX, cut_band, whole_pixels
from ecgclip.photo.curves.network import COLUMNS_PER_PX, STEP_PX, BandReading
from ecgclip.photo.flat.paper_map import FLAT_PX_PER_MM
from ecgclip.typing import Bools, Float32s, Uint8s

_MARGIN_PX: Final = round(8 * FLAT_PX_PER_MM)
"""Read before and behind what is asked for: a network sees less at its edges."""
_PRESENT: Final = 0.5
_GAP_MM: Final = 2.0
"""Shorter gaps belong to the trace ..."""
_SPECK_MM: Final = 3.0
"""... and shorter pieces to something else."""


class BandReader(Protocol):
    """The network, or what stands in for it in a test."""

    def __call__(self, bands: Uint8s) -> BandReading: ...


@dataclass(frozen=True, eq=False)
class RowCurve:
    """The trace of one row on the flat sheet, `COLUMNS_PER_PX` columns a pixel of its whole width.

    y_px: float32 [column], NaN where the row shows nothing. spread_px: float32 [column], how unsure it is.
    baseline_px: float32 [x], y of 0 mV in each column of pixels.
    """

    y_px: Float32s
    spread_px: Float32s
    baseline_px: Float32s

    def level_px(self, start_px: float, stop_px: float) -> float:
        """y of 0 mV between two places of the sheet: the median."""
        first = min(max(0, round(start_px)), self.baseline_px.size - 1)
        return float(np.median(self.baseline_px[first : max(first + 1, round(stop_px))]))


def columns_px(count: int) -> Float32s:
    """The x on the flat sheet of columns 0 to `count`, float32 [column]."""
    return ((np.arange(count, dtype=np.float32) + 0.5) / COLUMNS_PER_PX - 0.5).astype(np.float32)


def read_rows(
    planes: Uint8s, baselines: Sequence[Float32s], extent_px: tuple[int, int], network: BandReader
) -> list[RowCurve]:
    """Read the rows of an upright sheet.

    planes: uint8 [3, y, x]. baselines: float32 [x] for each row, y of its 0 mV. extent_px: first column of
    pixels that is read, and the one after the last.
    """
    width = planes.shape[2]
    left = max(0, extent_px[0] - _MARGIN_PX)
    right = min(width, extent_px[1] + _MARGIN_PX)
    right = max(right, min(width, left + 2 * STEP_PX))
    return [_read_row(planes, baseline, left, right, network) for baseline in baselines]


def _read_row(planes: Uint8s, baseline_px: Float32s, left: int, right: int, network: BandReader) -> RowCurve:
    baseline = whole_pixels(baseline_px)
    band = cut_band(np.ascontiguousarray(planes[:, :, left:right]), baseline[left:right])
    reading = network(band[None])
    offset = np.repeat(baseline[left:right] - BAND_PX // 2, COLUMNS_PER_PX)
    shown = solid(reading.present[0] > _PRESENT)
    columns = slice(left * COLUMNS_PER_PX, right * COLUMNS_PER_PX)
    y_px = np.full(planes.shape[2] * COLUMNS_PER_PX, np.nan, np.float32)
    spread_px = np.full_like(y_px, np.nan)
    y_px[columns] = np.where(shown, reading.y_px[0] + offset, np.nan)
    spread_px[columns] = np.where(shown, reading.spread_px[0], np.nan)
    return RowCurve(y_px, spread_px, baseline_px)


def solid(present: Bools) -> Bools:
    """Where the trace is there, without short gaps and specks, bool [column]."""
    per_mm = FLAT_PX_PER_MM * COLUMNS_PER_PX
    gap, speck = (round(length * per_mm) | 1 for length in (_GAP_MM, _SPECK_MM))
    line = np.pad(present.astype(np.uint8), gap)[None]
    closed = cv2.morphologyEx(line, cv2.MORPH_CLOSE, np.ones((1, gap), np.uint8))
    opened = cv2.morphologyEx(closed, cv2.MORPH_OPEN, np.ones((1, speck), np.uint8))
    return np.asarray(opened[0, gap:-gap] > 0)
