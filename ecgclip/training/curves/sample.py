"""A photographed print laid flat, with the curves of its leads as the sheet shows them."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from ecgclip.simulation.camera import Photo
from ecgclip.simulation.prints.printed import Curve, Print
from ecgclip.training.flattening import Flattened, flattened, sheet_px
from ecgclip.typing import Float32s, Int64s, Uint8s

_NEXT_MM: Final = (-12.0, 18.0)
"""The next panel of a row begins this far from where the one before ends, at least and at most ..."""
_STEP_MM: Final = 9.0
"""... and its baseline lies so near."""


@dataclass(frozen=True, eq=False)
class CurveSheet:
    """One sheet, upright, at `FLAT_PX_PER_MM`.

    planes: uint8 [3, y, x], dark, ink, colour. points_px: float32 [point, (x, y)] of all curves, one behind
    the other; NaN in y where nothing is drawn or shown. baselines_px: float32 [point], y of 0 mV there.
    curve: int64 [point], which curve a point belongs to; row: int64 [curve], which row of the sheet that is.
    """

    planes: Uint8s
    points_px: Float32s
    baselines_px: Float32s
    curve: Int64s
    row: Int64s


def lay_flat(printed: Print, photo: Photo, rng: np.random.Generator, reader: float) -> CurveSheet:
    """reader: chance to use the map that the grid reader finds, where it finds one."""
    flat = flattened(printed.size_mm, photo, rng, reader)
    points, baselines, numbers = [], [], []
    for number, curve in enumerate(printed.curves):
        points.append(_on_sheet(flat, curve.x_mm, curve.y_mm))
        level = np.full_like(curve.x_mm, curve.baseline_mm)
        baselines.append(_mapped(flat, curve.x_mm, level)[:, 1])
        numbers.append(np.full(curve.x_mm.size, number, np.int64))
    return CurveSheet(
        flat.planes,
        np.concatenate(points).astype(np.float32),
        np.concatenate(baselines).astype(np.float32),
        np.concatenate(numbers),
        rows_of(printed.curves),
    )


def _on_sheet(flat: Flattened, x_mm: Float32s, y_mm: Float32s) -> Float32s:
    """The curve on the sheet, px [point, (x, y)]; y is NaN where it was or where the picture ends."""
    drawn = np.isfinite(y_mm)
    at = _mapped(flat, x_mm, np.where(drawn, y_mm, np.nanmean(y_mm) if drawn.any() else 0.0))
    at[~(drawn & flat.is_shown(at)), 1] = np.nan
    return at


def _mapped(flat: Flattened, x_mm: Float32s, y_mm: Float32s) -> Float32s:
    return sheet_px(np.stack([x_mm, y_mm], axis=1).astype(np.float64), flat.page_mm)


def rows_of(curves: tuple[Curve, ...]) -> Int64s:
    """Which row each curve belongs to, int64 [curve]: panels that follow each other on a baseline are one."""
    row = np.full(len(curves), -1, np.int64)
    for first in sorted(range(len(curves)), key=lambda k: float(curves[k].x_mm[0])):
        if row[first] >= 0:
            continue
        row[first] = number = int(row.max()) + 1
        last = first
        while (following := _following(curves, row, last)) is not None:
            row[following] = number
            last = following
    return row


def _following(curves: tuple[Curve, ...], row: Int64s, last: int) -> int | None:
    """The free curve that continues the row behind `last`: the one whose baseline is nearest."""
    end, level = float(curves[last].x_mm[-1]), curves[last].baseline_mm
    candidates = [
        (abs(curve.baseline_mm - level), k)
        for k, curve in enumerate(curves)
        if row[k] < 0
        and _NEXT_MM[0] <= float(curve.x_mm[0]) - end <= _NEXT_MM[1]
        and abs(curve.baseline_mm - level) <= _STEP_MM
    ]
    return min(candidates)[1] if candidates else None
