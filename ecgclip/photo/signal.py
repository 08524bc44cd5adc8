"""From the curves of a sheet to the twelve leads of the record, at 500 Hz."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import numpy as np

from ecgclip.paper.geometry import Layout, Panel, page_geometry, px_to_mm
from ecgclip.paper.traces import TRACE_RATE_HZ, panel_samples_at_trace_rate
from ecgclip.photo.flat.paper_map import FLAT_PX_PER_MM
from ecgclip.photo.layout.sheet import Sheet
from ecgclip.typing import Float32s, Float64s, Signal
from ecgclip.units import LEADS, RECORD_S, SPEED_MM_S

SIGNAL_RATE_HZ: Final = 500
SIGNAL_SAMPLES: Final = round(RECORD_S * SIGNAL_RATE_HZ)
_FINER: Final = SIGNAL_RATE_HZ // TRACE_RATE_HZ
_FEWEST: Final = 2
"""Samples between which something can be interpolated."""


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


def panels_of(sheet: Sheet) -> tuple[Panel, ...]:
    """Where the pieces of `signal_of` were read, in mm of the flat sheet; in the order in which they count.

    The first panel that shows a lead at a time is the one that it was read from there.
    """
    if sheet.layout is None:
        return ()
    places = []
    for panel in _own_panels_first(sheet.layout):
        if panel.row < len(sheet.rows):
            start_px = sheet.zero_px + panel.start_s * SPEED_MM_S * FLAT_PX_PER_MM
            baseline_mm = px_to_mm(sheet.rows[panel.row].baseline_px, FLAT_PX_PER_MM)
            places.append(replace(panel, x_mm=px_to_mm(start_px, FLAT_PX_PER_MM), baseline_mm=baseline_mm))
    return tuple(places)


def finer_curve(samples: Float32s, factor: int) -> Float32s:
    """Interpolate a curve [sample] to [sample * factor]; NaN stays NaN.

    Each run of known samples is a cubic of Catmull and Rom through them, prolonged straight on at its ends;
    the last sample of a run is held until the next would come.
    """
    finer = np.full(samples.size * factor, np.nan, np.float32)
    for first, stop in _known_runs(samples):
        finer[first * factor : stop * factor] = _cubic(samples[first:stop], factor)
    return finer


def _known_runs(samples: Float32s) -> Iterator[tuple[int, int]]:
    known = np.concatenate([[False], ~np.isnan(samples), [False]])
    edges = np.flatnonzero(known[1:] != known[:-1])
    yield from zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)


def _cubic(run: Float32s, factor: int) -> Float32s:
    if run.size < _FEWEST:
        return np.repeat(run, factor)
    padded = np.concatenate([[2 * run[0] - run[1]], run, [2 * run[-1] - run[-2]]])
    neighbours = np.lib.stride_tricks.sliding_window_view(padded, 4)
    between = (neighbours @ _catmull_rom(factor)).ravel()
    return np.concatenate([between, np.full(factor, run[-1])]).astype(np.float32)


def _catmull_rom(factor: int) -> Float64s:
    """Weights of four neighbours at the places between the middle two, float64 [4, factor]."""
    t = np.arange(factor) / factor
    weights = [-t + 2 * t**2 - t**3, 2 - 5 * t**2 + 3 * t**3, t + 4 * t**2 - 3 * t**3, -(t**2) + t**3]
    return np.stack(weights) / 2
