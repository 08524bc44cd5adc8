"""What speaks for an ECG: squared paper, rows of traces, beats, and beats that all rows share."""

from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields
from itertools import combinations
from typing import Final

import numpy as np
import numpy.typing as npt

from ecgclip.photo.flat.flatten import FLAT_PX_PER_MM
from ecgclip.photo.grid.grid import Grid
from ecgclip.photo.layout.layout import Sheet
from ecgclip.photo.rows.beats import (
    beat_signal,
    beat_tops,
    likeness,
    median,
    on_lines,
    periodicity,
    quiet_share,
    returned,
    sharpness,
    steepness,
    togetherness,
)
from ecgclip.photo.rows.rows import Row

_CALM_MM: Final = 0.25
"""A trace that moves less from one 10 ms to the next is calm; beats are not."""
_SAME_MM: Final = 0.5


@dataclass(frozen=True)
class Evidence:
    """Each 0 (against) to 1 (for an ECG).

    grid: contrast of the squares, less where they fill little of the picture. seen: how much trace there is;
    covered: without gaps. beating: it is not calm throughout. low, level, apart: rows are not higher than an
    ECG's, stay near their baselines and do not fill their distance; own: no two follow the same ink. sharp:
    the steepest tenth of a trace holds most of its travel. quiet: between beats little happens. returning:
    beats are spikes, not steps; alike: the next beat has the same shape. repeating: beats return after the
    same time. together: they stand at the same time in all rows; of one row only that they are alike, and
    `alone` is 1. several: beats in a row. free: beats do not stand on the lines of the grid, which repeat and
    are alike, too. whole: all of this at once, for one thing that is missing is enough. known: the rows form
    a layout. network: the sheet network's own chance of an ECG.
    """

    grid: float
    seen: float
    covered: float
    beating: float
    low: float
    level: float
    apart: float
    own: float
    sharp: float
    quiet: float
    returning: float
    alike: float
    repeating: float
    together: float
    several: float
    free: float
    whole: float
    alone: float
    known: float
    network: float

    @property
    def values(self) -> npt.NDArray[np.float64]:
        return np.array(astuple(self))


NAMES: Final = tuple(field.name for field in fields(Evidence))


def weigh(grid: Grid, sheet: Sheet, network: float) -> Evidence:
    """The evidence of a sheet with at least one row; network: `Reading.ecg`."""
    rows = sheet.rows
    steep = [steepness(row) for row in rows]
    tops = [beat_tops(values) for values in steep]
    beats = [beat_signal(row, values) for row, values in zip(rows, steep, strict=True)]
    height_mm = float(np.median([row.height_mm for row in rows]))
    returning = _rise(median([returned(row, at) for row, at in zip(rows, tops, strict=True)]), 0.5, 1.0)
    same = _rise(median([likeness(row, at) for row, at in zip(rows, tops, strict=True)]), 0.0, 1.0)
    free = 1 - _rise(on_lines(tops), 0.6, 0.95)
    alike = same * returning * free  # steps are all alike, and so are the lines of a grid
    grid_seen = grid_evidence(grid)
    seen = _rise(sum(row.length_mm * row.coverage for row in rows), 20.0, 100.0)
    beating = 1 - _rise(float(np.mean([_calm_share(row) for row in rows])), 0.9, 0.99)
    low = 1 - _rise(height_mm, 35.0, 55.0)
    level = 1 - _rise(median([_middle_half_mm(row) for row in rows]), 4.0, 16.0)
    apart = 1 - _rise(_crowding(rows, height_mm), 1.5, 2.5)
    own = 1 - _rise(_shared_ink(rows), 0.05, 0.35)
    repeating = free * _rise(median([periodicity(values) for values in beats]), 0.0, 0.8)
    together = free * _rise(togetherness(beats), 0.0, 0.7) if len(rows) > 1 else alike
    paper = grid_seen * seen * beating * low * level * apart * own
    return Evidence(
        grid=grid_seen,
        seen=seen,
        covered=_rise(float(np.mean([row.coverage for row in rows])), 0.7, 1.0),
        beating=beating,
        low=low,
        level=level,
        apart=apart,
        own=own,
        sharp=_rise(median([sharpness(row) for row in rows]), 0.3, 0.95),
        quiet=_rise(median([quiet_share(*both) for both in zip(rows, steep, strict=True)]), 0.2, 0.9),
        returning=returning,
        alike=alike,
        repeating=repeating,
        together=together,
        free=free,
        several=free * _rise(median([at.size for at in tops]), 1.0, 5.0),
        whole=paper * (alike + repeating + together) / 3,
        alone=float(len(rows) == 1),
        known=float(sheet.layout is not None),
        network=network,
    )


def grid_evidence(grid: Grid) -> float:
    """0..1 from the contrast of the grid, less where it fills little of the picture."""
    return _rise(grid.score * grid.coverage**0.5, 1.0, 8.0)


def _crowding(rows: tuple[Row, ...], height_mm: float) -> float:
    """Height of the rows over their distance: curves of a chart fill their axes again and again."""
    if len(rows) < 3:
        return 0.0
    step_px = float(np.median(np.diff([row.baseline_px for row in rows])))
    return height_mm * FLAT_PX_PER_MM / max(1.0, step_px)


def _shared_ink(rows: Sequence[Row]) -> float:
    """The largest share of a row in which another row follows the same ink: one curve read twice."""
    most = 0.0
    for one, other in combinations([row.curve_px for row in rows], 2):
        shorter = min(int(np.isfinite(one).sum()), int(np.isfinite(other).sum()))
        same = np.abs(one - other) < _SAME_MM * FLAT_PX_PER_MM
        most = max(most, float(same.sum()) / max(1, shorter))
    return most


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
