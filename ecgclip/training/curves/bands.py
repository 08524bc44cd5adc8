"""Batches of the curves stage: pieces of a row's band, and where its trace runs in every column."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from ecgclip.photo.curves.bands import BAND_PX, cut_band, whole_pixels
from ecgclip.photo.curves.network import COLUMNS_PER_PX
from ecgclip.photo.curves.read_rows import columns_px
from ecgclip.photo.flat.paper_map import FLAT_PX_PER_MM
from ecgclip.training.curves.sample import CurveSheet
from ecgclip.training.curves.store import load
from ecgclip.training.sheet.changes import changed
from ecgclip.typing import Float32s, Uint8s

_OFF_MM: Final = 1.2
"""Standard deviation of how far the reader's baseline lies from the true one ..."""
_FAR_OFF: Final = 0.1
"""... share of bands that lie up to 5 mm off ..."""
_FAR_MM: Final = 5.0
_MOST_OFF: Final = 0.3
"""... and most of all, as a share of the distance to the next row."""
_FOLLOW_MM: Final = 2.0
"""A band changes to the next panel's baseline between the two, within so many mm."""


@dataclass(frozen=True, eq=False)
class RowTruth:
    """The truth of one row of a sheet.

    baseline_px: float32 [x], of the row's panels, held between and beyond them.
    y_px: float32 [columns], `COLUMNS_PER_PX` a pixel; NaN where the row shows nothing.
    start_px, stop_px: where the sheet first and last shows it.
    """

    baseline_px: Float32s
    y_px: Float32s
    start_px: float
    stop_px: float


@dataclass(frozen=True, eq=False)
class CurveBatch:
    """planes: uint8 [n, 3, `BAND_PX`, x]; y_px: float32 [n, columns], from the band's top; NaN: none."""

    planes: Uint8s
    y_px: Float32s


def random_bands(files: list[Path], count: int, width_px: int, rng: np.random.Generator) -> CurveBatch:
    """`count` pieces, of two rows of each sheet that is opened."""
    planes: list[Uint8s] = []
    curves: list[Float32s] = []
    while len(planes) < count:
        sheet = load(files[int(rng.integers(len(files)))]).sheet
        rows = sheet_rows(sheet)
        for number in rng.permutation(len(rows))[: min(2, count - len(planes))].tolist():
            band, y_px = _piece(sheet, rows, number, width_px, rng)
            planes.append(band)
            curves.append(y_px)
    return CurveBatch(np.stack(planes), np.stack(curves))


def _piece(
    sheet: CurveSheet, rows: list[RowTruth], number: int, width_px: int, rng: np.random.Generator
) -> tuple[Uint8s, Float32s]:
    row = rows[number]
    baseline = whole_pixels(row.baseline_px + _offset(rows, number, rng))
    low, high = int(row.start_px - width_px / 3), int(row.stop_px - 2 * width_px / 3)
    left = int(rng.integers(low, max(low, high) + 1))
    inside = np.clip(np.arange(left, left + width_px), 0, baseline.size - 1)
    shown = np.zeros((3, sheet.planes.shape[1], width_px), np.uint8)
    a, b = max(0, left), min(baseline.size, left + width_px)
    shown[:, :, a - left : b - left] = sheet.planes[:, :, a:b]
    band = cut_band(shown, baseline[inside])
    y_px = np.full(width_px * COLUMNS_PER_PX, np.nan, np.float32)
    part = row.y_px[a * COLUMNS_PER_PX : b * COLUMNS_PER_PX]
    y_px[(a - left) * COLUMNS_PER_PX : (b - left) * COLUMNS_PER_PX] = part
    y_px += BAND_PX // 2 - np.repeat(baseline[inside], COLUMNS_PER_PX).astype(np.float32)
    y_px[(y_px < 0) | (y_px > BAND_PX - 1)] = np.nan
    band, _ = changed(band, np.zeros((1, *band.shape[1:]), np.uint8), rng)
    return band, y_px


def _offset(rows: list[RowTruth], number: int, rng: np.random.Generator) -> float:
    """How far off the baseline a band is cut, px."""
    far = rng.random() < _FAR_OFF
    off_mm = rng.uniform(-_FAR_MM, _FAR_MM) if far else rng.normal(0, _OFF_MM)
    own = rows[number].baseline_px
    others = [
        float(np.abs(own - row.baseline_px).min())
        for k, row in enumerate(rows)
        if k != number and row.start_px < rows[number].stop_px and rows[number].start_px < row.stop_px
    ]
    most = _MOST_OFF * min(others, default=np.inf)
    return float(np.clip(off_mm * FLAT_PX_PER_MM, -most, most))


def sheet_rows(sheet: CurveSheet) -> list[RowTruth]:
    """The rows of a sheet that it shows."""
    width = sheet.planes.shape[2]
    found = []
    for number in range(int(sheet.row.max()) + 1):
        curves = [sheet.curve == k for k in np.flatnonzero(sheet.row == number)]
        parts = [(sheet.points_px[own], sheet.baselines_px[own]) for own in curves]
        row = _row(parts, width)
        if np.isfinite(row.y_px).sum() > 8 * FLAT_PX_PER_MM * COLUMNS_PER_PX:
            found.append(row)
    return found


def _row(parts: list[tuple[Float32s, Float32s]], width: int) -> RowTruth:
    columns = columns_px(width * COLUMNS_PER_PX)
    y_px = np.full(columns.size, np.nan, np.float32)
    x_of, level_of = [], []
    for points, levels in sorted(parts, key=lambda part: float(part[0][0, 0])):
        x = np.maximum.accumulate(points[:, 0])
        own = (columns >= x[0]) & (columns <= x[-1]) & np.isnan(y_px)
        y_px[own] = np.interp(columns[own], x, points[:, 1])
        gap = _FOLLOW_MM / 2 * FLAT_PX_PER_MM
        x_of += [x[0] + gap, x[-1] - gap]
        level_of += [levels[0], levels[-1]]
    x_px = np.arange(width, dtype=np.float32)
    baseline = np.interp(x_px, np.maximum.accumulate(x_of), level_of).astype(np.float32)
    shown = np.flatnonzero(np.isfinite(y_px)) / COLUMNS_PER_PX
    start, stop = (float(shown[0]), float(shown[-1])) if shown.size else (0.0, 0.0)
    return RowTruth(baseline, y_px, start, stop)
