"""Calibration pulses, found on the network's map of their ink."""

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from ecgclip.photo.flat.cells import CELL_PX
from ecgclip.photo.flat.paper_map import FLAT_PX_PER_MM
from ecgclip.typing import Float32s

_CELL_MM: Final = CELL_PX / FLAT_PX_PER_MM
_SOME: Final = 0.35
_LEAST_MM: Final = 3.0
_WIDEST_MM: Final = 22.0
_HIGHEST_MM: Final = 24.0
"""20 mm/mV and a stroke."""


@dataclass(frozen=True)
class SeenPulse:
    """A calibration pulse: edges in mm of the flat sheet, and the mean chance of its cells."""

    left_mm: float
    top_mm: float
    right_mm: float
    bottom_mm: float
    chance: float


def seen_pulses(chance: Float32s) -> tuple[SeenPulse, ...]:
    """The pulses of an upright sheet; float32 [y/4, x/4] of `SheetReading.pulse`."""
    mask = (chance > _SOME).astype(np.uint8)
    joined = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    count, _, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    found = []
    for left, top, width, height, _area in stats[1:count].tolist():
        wide, high = width * _CELL_MM, height * _CELL_MM
        if _LEAST_MM <= wide <= _WIDEST_MM and _LEAST_MM <= high <= _HIGHEST_MM:
            cells = chance[top : top + height, left : left + width]
            x, y = left * _CELL_MM, top * _CELL_MM
            found.append(SeenPulse(x, y, x + wide, y + high, float(cells[cells > _SOME].mean())))
    return tuple(found)
