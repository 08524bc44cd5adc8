"""`VectorReading`: what the paths of a page, or of several, say about an ECG."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from ecgclip.photo.page import ReadPanel
from ecgclip.photo.signal import SIGNAL_RATE_HZ, SIGNAL_SAMPLES
from ecgclip.photo.vector.between import at_times
from ecgclip.photo.vector.curves import Curve
from ecgclip.photo.vector.laws import limb_laws_db
from ecgclip.typing import Float64s, Signal
from ecgclip.units import LEADS

_LEAST_LAW_DB: Final = 10.0
_LONGER: Final = 1.02
"""A page that shows more than this many times 10 s shows a longer record."""
_HEIGHTS_MV: Final = (0.05, 30.0)
"""Median height of an ECG's leads, from lowest to highest."""


@dataclass(frozen=True, eq=False)
class LeadTrace:
    """A lead at the vertices of the file.

    time_s: float64 [vertex], from the start of the recording. value_mv: float64 [vertex].
    """

    lead: str
    time_s: Float64s
    value_mv: Float64s


@dataclass(frozen=True, eq=False)
class VectorReading:
    """An ECG read from paths.

    Attributes:
        traces: The leads, each as often as the page shows it.
        layout: Rows x columns, with rhythm strips, such as `3x4+1R(II)`.
        speed_mm_s: Paper speed.
        gain_mm_mv: Gain of the limb leads.
        columns: Whether columns follow one another or show the same seconds, and why.
        warnings: What was assumed.
        place: Where the traces stand on the page, for pictures.
    """

    traces: tuple[LeadTrace, ...]
    layout: str
    speed_mm_s: float
    gain_mm_mv: float
    columns: str
    place: "Place"
    warnings: tuple[str, ...] = ()

    @property
    def leads(self) -> frozenset[str]:
        return frozenset(trace.lead for trace in self.traces)

    @property
    def signal_mv(self) -> Signal:
        """float32 [12, sample] at 500 Hz, NaN where nothing is shown; of a lead, its longest piece counts.

        10 s, or as many more as the page shows.
        """
        stop_s = max(float(trace.time_s[-1]) for trace in self.traces)
        samples = int(np.floor(stop_s * SIGNAL_RATE_HZ + 0.01)) + 1
        times = np.arange(samples if samples > _LONGER * SIGNAL_SAMPLES else SIGNAL_SAMPLES) / SIGNAL_RATE_HZ
        signal = np.full((len(LEADS), times.size), np.nan, np.float32)
        for trace in sorted(self.traces, key=lambda t: t.time_s[0] - t.time_s[-1]):
            row = signal[LEADS.index(trace.lead)]
            values = at_times(times, trace.time_s, trace.value_mv)
            first = np.searchsorted(times, trace.time_s[0] - 0.01 / SIGNAL_RATE_HZ)
            if first < times.size and np.isnan(values[first]) and times[first] <= trace.time_s[0]:
                values[first] = trace.value_mv[0]
            row[:] = np.where(np.isnan(row), values, row)
        return signal

    def laws_db(self) -> tuple[float, ...]:
        return limb_laws_db(self.signal_mv)


@dataclass(frozen=True, eq=False)
class Place:
    """Where the traces stand, in mm of the grid from the top left corner of the page, and its size and scale.

    panels: in the order in which they count. quarters: how often the page was turned clockwise.
    """

    curves: tuple[Curve, ...]
    panels: tuple[ReadPanel, ...]
    size_mm: tuple[float, float]
    scale: tuple[float, float]
    quarters: int = 0


def plausible(reading: VectorReading) -> bool:
    """Whether the heights are those of an ECG, and the limb leads, where all are shown, add up."""
    heights = [float(np.ptp(trace.value_mv)) for trace in reading.traces]
    laws = reading.laws_db()
    return _HEIGHTS_MV[0] < float(np.median(heights)) < _HEIGHTS_MV[1] and (
        not laws or min(laws) > _LEAST_LAW_DB
    )


def combined(first: VectorReading, then: VectorReading) -> VectorReading | None:
    """Limb leads of one page and chest leads of another as one ECG; None where they are of two."""
    if first.leads & then.leads or (first.speed_mm_s, first.layout) != (then.speed_mm_s, then.layout):
        return None
    lengths = [max(float(trace.time_s[-1]) for trace in page.traces) for page in (first, then)]
    if abs(lengths[0] - lengths[1]) > 0.05 * max(lengths):
        return None
    warnings = first.warnings + tuple(line for line in then.warnings if line not in first.warnings)
    return replace(first, traces=first.traces + then.traces, warnings=warnings)
