"""`VectorReading`: what the paths of a page, or of several, say about an ECG; and the steps that find it.

join.py    pieces of lines end to end, the page upright
scale.py   grid, pulses, printed speed and gain
curves.py  which lines are traces
panels.py  which lead each trace shows, by its name; unnamed.py: without names
timing.py  when each of them begins
laws.py    whether the limb leads add up
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from ecgclip.photo.page import ReadPanel
from ecgclip.photo.signal import SIGNAL_RATE_HZ, SIGNAL_SAMPLES
from ecgclip.photo.vector.between import at_times
from ecgclip.photo.vector.chain import chained
from ecgclip.photo.vector.curves import Curve, traces_of, without_lifts, without_pulses
from ecgclip.photo.vector.gaps import TimedPiece
from ecgclip.photo.vector.join import joined, upright
from ecgclip.photo.vector.laws import limb_laws_db
from ecgclip.photo.vector.panels import Piece, has_own_name, pieces_of
from ecgclip.photo.vector.paths import PagePaths
from ecgclip.photo.vector.pulses import Pulse
from ecgclip.photo.vector.scale import Scale, in_grid_mm, scale_of
from ecgclip.photo.vector.settings import labels_of
from ecgclip.photo.vector.timing import timed
from ecgclip.photo.vector.unnamed import UNNAMED, arrangements, chest_leads
from ecgclip.typing import Float64s, Signal
from ecgclip.units import LEADS

_FEWEST_LEADS: Final = 6
_MOST_LABELS: Final = 80
_MOST_CURVES: Final = 200
"""A page of more is no print of an ECG."""
_MOST_ABSENT: Final = 2
"""Leads that are named without a trace: more mean that names and traces were paired wrongly."""
_SHORTEST_S: Final = 1.5
"""Shorter pieces are averaged beats, not a recording."""
_LEAST_LAW_DB: Final = 10.0
_LONGER: Final = 1.02
"""A page that shows more than this many times 10 s shows a longer record."""
_PROOF_DB: Final = 12.0
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


def read_page(paths: PagePaths, *, behind_limb_leads: bool = False) -> VectorReading | None:
    """Read a page's paths; None where they show no ECG that can be named and timed.

    behind_limb_leads: six traces without names are then the chest leads.
    """
    whole, quarters = upright(joined(paths))
    whole = chained(whole) if paths.lines else whole
    scale = scale_of(whole)
    if scale is None:
        return None
    page = in_grid_mm(whole, scale)
    labels = labels_of(page.words)
    curves = without_pulses(traces_of(page)[0], scale.pulses)
    if len(labels) > _MOST_LABELS or len(curves) > _MOST_CURVES:
        return None
    curves = without_lifts(curves, has_own_name(curves, labels))
    if len(named := {label.lead for label in labels}) >= _FEWEST_LEADS:
        reading = _reading(pieces_of(curves, labels), scale, page, quarters)
        complete = reading is not None and len(named - reading.leads) <= _MOST_ABSENT
        return reading if reading is not None and complete and plausible(reading) else None
    if behind_limb_leads:
        reading = _reading(chest_leads(curves), scale, page, quarters)
        return reading if reading is not None and plausible(reading) else None
    for pieces in arrangements(curves):
        reading = _reading(pieces, scale, page, quarters)
        if reading is not None and _proved(reading):
            return replace(reading, warnings=(UNNAMED, *reading.warnings))
    return None


def _reading(pieces: list[Piece], scale: Scale, page: PagePaths, quarters: int) -> VectorReading | None:
    """What pieces with names say; None where they are of too few leads."""
    pieces = [p for p in pieces if p.curve.right - p.curve.left >= _SHORTEST_S * scale.speed_mm_s]
    if len({piece.lead for piece in pieces}) < _FEWEST_LEADS:
        return None
    timing = timed(pieces, scale.speed_mm_s)
    curves = tuple(piece.curve for piece in pieces)
    panels = _panels(timing.pieces, scale)
    return VectorReading(
        tuple(_in_mv(piece, panel) for piece, panel in zip(timing.pieces, panels, strict=True)),
        timing.layout,
        scale.speed_mm_s,
        scale.gain_mm_mv,
        timing.columns,
        Place(curves, _longest_first(panels), page.size_mm, (scale.x, scale.y), quarters),
        scale.warnings + timing.warnings,
    )


def _panels(pieces: tuple[TimedPiece, ...], scale: Scale) -> list[ReadPanel]:
    """Where each piece stands: its zero is the foot of its row's pulse, else the middle of the row."""
    levels = _levels([piece.piece.curve for piece in pieces], scale.pulses)
    panels = []
    for timed_piece, level in zip(pieces, levels, strict=True):
        piece = timed_piece.piece
        gain = scale.chest_gain_mm_mv if piece.lead.startswith("V") else scale.gain_mm_mv
        start, stop = float(timed_piece.time_s[0]), float(timed_piece.time_s[-1])
        place = piece.curve.left, level, scale.speed_mm_s, piece.sign * gain
        panels.append(ReadPanel(piece.lead, start, stop, *place))
    return panels


def _longest_first(panels: list[ReadPanel]) -> tuple[ReadPanel, ...]:
    return tuple(sorted(panels, key=lambda panel: panel.start_s - panel.stop_s))


def _in_mv(piece: TimedPiece, panel: ReadPanel) -> LeadTrace:
    value_mv = (panel.baseline_mm - piece.piece.curve.y_mm) / panel.gain_mm_mv
    return LeadTrace(panel.lead, piece.time_s, value_mv)


_SAME_LEVEL_MM: Final = 3.0


def _levels(curves: list[Curve], pulses: tuple[Pulse, ...]) -> list[float]:
    """The height of 0 mV of each curve, in mm: its pulse's foot, else the middle of the curves beside it."""
    own = np.array([curve.level() for curve in curves])
    feet = np.array([pulse.foot for pulse in pulses])
    levels = []
    for level in own:
        near = feet[np.abs(feet - level) < _SAME_LEVEL_MM]
        beside = own[np.abs(own - level) < _SAME_LEVEL_MM]
        levels.append(float(np.median(near if near.size else beside)))
    return levels


def plausible(reading: VectorReading) -> bool:
    """Whether the heights are those of an ECG, and the limb leads, where all are shown, add up."""
    heights = [float(np.ptp(trace.value_mv)) for trace in reading.traces]
    laws = reading.laws_db()
    return _HEIGHTS_MV[0] < float(np.median(heights)) < _HEIGHTS_MV[1] and (
        not laws or min(laws) > _LEAST_LAW_DB
    )


def _proved(reading: VectorReading) -> bool:
    """Whether the limb leads prove an order that nothing printed says."""
    laws = reading.laws_db()
    return plausible(reading) and len(laws) > 0 and min(laws) > _PROOF_DB


def combined(first: VectorReading, then: VectorReading) -> VectorReading | None:
    """Limb leads of one page and chest leads of another as one ECG; None where they are of two."""
    if first.leads & then.leads or (first.speed_mm_s, first.layout) != (then.speed_mm_s, then.layout):
        return None
    lengths = [max(float(trace.time_s[-1]) for trace in page.traces) for page in (first, then)]
    if abs(lengths[0] - lengths[1]) > 0.05 * max(lengths):
        return None
    warnings = first.warnings + tuple(line for line in then.warnings if line not in first.warnings)
    return replace(first, traces=first.traces + then.traces, warnings=warnings)
