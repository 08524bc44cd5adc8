"""Where the time of a sheet begins: its calibration pulses, and where its rows begin and end."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from ecgclip.paper.geometry import Layout
from ecgclip.photo.flat.paper_map import FLAT_PX_PER_MM
from ecgclip.photo.layout.sheet import Sheet
from ecgclip.photo.rows.calibration_pulse import CLEAR_PULSE, FAINT_PULSE, Pulse, find_pulse
from ecgclip.photo.rows.row import Row
from ecgclip.typing import Bools, Float32s, Float64s
from ecgclip.units import LARGE_SQUARE_MM, RECORD_S, SPEED_MM_S

RECORD_PX: Final = RECORD_S * SPEED_MM_S * FLAT_PX_PER_MM
PULSE_PX: Final = LARGE_SQUARE_MM * FLAT_PX_PER_MM
AFTER_PX: Final = RECORD_PX + PULSE_PX
"""From time zero to the end of a pulse drawn behind the record."""
_AGREE_PX: Final = 2.5 * FLAT_PX_PER_MM
_FAINT_WEIGHT: Final = 0.4
"""Weight of a pulse that correlates no better than some QRS complexes ..."""
_CLEAR_WEIGHT: Final = 1.5
"""... and of a clear one, beside 1 for a row that begins and 1 for one that ends where it should."""
_CUT_WEIGHT: Final = 0.2
"""Weight of the end of a row that is cut off by the picture's edge."""
_MOST_OF_IT: Final = 0.6
"""The end of a row shows where time begins only if the row holds most of the record."""
_LAYOUTS: Final = {3: Layout.L3X4, 4: Layout.L3X4_1R, 6: Layout.L6X2, 12: Layout.L12X1}
"""By the number of rows, the likeliest."""


def read_sheet(ink: Float32s, rows: list[Row]) -> Sheet:
    """Find time zero of a sheet with at least one row; its layout is the likeliest of so many rows."""
    before = _PulseMarks.of([find_pulse(ink, row, at_end=False) for row in rows], 0.0)
    after = _PulseMarks.of([find_pulse(ink, row, at_end=True) for row in rows], AFTER_PX)
    starts = np.array([row.start_px for row in rows], np.float64)
    stops = np.array([row.stop_px for row in rows], np.float64)
    edges = _Edges(starts, stops, *_cut(ink, starts, stops))
    zero = max(_candidates(before, after, edges), key=lambda z: _evidence(z, before, after, edges))
    pulses = max((before, after), key=lambda marks: marks.weight(zero))
    return Sheet.read(rows, _refined(zero, pulses, edges), _LAYOUTS.get(len(rows)), pulses.share(zero))


@dataclass(frozen=True, eq=False)
class _PulseMarks:
    """Where the pulses of the rows put time zero, float [row], and their correlations."""

    zeros: Float64s
    scores: Float64s

    @classmethod
    def of(cls, pulses: list[Pulse], beyond_px: float) -> "_PulseMarks":
        ends = np.array([pulse.end_px for pulse in pulses])
        return cls(ends - beyond_px, np.array([pulse.score for pulse in pulses]))

    def at(self, zero: float) -> Bools:
        """The rows whose pulses stand where this time zero wants them."""
        return (np.abs(self.zeros - zero) < _AGREE_PX) & (self.scores > FAINT_PULSE)

    def weight(self, zero: float) -> float:
        """Evidence for a time zero, up to `_CLEAR_WEIGHT` a row; one faint pulse is none.

        Where some rows have a pulse all should: few are worth less each.
        """
        members = self.at(zero)
        if self.scores[members].sum() <= min(2 * FAINT_PULSE, CLEAR_PULSE):
            return 0.0
        clear = np.clip((self.scores - FAINT_PULSE) / (CLEAR_PULSE - FAINT_PULSE), 0.0, 1.0)
        weights = _FAINT_WEIGHT + (_CLEAR_WEIGHT - _FAINT_WEIGHT) * clear
        return float(weights[members].sum() * np.sqrt(members.mean()))

    def share(self, zero: float) -> float:
        """Mean correlation of the pulses that agree, times the share of rows that have one."""
        return float(self.scores[self.at(zero)].sum()) / self.scores.size if self.weight(zero) > 0 else 0.0


@dataclass(frozen=True, eq=False)
class _Edges:
    """Columns where the rows begin and end, float [row] each, and how much each is worth."""

    starts: Float64s
    stops: Float64s
    start_weights: Float64s
    stop_weights: Float64s

    def weight(self, zero: float, before_px: float, behind_px: float) -> float:
        """Rows that begin, or end, within 1.5 mm of where they should; pulses lengthen them."""
        near = 1.5 * FLAT_PX_PER_MM
        begin = np.abs(self.starts - (zero - before_px)) < near
        end = np.abs(self.stops - (zero + RECORD_PX + behind_px)) < near
        return float(self.start_weights[begin].sum() + self.stop_weights[end].sum())


def _cut(ink: Float32s, starts: Float64s, stops: Float64s) -> tuple[Float64s, Float64s]:
    """Weights of starts and stops: little where nothing lies beyond; ends of short strips say nothing."""
    shown = np.flatnonzero(ink.any(axis=0))
    near, border = 2.0 * FLAT_PX_PER_MM, 12.0 * FLAT_PX_PER_MM
    width = float(ink.shape[1])
    first, last = (float(shown[0]), float(shown[-1])) if shown.size else (0.0, width)
    cut_starts = (starts - first < near) & (starts < border)
    cut_stops = (last - stops < near) & (width - stops < border)
    whole = stops - starts > _MOST_OF_IT * RECORD_PX
    return (
        np.where(cut_starts, _CUT_WEIGHT, 1.0),
        np.where(cut_stops, _CUT_WEIGHT, 1.0) * whole,
    )


def _candidates(before: _PulseMarks, after: _PulseMarks, edges: _Edges) -> list[float]:
    """Every place where a pulse, a start or a stop would put time zero."""
    pulses = [marks.zeros[marks.scores > FAINT_PULSE] for marks in (before, after)]
    stops = edges.stops - RECORD_PX
    return [float(z) for z in np.concatenate([*pulses, edges.starts, edges.starts + PULSE_PX, stops])]


def _evidence(zero: float, before: _PulseMarks, after: _PulseMarks, edges: _Edges) -> float:
    """What speaks for a time zero: pulses, and rows that begin and end where they then should."""
    if (pulses := before.weight(zero)) > 0:
        return pulses + max(edges.weight(zero, PULSE_PX, 0.0), edges.weight(zero, 0.0, 0.0))
    if (pulses := after.weight(zero)) > 0:
        return pulses + max(edges.weight(zero, 0.0, PULSE_PX), edges.weight(zero, 0.0, 0.0))
    return edges.weight(zero, 0.0, 0.0) + _centred(zero, edges)


def _centred(zero: float, edges: _Edges) -> float:
    """A tiny bonus for candidates amid others: between equals, the median of those that agree wins."""
    return -1e-3 * float(np.abs(edges.starts - zero).clip(max=FLAT_PX_PER_MM).mean())


def _refined(zero: float, pulses: _PulseMarks, edges: _Edges) -> float:
    """The median of what agrees with the best candidate: pulses if there are any, else the edges."""
    if pulses.weight(zero) > 0:
        return float(np.median(pulses.zeros[pulses.at(zero)]))
    near = 1.5 * FLAT_PX_PER_MM
    starts = edges.starts[np.abs(edges.starts - zero) < near]
    stops = edges.stops[np.abs(edges.stops - RECORD_PX - zero) < near] - RECORD_PX
    known = [float(np.median(values)) for values in (starts, stops) if values.size]
    return known[0] if known else zero
