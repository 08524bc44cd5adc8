"""Which way is up: traces run along the rows, and of two ways the one that more cues speak for."""

from dataclasses import replace
from functools import lru_cache
from importlib.resources import files
from typing import Final

import numpy as np
import numpy.typing as npt

from ecgclip.paper.geometry import Layout
from ecgclip.photo.layout.cues import NAMES
from ecgclip.photo.layout.layout import Sheet
from ecgclip.photo.layout.limbs import adding_up
from ecgclip.photo.layout.retile import row_traces
from ecgclip.photo.rows.rows import Row, level_strokes, row_profile

Floats = npt.NDArray[np.float32]

_EVEN: Final = 0.5
"""Strips agree with the leads that they repeat by 1, other rows by 0: from half on they are strips."""


def level_share(ink: Floats) -> float:
    """0..1: whether the traces run along x (1) or along y (0); .5 says nothing.

    Baselines gather on a few lines across the sheet; flanks of the QRS, though long, stand apart, and the
    fourth power sees four rows, not fifty faint grid lines.
    """
    across, along = _gathered(ink), _gathered(np.ascontiguousarray(ink.T))
    return across / (across + along) if across + along > 0 else 0.5


def _gathered(ink: Floats) -> float:
    profile = row_profile(level_strokes(ink)).astype(np.float64)
    return float(np.sqrt(np.sqrt((profile**4).sum())))


def half_turned(ink: Floats, rows: list[Row]) -> tuple[Floats, list[Row]]:
    """The same sheet and rows turned by 180 degrees."""
    height, width = ink.shape
    turned = [
        replace(
            row,
            baseline_px=height - 1 - row.baseline_px,
            start_px=width - row.stop_px,
            stop_px=width - row.start_px,
            curve_px=(height - 1 - row.curve_px)[::-1],
        )
        for row in reversed(rows)
    ]
    return np.ascontiguousarray(ink[::-1, ::-1]), turned


def upright_odds(stands: npt.NDArray[np.float64], turned: npt.NDArray[np.float64]) -> float:
    """Logarithm of the odds that a sheet stands upright, from its cues and those of the sheet half turned.

    The weights are a logistic regression over simulated photos (docs/experiments.md) without a constant, so
    that a sheet and its half turn get opposite odds.
    """
    return float(_weights() @ (stands - turned))


@lru_cache(maxsize=1)
def _weights() -> npt.NDArray[np.float64]:
    lines = files("ecgclip.photo.layout").joinpath("orientation.csv").read_text().split()[1:]
    table = dict(line.split(",") for line in lines)
    return np.array([float(table[name]) for name in NAMES])


def told_apart(sheet: Sheet) -> Sheet:
    """Six rows are 6x2 or three rhythm strips below 3x4: where the limb leads add up and strips repeat."""
    if sheet.layout is not Layout.L6X2:
        return sheet
    traces = row_traces(sheet)
    limbs, repeating = adding_up(traces, Layout.L3X4_3R)
    strips = limbs + repeating - _EVEN > adding_up(traces, Layout.L6X2)[0]
    return replace(sheet, layout=Layout.L3X4_3R) if strips else sheet


def likeliness(sheet: Sheet, share: float) -> float:
    """Compares a sheet with itself on its side: millimetres of trace, more beside pulses and in a layout.

    share: of the level strokes that run along the rows.
    """
    length_mm = sum(row.length_mm * row.coverage for row in sheet.rows)
    return length_mm * share * (1.0 + sheet.pulse_share) * (1.5 if sheet.layout else 1.0)
