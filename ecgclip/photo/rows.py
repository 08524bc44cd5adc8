"""The rows of traces on a flat sheet: where their baselines run and how far they reach."""

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from ecgclip.photo.flatten import FLAT_PX_PER_MM

Floats = npt.NDArray[np.float32]

_MIN_DISTANCE_MM: Final = 9.0
_MIN_SHARE: Final = 0.3
"""A row holds at least this share of the strongest row's level strokes."""


@dataclass(frozen=True)
class Row:
    """One row of traces: pixels of the flat sheet."""

    baseline_px: float
    start_px: int
    stop_px: int
    strength: float

    @property
    def length_mm(self) -> float:
        return (self.stop_px - self.start_px) / FLAT_PX_PER_MM


def find_rows(ink: Floats) -> list[Row]:
    """Rows from top to bottom, by the level strokes that every ECG has and writing lacks."""
    level = level_strokes(ink)
    profile = cv2.GaussianBlur(level.sum(axis=1, dtype=np.float32)[:, None], (0, 0), 2.0 * FLAT_PX_PER_MM)[
        :, 0
    ]
    rows = []
    for y in _peaks(profile, round(_MIN_DISTANCE_MM * FLAT_PX_PER_MM)):
        start, stop = _extent(ink, y)
        rows.append(Row(float(y), start, stop, float(profile[y])))
    longest = max((row.stop_px - row.start_px for row in rows), default=0)
    return [row for row in rows if row.stop_px - row.start_px > 0.4 * longest]


def level_strokes(ink: Floats) -> Floats:
    """Strokes that run level for 2 mm or more: baselines and T waves, not letters or QRS flanks."""
    thick = cv2.dilate(ink, np.ones((3, 1), np.uint8))
    width = round(3.0 * FLAT_PX_PER_MM)
    opened = cv2.morphologyEx(thick, cv2.MORPH_OPEN, np.ones((1, width), np.uint8))
    return cv2.min(opened, ink).astype(np.float32, copy=False)


def _peaks(profile: Floats, distance: int) -> list[int]:
    height = float(profile.max(initial=0.0))
    if height <= 0:
        return []
    top = cv2.dilate(profile[:, None], np.ones((2 * distance + 1, 1), np.uint8))[:, 0]
    return [int(y) for y in np.flatnonzero((profile == top) & (profile > _MIN_SHARE * height))]


def _extent(ink: Floats, y: int) -> tuple[int, int]:
    """First and last column of the longest stretch of trace; gaps under 8 mm belong to it."""
    reach = round(7.0 * FLAT_PX_PER_MM)
    band = ink[max(0, y - reach) : y + reach + 1]
    present = (band.max(axis=0) > 0.4).astype(np.uint8)[None]
    gap = round(8.0 * FLAT_PX_PER_MM) | 1
    padded = cv2.copyMakeBorder(present, 0, 0, gap, gap, cv2.BORDER_CONSTANT, value=0)
    joined = cv2.morphologyEx(padded, cv2.MORPH_CLOSE, np.ones((1, gap), np.uint8))[0, gap:-gap]
    edges = np.flatnonzero(np.diff(np.concatenate([[0], joined.astype(np.int8), [0]])))
    if edges.size == 0:
        return 0, 0
    lengths = edges[1::2] - edges[::2]
    best = int(lengths.argmax())
    return int(edges[2 * best]), int(edges[2 * best + 1])
