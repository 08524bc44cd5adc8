"""Which layout the rows of a sheet form, and where its time begins."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from ecgclip.paper.geometry import Layout
from ecgclip.photo.flatten import FLAT_PX_PER_MM
from ecgclip.photo.pulse import CLEAR_PULSE, FAINT_PULSE, Pulse, find_pulse
from ecgclip.photo.rows import Row
from ecgclip.units import LARGE_SQUARE_MM, RECORD_S, SPEED_MM_S

Floats = npt.NDArray[np.float32]

RECORD_PX: Final = RECORD_S * SPEED_MM_S * FLAT_PX_PER_MM
AFTER_PX: Final = RECORD_PX + LARGE_SQUARE_MM * FLAT_PX_PER_MM
"""From time zero to the end of a pulse drawn behind the record."""
_FEWEST_IN_STEP: Final = 4
_OUT_OF_STEP: Final = 0.07
_AGREE_PX: Final = 2.5 * FLAT_PX_PER_MM


@dataclass(frozen=True)
class Sheet:
    """What a flat sheet shows.

    rows: from top to bottom. layout: None when unknown.
    zero_px: column of the sheet where the record's time 0 stands.
    pulse_share: mean correlation with the calibration pulse of the rows that have one, times their share.
    """

    rows: tuple[Row, ...]
    layout: Layout | None
    zero_px: float
    pulse_share: float

    @property
    def label(self) -> str:
        return self.layout.label if self.layout else "unknown"


def read_sheet(ink: Floats, rows: list[Row]) -> Sheet:
    """Find time zero and the layout of a sheet with at least one row."""
    rows = _evenly_spaced(rows)
    before = _agreeing([find_pulse(ink, row, at_end=False) for row in rows])
    after = _agreeing([find_pulse(ink, row, at_end=True) for row in rows])
    best = after if after.weight > before.weight and _believable(after, rows) else before
    if best.weight == 0:
        return Sheet(tuple(rows), _layout(len(rows)), _zero_by_extent(rows), 0.0)
    kept = _in_step(rows, best.rows)
    zero = best.end_px if best is before else best.end_px - AFTER_PX
    return Sheet(tuple(kept), _layout(len(kept)), zero, best.weight / len(kept))


@dataclass(frozen=True, eq=False)
class _Pulses:
    """Pulses that end at the same place: which rows have one, where, and the sum of their correlations."""

    rows: npt.NDArray[np.bool_]
    end_px: float
    weight: float

    @property
    def mean_score(self) -> float:
        return self.weight / max(1, int(self.rows.sum()))


def _agreeing(pulses: list[Pulse]) -> _Pulses:
    """The heaviest group of pulses; weight 0 where one faint pulse is all there is."""
    ends = np.array([pulse.end_px for pulse in pulses])
    scores = np.array([pulse.score for pulse in pulses])
    near = np.abs(ends[:, None] - ends[None]) < _AGREE_PX
    votes = (near * np.where(scores > FAINT_PULSE, scores, 0.0)[None]).sum(axis=1)
    best = int(votes.argmax())
    members = near[best] & (scores > FAINT_PULSE)
    if votes[best] <= min(2 * FAINT_PULSE, CLEAR_PULSE):
        return _Pulses(np.zeros(len(pulses), np.bool_), 0.0, 0.0)
    return _Pulses(members, float(np.median(ends[members])), float(scores[members].sum()))


def _believable(after: _Pulses, rows: list[Row]) -> bool:
    """Faint pulses at the end, like the QRS complexes there, must put time zero where the rows begin."""
    start = _common(np.array([row.start_px for row in rows], np.float64))
    return after.mean_score > CLEAR_PULSE or abs(after.end_px - AFTER_PX - start) < _AGREE_PX


def _evenly_spaced(rows: list[Row]) -> list[Row]:
    """Less the outermost rows that stand out of step: lines of print and edges of the paper."""
    while len(rows) > _FEWEST_IN_STEP:
        gaps = np.diff([row.baseline_px for row in rows])
        first, last = _excess(gaps[0], gaps[1:]), _excess(gaps[-1], gaps[:-1])
        if max(first, last) <= 0:
            break
        rows = rows[1:] if first >= last else rows[:-1]
    return rows


def _excess(gap: float, others: npt.NDArray[np.float64]) -> float:
    """How far a gap is out of step with the others, as a share of them, beyond twice what they vary."""
    step = float(np.median(others))
    vary = float(np.abs(others - step).max()) / step
    return abs(gap - step) / step - max(_OUT_OF_STEP, 2.0 * vary)


def _zero_by_extent(rows: list[Row]) -> float:
    """Where most rows start, or 10 s before most end when they are longer: a pulse that was not made out."""
    starts = np.array([row.start_px for row in rows], np.float64)
    stops = np.array([row.stop_px for row in rows], np.float64)
    start, stop = _common(starts), _common(stops)
    return stop - RECORD_PX if stop - start > RECORD_PX + _AGREE_PX else start


def _common(edges: npt.NDArray[np.float64]) -> float:
    """The median of the largest group of edges within 1 mm: dirt lengthens single rows."""
    near = np.abs(edges[:, None] - edges[None]) < FLAT_PX_PER_MM
    return float(np.median(edges[near[int(near.sum(axis=1).argmax())]]))


def _in_step(rows: list[Row], marked: npt.NDArray[np.bool_]) -> list[Row]:
    """Where pulses mark most rows, the others stay only if they stand one row's distance away."""
    if marked.sum() < 2 or marked.sum() * 2 < len(rows):
        return rows
    heights = np.array([row.baseline_px for row in rows])
    step = float(np.median(np.diff(heights)))
    kept = []
    for row, mark in zip(rows, marked, strict=True):
        nearest = float(np.abs(heights[marked] - row.baseline_px).min())
        if mark or abs(nearest - step) < 0.12 * step:
            kept.append(row)
    return kept


def _layout(rows: int) -> Layout | None:
    return {3: Layout.L3X4, 4: Layout.L3X4_1R, 6: Layout.L6X2, 12: Layout.L12X1}.get(rows)
