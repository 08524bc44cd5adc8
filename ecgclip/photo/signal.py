"""From the curves of a sheet to the twelve leads of the record, at 500 Hz."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from ecgclip.paper.geometry import Layout, Panel, page_geometry
from ecgclip.paper.traces import TRACE_RATE_HZ, panel_samples_at_trace_rate
from ecgclip.photo.layout.sheet import Sheet
from ecgclip.signal.finer import finer_curve
from ecgclip.typing import Signal
from ecgclip.units import LEADS, RECORD_S

SIGNAL_RATE_HZ: Final = 500
SIGNAL_SAMPLES: Final = round(RECORD_S * SIGNAL_RATE_HZ)
_FINER: Final = SIGNAL_RATE_HZ // TRACE_RATE_HZ


def signal_of(sheet: Sheet) -> Signal:
    """The leads that a sheet shows, float32 [12, 5000] in mV at `SIGNAL_RATE_HZ`, NaN where it shows nothing.

    A sample stands at its time in the record: column k of a 3x4 print begins at 2.5 k seconds. A rhythm strip
    gives its lead where the lead's own panel has nothing. Without a layout no lead has a name: all NaN.
    """
    signal = np.full((len(LEADS), SIGNAL_SAMPLES), np.nan, np.float32)
    if sheet.layout is None:
        return signal
    for panel in _own_panels_first(sheet.layout):
        first, stop = panel_samples_at_trace_rate(panel)
        finer = finer_curve(sheet.traces_mv[panel.row, first:stop], _FINER)
        lead = signal[LEADS.index(panel.lead), first * _FINER : stop * _FINER]
        lead[:] = np.where(np.isnan(lead), finer, lead)
    return signal


def _own_panels_first(layout: Layout) -> Iterator[Panel]:
    """The panels of the leads, then those of the rhythm strips."""
    yield from sorted(page_geometry(layout).panels, key=lambda panel: panel.row >= layout.rows)
