"""The steps from the paths of a page to a `VectorReading`, in their order.

join.py    pieces of lines end to end, the page upright; chain.py: scattered pieces
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
from ecgclip.photo.signal import SIGNAL_RATE_HZ
from ecgclip.photo.vector.chain import chained
from ecgclip.photo.vector.curves import Curve, traces_of, without_lifts, without_pulses
from ecgclip.photo.vector.gaps import TimedPiece
from ecgclip.photo.vector.join import joined, upright
from ecgclip.photo.vector.panels import Piece, has_own_name, pieces_of
from ecgclip.photo.vector.paths import PagePaths
from ecgclip.photo.vector.pulses import Pulse
from ecgclip.photo.vector.reading import LeadTrace, Place, VectorReading, plausible
from ecgclip.photo.vector.scale import Scale, in_grid_mm, scale_of
from ecgclip.photo.vector.settings import Label, labels_of
from ecgclip.photo.vector.timing import timed
from ecgclip.photo.vector.unnamed import UNNAMED, arrangements, chest_leads
from ecgclip.signal.beats import find_beats
from ecgclip.units import LEADS

_FEWEST_LEADS: Final = 6
_MOST_LABELS: Final = 80
_MOST_CURVES: Final = 200
"""A page of more is no print of an ECG."""
_MOST_ABSENT: Final = 2
"""Leads that are named without a trace: more mean that names and traces were paired wrongly."""
_SHORTEST_S: Final = 1.1
"""Shorter pieces are averaged beats, not a recording."""
_LONGEST_S: Final = 2.4
_FASTEST_BPM: Final = 240.0
"""Where no paper speed is printed, a page of shorter pieces, or of a faster heart, is a chart."""
_PROOF_DB: Final = 12.0
_SAME_LEVEL_MM: Final = 3.0


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
    sheet = _Sheet(page, scale, quarters)
    if len({label.lead for label in labels}) >= _FEWEST_LEADS:
        return _named(curves, labels, sheet)
    return _chest(curves, sheet) if behind_limb_leads else _unnamed(curves, sheet)


@dataclass(frozen=True, eq=False)
class _Sheet:
    """An upright page in millimetres of its grid; quarters: how often it was turned clockwise."""

    page: PagePaths
    scale: Scale
    quarters: int


def _named(curves: list[Curve], labels: tuple[Label, ...], sheet: _Sheet) -> VectorReading | None:
    whole = without_lifts(curves, has_own_name(curves, labels))
    reading = _reading(pieces_of(whole, labels), sheet)
    if reading is None or not plausible(reading):
        return None
    absent = {label.lead for label in labels} - reading.leads
    return reading if len(absent) <= _MOST_ABSENT else None


def _chest(curves: list[Curve], sheet: _Sheet) -> VectorReading | None:
    reading = _reading(chest_leads(curves), sheet)
    return reading if reading is not None and plausible(reading) else None


def _unnamed(curves: list[Curve], sheet: _Sheet) -> VectorReading | None:
    for pieces in arrangements(curves):
        reading = _reading(pieces, sheet)
        if reading is not None and _proved(reading):
            return replace(reading, warnings=(UNNAMED, *reading.warnings))
    return None


def _reading(pieces: list[Piece], sheet: _Sheet) -> VectorReading | None:
    """What pieces with names say; None where they are of too few leads."""
    scale = sheet.scale
    pieces = [p for p in pieces if p.curve.right - p.curve.left >= _SHORTEST_S * scale.speed_mm_s]
    if len({piece.lead for piece in pieces}) < _FEWEST_LEADS:
        return None
    timing = timed(pieces, scale.speed_mm_s)
    curves = tuple(piece.curve for piece in pieces)
    panels = _panels(timing.pieces, scale)
    reading = VectorReading(
        tuple(_in_mv(piece, panel) for piece, panel in zip(timing.pieces, panels, strict=True)),
        timing.layout,
        scale.speed_mm_s,
        scale.gain_mm_mv,
        timing.columns,
        Place(curves, _longest_first(panels), sheet.page.size_mm, (scale.x, scale.y), sheet.quarters),
        scale.warnings + timing.warnings,
    )
    return reading if scale.speed_printed or _lasts_as_hearts_do(reading) else None


def _lasts_as_hearts_do(reading: VectorReading) -> bool:
    """Whether the seconds of a page can be those of an ECG, though nothing printed says how long they are."""
    longest = max(reading.traces, key=lambda trace: trace.time_s[-1] - trace.time_s[0])
    seconds = float(longest.time_s[-1] - longest.time_s[0])
    signal = reading.signal_mv[[LEADS.index(longest.lead)]]
    beats = find_beats(signal, float(SIGNAL_RATE_HZ)).size
    return seconds >= _LONGEST_S and 60 * beats / seconds <= _FASTEST_BPM


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


def _proved(reading: VectorReading) -> bool:
    """Whether the limb leads prove an order that nothing printed says."""
    laws = reading.laws_db()
    return plausible(reading) and len(laws) > 0 and min(laws) > _PROOF_DB
