"""Which layout the rows of a sheet form, and where its time begins."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from ecgclip.paper.geometry import Layout
from ecgclip.photo.flatten import FLAT_PX_PER_MM
from ecgclip.photo.pulse import CLEAR_PULSE, Pulse, find_pulse
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
    pulses: rows at which a calibration pulse was seen.
    """

    rows: tuple[Row, ...]
    layout: Layout | None
    zero_px: float
    pulses: int

    @property
    def label(self) -> str:
        return self.layout.label if self.layout else "unknown"


def read_sheet(ink: Floats, rows: list[Row]) -> Sheet:
    """Find time zero and the layout of a sheet with at least one row."""
    pulses = [find_pulse(ink, row) for row in rows]
    zero, seen = _time_zero(rows, pulses)
    return Sheet(tuple(rows), _layout(len(rows)), zero, seen)


def _layout(rows: int) -> Layout | None:
    return {3: Layout.L3X4, 4: Layout.L3X4_1R, 6: Layout.L6X2, 12: Layout.L12X1}.get(rows)


def _time_zero(rows: list[Row], pulses: list[Pulse]) -> tuple[float, int]:
    """Time zero by the pulses that agree with one another, or else by the rows' extent."""
    clear = [pulse for pulse in pulses if pulse.score > CLEAR_PULSE]
    if clear:
        ends = np.array([pulse.end_px for pulse in clear])
        votes = (np.abs(ends[:, None] - ends[None]) < _AGREE_PX).sum(axis=1)
        group = ends[np.abs(ends - ends[int(votes.argmax())]) < _AGREE_PX]
        return float(np.median(group)), int(group.size)
    start = float(np.median([row.start_px for row in rows]))
    stop = float(np.median([row.stop_px for row in rows]))
    return (stop - RECORD_PX if stop - start > RECORD_PX else start), 0
