"""Which lead a rhythm strip shows: the one whose own panel it repeats."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from ecgclip.photo.curves.read_rows import RowCurve
from ecgclip.photo.layout.panel import PrintedPanel
from ecgclip.photo.signal import SIGNAL_RATE_HZ, signal_of
from ecgclip.signal.likeness import agreement
from ecgclip.typing import Signal
from ecgclip.units import LEADS

_ENOUGH: Final = SIGNAL_RATE_HZ
"""Samples that strip and panel must share."""
_ALIKE: Final = 0.8
"""A strip agrees with the panel of its lead by 1, with others less ..."""
_DOUBTFUL: Final = 0.5
_TAKEN_FOR_II: Final = ("I", "III")
"""Names a stroke off II, which three of four strips show: unless their panel agrees, the strip is II."""
_BETTER: Final = 0.15
"""... and a name that was read stands unless another lead agrees better by this."""


def identified(
    panels: Sequence[PrintedPanel], curves: Sequence[RowCurve], strips: int
) -> tuple[PrintedPanel, ...]:
    """The panels, the last `strips` of which are named by the panels that they repeat."""
    own = tuple(panels[: len(panels) - strips])
    leads_mv = signal_of(own, curves)
    return own + tuple(_identified(strip, curves, leads_mv) for strip in panels[len(own) :])


def _identified(strip: PrintedPanel, curves: Sequence[RowCurve], leads_mv: Signal) -> PrintedPanel:
    strip_mv = signal_of((replace(strip, lead=LEADS[0]),), curves)[0]
    found = {lead: agreement(strip_mv, own, _ENOUGH) for lead, own in zip(LEADS, leads_mv, strict=True)}
    alike = {lead: -1.0 if value is None else value for lead, value in found.items()}
    best = max(alike, key=lambda lead: alike[lead])
    if alike[best] > _ALIKE and alike.get(strip.lead, -1.0) < alike[best] - _BETTER:
        return replace(strip, lead=best)
    if strip.lead in _TAKEN_FOR_II and alike[strip.lead] < _DOUBTFUL:
        return replace(strip, lead="II")
    return strip
