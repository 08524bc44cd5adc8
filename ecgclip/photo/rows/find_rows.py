"""The rows of traces on a flat sheet: where their baselines run and how far they reach."""

from typing import Final

import cv2
import numpy as np

from ecgclip.photo.flat.paper_map import FLAT_PX_PER_MM
from ecgclip.photo.rows.row import Row
from ecgclip.photo.rows.spacing import Mark, evenly_spaced_rows
from ecgclip.photo.rows.trace_curves import read_curves
from ecgclip.typing import Float32s

HALF_PX_PER_MM: Final = FLAT_PX_PER_MM / 2
"""Level strokes are sought at half size: four times as fast."""
_LEVEL_INK: Final = 0.35
_NEAR_MM: Final = 2.0
"""A level stroke counts for the baselines this far above and below it: the trace wanders."""
_SOFT_MM: Final = 0.75
_APART_MM: Final = 4.0
"""Half the least distance of two rows: twelve rows of a letter page stand 11 mm apart."""
_MIN_SHARE: Final = 0.2
"""Least number of level columns of a row, as a share of those of the row that has most."""
_MIN_COVERAGE: Final = 0.7
_MIN_HEIGHT_MM: Final = 2.0
_MAX_STRAY_MM: Final = 3.0


def find_rows(ink: Float32s) -> list[Row]:
    """Rows from top to bottom: level strokes, as every ECG has and writing lacks, that read as a trace.

    Frames and creases run level too, but nothing rises from them; lines of print leave gaps.
    """
    heights = evenly_spaced_rows(_marks(level_columns(ink)))
    if not heights:
        return []
    curves = read_curves(ink, np.round(heights).astype(np.int64))
    rows = [Row(y, *_extent(curve), curve) for y, curve in zip(heights, curves, strict=True)]
    while rows and not _reads_as_trace(rows[-1]):
        rows.pop()
    while rows and not _reads_as_trace(rows[0]):
        rows.pop(0)
    longest = max((row.length_mm for row in rows), default=0.0)
    return [row for row in rows if row.length_mm > 0.4 * longest]


def _reads_as_trace(row: Row) -> bool:
    return row.coverage > _MIN_COVERAGE and row.height_mm > _MIN_HEIGHT_MM and row.stray_mm < _MAX_STRAY_MM


def level_columns(ink: Float32s) -> Float32s:
    """How many columns show a level stroke within 2 mm of each height, float32 [y], both at half size.

    Counting columns, not ink, a row weighs what it is long; however dark it is or how far it wanders.
    """
    level = (level_strokes(ink) > _LEVEL_INK).astype(np.uint8)
    near = cv2.dilate(level, np.ones((2 * round(_NEAR_MM * HALF_PX_PER_MM) + 1, 1), np.uint8))
    count = near.sum(axis=1, dtype=np.float32)[:, None]
    return np.asarray(cv2.GaussianBlur(count, (0, 0), _SOFT_MM * HALF_PX_PER_MM)[:, 0], np.float32)


def _marks(columns: Float32s) -> list[Mark]:
    """Heights whose columns outnumber those of all heights near by."""
    most = float(columns.max(initial=0.0))
    if most <= 0:
        return []
    reach = 2 * round(_APART_MM * HALF_PX_PER_MM) + 1
    top = cv2.dilate(columns[:, None], np.ones((reach, 1), np.uint8))[:, 0]
    places = np.flatnonzero((columns == top) & (columns > _MIN_SHARE * most))
    # a plateau is one place
    runs = np.split(places, np.flatnonzero(np.diff(places) > 1) + 1)
    return [Mark(2.0 * float(run.mean()) + 0.5, float(columns[run[0]]) / most) for run in runs if run.size]


def row_profile(level: Float32s) -> Float32s:
    """Level strokes in each line of pixels of half size, within about 2 mm, float32 [y]."""
    total = level.sum(axis=1, dtype=np.float32)[:, None]
    return np.asarray(cv2.GaussianBlur(total, (0, 0), 2.0 * HALF_PX_PER_MM)[:, 0], np.float32)


def level_strokes(ink: Float32s) -> Float32s:
    """Strokes that run level for 3 mm or more: baselines and T waves, not letters or QRS flanks; half size.

    What runs level for 35 mm is no trace, which a beat breaks sooner, but a frame or the edge of the paper.
    """
    half = _squeezed(ink)
    thick = cv2.morphologyEx(
        cv2.dilate(half, np.ones((2, 1), np.uint8)), cv2.MORPH_CLOSE, np.ones((1, 3), np.uint8)
    )
    short = cv2.morphologyEx(thick, cv2.MORPH_OPEN, np.ones((1, round(3.0 * HALF_PX_PER_MM)), np.uint8))
    straight = cv2.morphologyEx(thick, cv2.MORPH_OPEN, np.ones((1, round(35.0 * HALF_PX_PER_MM)), np.uint8))
    return cv2.min(cv2.subtract(short, straight), half).astype(np.float32, copy=False)


def _squeezed(ink: Float32s) -> Float32s:
    """Half size: the darker of two lines, the mean of two columns, so that level strokes stay as dark."""
    even = ink[: ink.shape[0] // 2 * 2, : ink.shape[1] // 2 * 2]
    lines = np.maximum(even[::2], even[1::2])
    return np.asarray((lines[:, ::2] + lines[:, 1::2]) / 2, np.float32)


def _extent(curve: Float32s) -> tuple[int, int]:
    """First and last column of the longest stretch of trace; gaps under 8 mm belong to it."""
    present = (~np.isnan(curve)).astype(np.uint8)[None]
    speck = np.ones((1, 5), np.uint8)
    gap = round(8.0 * FLAT_PX_PER_MM) | 1
    solid = cv2.morphologyEx(present, cv2.MORPH_OPEN, speck)
    padded = cv2.copyMakeBorder(solid, 0, 0, gap, gap, cv2.BORDER_CONSTANT, value=0)
    joined = cv2.morphologyEx(padded, cv2.MORPH_CLOSE, np.ones((1, gap), np.uint8))[0, gap:-gap]
    edges = np.flatnonzero(np.diff(np.concatenate([[0], joined.astype(np.int8), [0]])))
    if edges.size == 0:
        return 0, 1
    lengths = edges[1::2] - edges[::2]
    best = int(lengths.argmax())
    return int(edges[2 * best]), int(edges[2 * best + 1])
