"""`Row`: one row of traces on a flat sheet."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from ecgclip.photo.flat.paper_map import FLAT_PX_PER_MM
from ecgclip.typing import Float32s

_MARGIN_PX: Final = 4.0 * FLAT_PX_PER_MM
"""What is this near to a trace belongs to its row."""


@dataclass(frozen=True, eq=False)
class Row:
    """One row of traces: pixels of the flat sheet.

    curve_px: float32 [column], y of the trace in each column of the sheet, NaN where there is none.
    """

    baseline_px: float
    start_px: int
    stop_px: int
    curve_px: Float32s

    @property
    def own_curve_px(self) -> Float32s:
        """The curve from the row's start to its stop."""
        return self.curve_px[self.start_px : self.stop_px]

    @property
    def length_mm(self) -> float:
        return (self.stop_px - self.start_px) / FLAT_PX_PER_MM

    @property
    def coverage(self) -> float:
        """Share of the row's columns in which its trace was seen."""
        return float(np.mean(~np.isnan(self.own_curve_px)))

    @property
    def height_mm(self) -> float:
        """From the lowest to the highest of the trace, outermost 1 % aside."""
        low, high = np.nanquantile(self.own_curve_px, [0.005, 0.995]) if self.coverage > 0 else (0.0, 0.0)
        return float(high - low) / FLAT_PX_PER_MM

    @property
    def band_px(self) -> tuple[int, int]:
        """First y and the one after the last of what belongs to the row: its trace and 4 mm around."""
        if self.coverage == 0:
            return round(self.baseline_px - _MARGIN_PX), round(self.baseline_px + _MARGIN_PX)
        top, bottom = float(np.nanmin(self.own_curve_px)), float(np.nanmax(self.own_curve_px))
        return round(top - _MARGIN_PX), round(bottom + _MARGIN_PX)

    @property
    def stray_mm(self) -> float:
        """How far the middle of the trace lies from the baseline: far where it left for the next row."""
        if self.coverage == 0:
            return np.inf
        return float(abs(np.nanmedian(self.own_curve_px) - self.baseline_px)) / FLAT_PX_PER_MM

    def half_turned(self, height_px: int, width_px: int) -> "Row":
        """The same row of a sheet of this size that was turned by 180 degrees."""
        return Row(
            height_px - 1 - self.baseline_px,
            width_px - self.stop_px,
            width_px - self.start_px,
            (height_px - 1 - self.curve_px)[::-1],
        )
