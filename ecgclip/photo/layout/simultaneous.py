"""Whether columns show the same seconds: then augmented leads follow from I and II beside them."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from ecgclip.photo.curves.read_rows import RowCurve
from ecgclip.photo.layout.panel import PrintedPanel
from ecgclip.photo.signal import SIGNAL_RATE_HZ, signal_of
from ecgclip.signal.likeness import agreement
from ecgclip.typing import Float64s, Signal
from ecgclip.units import LEADS

_SAME: Final = 0.95
"""Leads of the same seconds agree with what I and II make of them by nearly 1; of others by less."""
_BEAT_TOGETHER: Final = 0.5
"""Correlation of where beats are in columns and in the strip below, if both show the same seconds."""
_QRS_S: Final = 0.08
_ENOUGH: Final = SIGNAL_RATE_HZ
"""Samples that they must share."""


def with_their_time(
    panels: tuple[PrintedPanel, ...], curves: Sequence[RowCurve], strips: int
) -> tuple[PrintedPanel, ...]:
    """The panels, all beginning at second 0 where their columns show the same seconds.

    panels: as if columns followed each other; the last `strips` of them are strips.
    """
    own = panels[: len(panels) - strips]
    if len({panel.start_s for panel in own}) < 2:
        return panels
    if strips and _beats_together(own, panels[len(own)], curves):
        return panels
    together = tuple(replace(panel, start_s=0.0) for panel in own)
    return together + panels[len(own) :] if _adds_up(own, signal_of(together, curves)) else panels


def _beats_together(own: Sequence[PrintedPanel], strip: PrintedPanel, curves: Sequence[RowCurve]) -> bool:
    """Whether the later columns beat when the strip below them does."""
    later = [panel for panel in own if panel.start_s > 0]
    columns = _energy(signal_of(later, curves))
    below = _energy(signal_of((replace(strip, lead=LEADS[0]),), curves))
    known = (columns > 0) & (below > 0)
    if known.sum() < _ENOUGH:
        return False
    return float(np.corrcoef(columns[known], below[known])[0, 1]) > _BEAT_TOGETHER


def _energy(signal_mv: Signal) -> Float64s:
    """Squared slope of all leads, smoothed over a QRS complex, float64 [sample - 1]; 0 where blank."""
    slope = np.nansum(np.diff(signal_mv, axis=1) ** 2, axis=0)
    width = round(_QRS_S * SIGNAL_RATE_HZ)
    return np.asarray(np.convolve(slope, np.ones(width) / width, "same"))


def _adds_up(panels: Sequence[PrintedPanel], signal_mv: Signal) -> bool:
    """Whether aVR, aVL and aVF, in columns of their own, are what I and II make of them."""
    starts = {panel.lead.removeprefix("-"): panel.start_s for panel in panels}
    one, two, _, avr, avl, avf = signal_mv[:6]
    made = {"aVR": (-(one + two) / 2, avr), "aVL": (one - two / 2, avl), "aVF": (two - one / 2, avf)}
    found = [
        agreement(*pair, _ENOUGH) or 0.0
        for lead, pair in made.items()
        if lead in starts and starts.get("I") == starts.get("II") != starts[lead]
    ]
    return len(found) > 0 and float(np.mean(found)) > _SAME
