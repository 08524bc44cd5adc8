"""Whether a picture is a readable ECG: the grid and the traces must both be there.

Each piece of evidence is a share between 0 and 1, and the confidence is their product: squared paper without
beats is no ECG, nor is a curve without squared paper. The limits lie well between what 60 real ECG images
and charts, photographs and handwriting showed.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from ecgclip.photo.flatten import FLAT_PX_PER_MM
from ecgclip.photo.grid import Grid
from ecgclip.photo.layout import Sheet
from ecgclip.photo.load import Picture
from ecgclip.photo.rows import Row
from ecgclip.units import RECORD_S, SPEED_MM_S

MIN_LONG_SIDE_PX: Final = 400
ACCEPT: Final = 0.3
_LOW_RESOLUTION_PX_MM: Final = 2.5
_CALM_MM: Final = 0.25
"""A trace that moves less from one 10 ms to the next is calm; beats are not."""
_GRID: Final = "no ECG grid was found: photograph the whole sheet, flat, from above and in even light"
_TRACE: Final = "there is squared paper but no ECG trace on it"


@dataclass(frozen=True)
class Verdict:
    """accepted, how sure (0..1), why not in words for a nurse, and what to be careful about."""

    accepted: bool
    confidence: float
    reason: str = ""
    warnings: tuple[str, ...] = ()


def judge(picture: Picture, grid: Grid | None, sheet: Sheet | None) -> Verdict:
    """Weigh what was found; None stands for a step that found nothing."""
    long_side = round(max(picture.rgb.shape[:2]) * picture.scale)
    if long_side < MIN_LONG_SIDE_PX:
        return Verdict(False, 0.0, f"the picture is too small: {long_side} pixels; at least 400 are needed")
    if grid is None:
        return Verdict(False, 0.0, _GRID)
    lines = grid_evidence(grid)
    if sheet is None:
        return Verdict(False, 0.1 * lines, _TRACE if lines > 0.5 else _GRID)
    traces = trace_evidence(sheet)
    confidence = lines * traces
    if confidence < ACCEPT:
        return Verdict(False, confidence, _GRID if lines < traces else _TRACE)
    return Verdict(True, confidence, "", _warnings(sheet))


def grid_evidence(grid: Grid) -> float:
    """0..1 from the contrast of the grid, less where it fills little of the picture."""
    return _rise(grid.score * grid.coverage**0.5, 1.6, 2.9)


def trace_evidence(sheet: Sheet) -> float:
    """0..1 from how much trace there is, whether it beats, and whether it stays near its baseline."""
    rows = sheet.rows
    length_mm = sum(row.length_mm * row.coverage for row in rows)
    calm = float(np.mean([_calm_share(row) for row in rows]))
    height_mm = float(np.median([row.height_mm for row in rows]))
    wander_mm = float(np.median([_middle_half_mm(row) for row in rows]))
    seen = _rise(length_mm, 20.0, 100.0)
    beating = 1 - _rise(calm, 0.93, 0.985)
    level = (1 - _rise(height_mm, 35.0, 55.0)) * (1 - _rise(wander_mm, 8.0, 16.0))
    return seen * beating * level * (1 - _rise(_crowding(rows, height_mm), 1.5, 2.5))


def _crowding(rows: tuple[Row, ...], height_mm: float) -> float:
    """Height of the rows over their distance: curves of a chart fill their axes again and again."""
    if len(rows) < 3:
        return 0.0
    step_px = float(np.median(np.diff([row.baseline_px for row in rows])))
    return height_mm * FLAT_PX_PER_MM / max(1.0, step_px)


def _middle_half_mm(row: Row) -> float:
    """Height of the middle half of the trace: an ECG spends most of its time near its baseline."""
    low, high = np.nanquantile(row.curve_px[row.start_px : row.stop_px], [0.25, 0.75])
    return float(high - low) / FLAT_PX_PER_MM


def _calm_share(row: Row) -> float:
    steps = np.abs(np.diff(row.curve_px[row.start_px : row.stop_px]))
    known: npt.NDArray[np.float32] = steps[~np.isnan(steps)]
    return float(np.mean(known < _CALM_MM * FLAT_PX_PER_MM)) if known.size else 1.0


def _rise(value: float, low: float, high: float) -> float:
    """0 below `low`, 1 above `high`, a smooth step between."""
    share = min(1.0, max(0.0, (value - low) / (high - low)))
    return share * share * (3 - 2 * share)


def _warnings(sheet: Sheet) -> tuple[str, ...]:
    full_mm = RECORD_S * SPEED_MM_S
    found = []
    if sheet.layout is None:
        found.append(f"the layout is not known: {len(sheet.rows)} rows were read as they stand")
    if max(row.length_mm for row in sheet.rows) < 0.9 * full_mm:
        found.append("only part of the recording is in the picture")
    if sheet.pulse_share == 0:
        found.append("no calibration pulse was seen: 25 mm/s and 10 mm/mV are assumed")
    return tuple(found)


def resolution_warning(input_px_per_mm: float) -> tuple[str, ...]:
    """A warning where the picture is too coarse to see fine deflections."""
    if input_px_per_mm >= _LOW_RESOLUTION_PX_MM:
        return ()
    return (f"low resolution: {input_px_per_mm:.1f} pixels per mm; small deflections may be lost",)
