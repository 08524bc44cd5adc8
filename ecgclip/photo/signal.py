"""From the curves of a sheet to the twelve leads of the record, at 500 Hz."""

from collections.abc import Iterator
import numpy as np

from ecgclip.paper.geometry import Layout, Panel, page_geometry
from ecgclip.photo.layout.sheet import Sheet
from ecgclip.typing import Float32s, Signal
from ecgclip.units import LEADS, RECORD_S


def signal_of(rows_mv: Float32s, layout: Layout | None) -> Signal:
    """The leads that rows show, float32 [12, 5000] in mV at `SIGNAL_RATE_HZ`, NaN where they show nothing.

    rows_mv: float32 [row, 5000], the rows of the layout from time zero on (`curves.sampling`).
    A sample stands at its time in the record: column k of a 3x4 print begins at 2.5 k seconds. A rhythm strip
    gives its lead where the lead's own panel has nothing. Without a layout no lead has a name: all NaN.
    """
    signal = np.full((len(LEADS), SIGNAL_SAMPLES), np.nan, np.float32)
    if layout is None:
        return signal
    for panel in _own_panels_first(layout):
        own = slice(round(panel.start_s * SIGNAL_RATE_HZ), round(panel.stop_s * SIGNAL_RATE_HZ))
        lead = signal[LEADS.index(panel.lead), own]
        lead[:] = np.where(np.isnan(lead), rows_mv[panel.row, own], lead)
    return signal


def _own_panels_first(layout: Layout) -> Iterator[Panel]:
    """The panels of the leads, then those of the rhythm strips."""
    yield from sorted(page_geometry(layout).panels, key=lambda panel: panel.row >= layout.rows)
