"""Which layout the rows of a sheet form, and where its time begins."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from ecgclip.paper.geometry import Layout
from ecgclip.photo.flatten import FLAT_PX_PER_MM
from ecgclip.photo.pulse import CLEAR_PULSE, FAINT_PULSE, Pulse, find_pulse
from ecgclip.photo.rows import Row
from ecgclip.units import RECORD_S, SPEED_MM_S

Floats = npt.NDArray[np.float32]

RECORD_PX: Final = RECORD_S * SPEED_MM_S * FLAT_PX_PER_MM
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
    pulses = [find_pulse(ink, row) for row in rows]
    zero, marked = _time_zero(rows, pulses)
    kept = _in_step(rows, marked)
    share = sum(pulse.score for pulse, mark in zip(pulses, marked, strict=True) if mark) / len(kept)
    return Sheet(tuple(kept), _layout(len(kept)), zero, share)


def _in_step(rows: list[Row], marked: npt.NDArray[np.bool_]) -> list[Row]:
    """Where pulses mark most rows, the others stay only if they stand one row's distance away."""
    if marked.sum() < 2 or marked.sum() * 2 < len(rows):
        return rows
    heights = np.array([row.baseline_px for row in rows])
    step = float(np.median(np.diff(heights[marked])))
    kept = []
    for row, mark in zip(rows, marked, strict=True):
        nearest = float(np.abs(heights[marked] - row.baseline_px).min())
        if mark or abs(nearest - step) < 0.12 * step:
            kept.append(row)
    return kept


def _layout(rows: int) -> Layout | None:
    return {3: Layout.L3X4, 4: Layout.L3X4_1R, 6: Layout.L6X2, 12: Layout.L12X1}.get(rows)


def _time_zero(rows: list[Row], pulses: list[Pulse]) -> tuple[float, npt.NDArray[np.bool_]]:
    """Time zero by the pulses that agree with one another, or else by the rows' extent.

    Also which rows have such a pulse, bool [row].
    """
    ends = np.array([pulse.end_px for pulse in pulses])
    scores = np.array([pulse.score for pulse in pulses])
    near = np.abs(ends[:, None] - ends[None]) < _AGREE_PX
    votes = (near * np.where(scores > FAINT_PULSE, scores, 0.0)[None]).sum(axis=1)
    best = int(votes.argmax())
    if votes[best] > min(2 * FAINT_PULSE, CLEAR_PULSE):
        marked = near[best] & (scores > FAINT_PULSE)
        return float(np.median(ends[marked])), marked
    start = float(np.median([row.start_px for row in rows]))
    stop = float(np.median([row.stop_px for row in rows]))
    return (stop - RECORD_PX if stop - start > RECORD_PX else start), np.zeros(len(rows), np.bool_)
