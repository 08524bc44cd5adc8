"""What a sheet shows: leads by their names where they can be read, else by the number of rows."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Self

import numpy as np

from ecgclip.paper.geometry import px_to_mm
from ecgclip.photo.curves.read_rows import BandReader, RowCurve, read_rows
from ecgclip.photo.flat.network import SheetReading
from ecgclip.photo.flat.paper_map import FLAT_PX_PER_MM
from ecgclip.photo.flat.words import OTHER
from ecgclip.photo.layout.columns import panels_of
from ecgclip.photo.layout.names import NamedLayout, named_layout
from ecgclip.photo.layout.panel import PrintedPanel, panels_by_count, shows_limb_leads
from ecgclip.photo.layout.scale import Choice, gain_of, speed_of
from ecgclip.photo.layout.sheet import Sheet
from ecgclip.photo.layout.simultaneous import with_their_time
from ecgclip.photo.layout.strips import identified
from ecgclip.photo.seen.pulses import SeenPulse, seen_pulses
from ecgclip.photo.seen.ridges import RidgeRow, seen_rows
from ecgclip.photo.seen.words import SeenWord, seen_words
from ecgclip.photo.signal import curve_at
from ecgclip.typing import Float32s, Uint8s
from ecgclip.units import GAIN_MM_MV, SPEED_MM_S

_LEAST_SHARE: Final = 0.4
"""Rows shorter than this share of the longest are none."""
_CLEAR: Final = 2.5
"""Score from which names decide ..."""
_FITTING: Final = 0.6
"""... if this share of them fits."""
_SURE: Final = 0.9
"""Speed and gain are said to be unsure below this probability."""
_SAME_SECONDS: Final = "the columns show the same seconds"
_STRIP_NAME_MM: Final = (30.0, 14.0)
"""The name of a strip stands this near to its start, along and across."""
_MOST_BY_NAMES: Final = 6.0
"""Log-odds that names may give to an orientation: as many as fit."""
_SAMPLES_PX: Final = 0.2
"""Pixels between the samples by which the speed is judged: 2 ms at 25 mm/s."""


@dataclass(frozen=True, eq=False)
class ReadLayout:
    """The panels of a sheet, their curves, and how sure each of these is.

    Attributes:
        panels: Where several show the same second of a lead, the first counts.
        curves: Of each row.
        label: Such as `3x4+1R(II)`; `unknown`.
        speed, gain: In mm/s and mm/mV.
        named: Whether the leads were named by what is printed.
        fitting: Share of the names seen that fit the layout; 0 where they did not name it.
        warnings: One sentence each.
    """

    panels: tuple[PrintedPanel, ...]
    curves: tuple[RowCurve, ...]
    label: str
    speed: Choice
    gain: Choice
    named: bool
    fitting: float
    warnings: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Seen:
    """What the network of sheets sees on an upright sheet, and the layout that the names say, if any."""

    words: tuple[SeenWord, ...]
    pulses: tuple[SeenPulse, ...]
    named: NamedLayout | None

    @classmethod
    def of(cls, reading: SheetReading) -> Self:
        words = seen_words(reading.words)
        rows = _long_rows(seen_rows(reading.baseline, reading.start, reading.stop))
        return cls(words, seen_pulses(reading.pulse), named_layout(rows, words))

    @property
    def is_clear(self) -> bool:
        """Whether the names decide."""
        named = self.named
        return named is not None and named.score >= _CLEAR and named.fitting >= _FITTING


class SeenTurns:
    """What is seen on a sheet in each of its turns, found when it is first asked for."""

    def __init__(self, reading: SheetReading) -> None:
        self._reading = reading
        self._found: dict[int, Seen] = {}

    def __getitem__(self, turns: int) -> Seen:
        """After so many quarter turns counter-clockwise."""
        if turns % 4 not in self._found:
            self._found[turns % 4] = Seen.of(self._reading.turned(turns))
        return self._found[turns % 4]

    def votes(self, votes: Float32s) -> Float32s:
        """Votes on the orientation, float32 [4], with what names say of the likeliest and its half turn.

        Upside down, names are no longer where a layout wants them. votes: logarithmic chances of 0..3 quarter
        turns.
        """
        told = votes.copy()
        likeliest = int(votes.argmax())
        for turns in (likeliest, (likeliest + 2) % 4):
            named = self[turns].named
            if named is not None:
                told[turns] += min(_MOST_BY_NAMES, named.score)
            if self[turns].is_clear:
                break
        return told


def read_layout(planes: Uint8s, seen: Seen, sheet: Sheet, network: BandReader) -> ReadLayout:
    """Read an upright sheet.

    planes: uint8 [3, y, x]. sheet: its rows by their ink, which stand in where names and baselines say too
    little.
    """
    if seen.named is None or not seen.is_clear:
        return _by_count(planes, sheet, seen.words, seen.pulses, network)
    return _by_names(planes, seen.named, sheet, seen.words, seen.pulses, network)


def _long_rows(rows: Sequence[RidgeRow]) -> list[RidgeRow]:
    longest = max((row.length_mm for row in rows), default=0.0)
    return [row for row in rows if row.length_mm > _LEAST_SHARE * longest]


def _by_names(
    planes: Uint8s,
    named: NamedLayout,
    sheet: Sheet,
    words: Sequence[SeenWord],
    pulses: Sequence[SeenPulse],
    network: BandReader,
) -> ReadLayout:
    first = min(row.start_mm for row in named.rows) * FLAT_PX_PER_MM
    last = max(row.stop_mm for row in named.rows) * FLAT_PX_PER_MM
    baselines = [row.baseline_px(planes.shape[2]) for row in named.rows]
    curves = tuple(read_rows(planes, baselines, (int(first), int(last) + 1), network))
    speed, gain = (
        speed_of(words, pulses, _samples(curves, first, last)),
        gain_of(words, pulses, sheet.pulse_share),
    )
    panels = panels_of(named, speed.value, gain.value, px_to_mm(sheet.zero_px, FLAT_PX_PER_MM))
    strips = len(named.strips)
    timed = with_their_time(panels, curves, strips)
    same = (_SAME_SECONDS,) if timed != panels else ()
    panels = identified(timed, curves, strips)
    label = named.template.label(tuple(panel.lead for panel in panels[len(panels) - strips :]))
    return ReadLayout(
        panels, curves, label, speed, gain, True, named.fitting, same + _scale_warnings(speed, gain)
    )


def _by_count(
    planes: Uint8s,
    sheet: Sheet,
    words: Sequence[SeenWord],
    pulses: Sequence[SeenPulse],
    network: BandReader,
) -> ReadLayout:
    """By the number of rows, or a strip by the name beside it."""
    first = sheet.zero_px
    last = max(row.stop_px for row in sheet.rows)
    levels = [np.full(planes.shape[2], row.baseline_px, np.float32) for row in sheet.rows]
    curves = tuple(read_rows(planes, levels, (round(first), round(last)), network))
    speed, gain = (
        speed_of(words, pulses, _samples(curves, first, last)),
        gain_of(words, pulses, sheet.pulse_share),
    )
    panels = tuple(
        replace(panel, gain_mm_mv=gain.value, speed_mm_s=speed.value) for panel in panels_by_count(sheet)
    )
    warnings = _scale_warnings(speed, gain)
    if not panels:
        panels = _named_strips(sheet, words, speed.value, gain.value)
    label = "6x1 limb" if shows_limb_leads(sheet) else sheet.label
    return ReadLayout(panels, curves, label, speed, gain, False, 0.0, warnings)


def _named_strips(
    sheet: Sheet, words: Sequence[SeenWord], speed_mm_s: float, gain_mm_mv: float
) -> tuple[PrintedPanel, ...]:
    """Rows of an unknown layout beside whose start one lead's name stands, each as a strip of that lead."""
    panels = []
    for number, row in enumerate(sheet.rows):
        near = [
            word
            for word in words
            if word.kind == "lead"
            and word.value != OTHER
            and abs(word.y_mm * FLAT_PX_PER_MM - row.baseline_px) < _STRIP_NAME_MM[1] * FLAT_PX_PER_MM
            and abs(word.x_mm * FLAT_PX_PER_MM - row.start_px) < _STRIP_NAME_MM[0] * FLAT_PX_PER_MM
        ]
        if near:
            lead = max(near, key=lambda word: word.chance).value
            panels.append(PrintedPanel(lead, number, sheet.zero_px, row.stop_px, 0.0, speed_mm_s, gain_mm_mv))
    return tuple(panels)


def _samples(curves: Sequence[RowCurve], first_px: float, last_px: float) -> Float32s:
    """The rows as samples 2 ms apart if 25 mm are a second, less their medians, float32 [row, sample]."""
    places = np.arange(first_px, last_px, _SAMPLES_PX)
    rows = np.stack([curve_at(curve.y_px, places) for curve in curves])
    known = ~np.isnan(rows).all(axis=1)
    rows[known] -= np.nanmedian(rows[known], axis=1, keepdims=True)
    return np.asarray(-rows / (FLAT_PX_PER_MM * GAIN_MM_MV), np.float32)


def _scale_warnings(speed: Choice, gain: Choice) -> tuple[str, ...]:
    found = []
    if speed.chance < _SURE:
        found.append(f"the paper speed is not sure: {speed.value:g} mm/s is assumed")
    elif speed.value != SPEED_MM_S:
        found.append(f"printed at {speed.value:g} mm/s")
    if gain.chance < _SURE:
        found.append(f"the gain is not sure: {gain.value:g} mm/mV is assumed")
    elif gain.value != GAIN_MM_MV:
        found.append(f"printed at {gain.value:g} mm/mV")
    return tuple(found)
