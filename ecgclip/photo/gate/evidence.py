"""Evidence that a picture is an ECG: squared paper, rows of traces, beats, and the same beats in all rows."""

from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields
from itertools import combinations
from typing import Final

import numpy as np

from ecgclip.photo.flat.paper_map import FLAT_PX_PER_MM
from ecgclip.photo.gate.travel import Travel, median, on_grid_lines, periodicity, simultaneity
from ecgclip.photo.grid.find_grid import Grid
from ecgclip.photo.layout.sheet import Sheet
from ecgclip.photo.rows.row import Row
from ecgclip.typing import Float32s, Float64s

_CALM_MM: Final = 0.25
"""Largest move in mm within 10 ms of a trace between beats."""
_SAME_MM: Final = 0.5


@dataclass(frozen=True)
class Evidence:
    """What speaks for an ECG, each 0 (against) to 1 (for); `gate_weights.csv` has a weight for each name.

    grid_visible: contrast of the squares, less where they fill little of the picture.
    trace_long: how much trace there is. trace_unbroken: it has no gaps.
    trace_moving: it is not calm throughout.
    height_ok: rows are not higher than an ECG's. baseline_stable: they stay near their baselines.
    rows_spaced: they do not fill the distance between them. rows_distinct: no two follow the same ink.
    deflections_sharp: the steepest tenth of a trace holds most of its travel.
    quiet_between: between beats little happens.
    deflections_return: beats are spikes, not steps. beats_alike: the next beat has the same shape.
    beats_periodic: beats return after the same time.
    beats_simultaneous: beats stand at the same time in all rows; of a single row the same as beats_alike.
    beats_off_grid: beats do not stand on lines of the grid, which are periodic and of equal shape as well.
    beats_several: there are some in a row.
    all_present: all of this at once, for one thing that is missing is enough.
    single_row: there is one row only, which is evidence neither way.
    layout_known: the rows form a layout. network_ecg: the sheet network's own chance of an ECG.
    """

    grid_visible: float
    trace_long: float
    trace_unbroken: float
    trace_moving: float
    height_ok: float
    baseline_stable: float
    rows_spaced: float
    rows_distinct: float
    deflections_sharp: float
    quiet_between: float
    deflections_return: float
    beats_alike: float
    beats_periodic: float
    beats_simultaneous: float
    beats_several: float
    beats_off_grid: float
    all_present: float
    single_row: float
    layout_known: float
    network_ecg: float

    @property
    def values(self) -> Float64s:
        return np.array(astuple(self))


EVIDENCE: Final = tuple(field.name for field in fields(Evidence))
"""The names of the evidence, in order."""


def weigh(grid: Grid, sheet: Sheet, network_ecg: float) -> Evidence:
    """The evidence of a sheet with at least one row; network_ecg: `SheetReading.ecg`."""
    rows = sheet.rows
    travels = [Travel.of(row) for row in rows]
    relative = [travel.relative for travel in travels]
    height_mm = float(np.median([row.height_mm for row in rows]))
    off_grid = 1 - _rise(on_grid_lines([travel.tops for travel in travels]), 0.6, 0.95)
    returning = _rise(median([travel.returned for travel in travels]), 0.5, 1.0)
    # steps are all alike, and so are the lines of a grid
    alike = _rise(median([travel.beat_similarity for travel in travels]), 0.0, 1.0) * returning * off_grid
    periodic = off_grid * _rise(median([periodicity(values) for values in relative]), 0.0, 0.8)
    simultaneous = off_grid * _rise(simultaneity(relative), 0.0, 0.7) if len(rows) > 1 else alike
    grid_visible = grid_evidence(grid)
    trace_long = _rise(sum(row.length_mm * row.coverage for row in rows), 20.0, 100.0)
    moving = 1 - _rise(float(np.mean([_calm_share(row) for row in rows])), 0.9, 0.99)
    height_ok = 1 - _rise(height_mm, 35.0, 55.0)
    stable = 1 - _rise(median([_middle_half_mm(row) for row in rows]), 4.0, 16.0)
    spaced = 1 - _rise(_crowding(rows, height_mm), 1.5, 2.5)
    distinct = 1 - _rise(_shared_ink(rows), 0.05, 0.35)
    paper = grid_visible * trace_long * moving * height_ok * stable * spaced * distinct
    return Evidence(
        grid_visible=grid_visible,
        trace_long=trace_long,
        trace_unbroken=_rise(float(np.mean([row.coverage for row in rows])), 0.7, 1.0),
        trace_moving=moving,
        height_ok=height_ok,
        baseline_stable=stable,
        rows_spaced=spaced,
        rows_distinct=distinct,
        deflections_sharp=_rise(median([travel.sharpness for travel in travels]), 0.3, 0.95),
        quiet_between=_rise(median([travel.quiet_share for travel in travels]), 0.2, 0.9),
        deflections_return=returning,
        beats_alike=alike,
        beats_periodic=periodic,
        beats_simultaneous=simultaneous,
        beats_several=off_grid * _rise(median([travel.tops.size for travel in travels]), 1.0, 5.0),
        beats_off_grid=off_grid,
        all_present=paper * (alike + periodic + simultaneous) / 3,
        single_row=float(len(rows) == 1),
        layout_known=float(sheet.layout is not None),
        network_ecg=network_ecg,
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
    low, high = np.nanquantile(row.own_curve_px, [0.25, 0.75])
    return float(high - low) / FLAT_PX_PER_MM


def _calm_share(row: Row) -> float:
    steps = np.abs(np.diff(row.own_curve_px))
    known: Float32s = steps[~np.isnan(steps)]
    return float(np.mean(known < _CALM_MM * FLAT_PX_PER_MM)) if known.size else 1.0


def _rise(value: float, low: float, high: float) -> float:
    """0 below `low`, 1 above `high`, a smooth step between."""
    share = min(1.0, max(0.0, (value - low) / (high - low)))
    return share * share * (3 - 2 * share)
