"""How the network's reading corrects the classical steps: which ink is a trace, and which side is up."""

from typing import Final

import cv2
import numpy as np

from ecgclip.photo.flat.cells import CELL_PX
from ecgclip.photo.flat.network import SheetReading
from ecgclip.photo.flat.paper_map import FLAT_PX_PER_MM
from ecgclip.typing import Bools, Float32s

_REACH_MM: Final = 0.5
"""Ink counts where the network sees a trace this near: the print's pen is broader than its drawn line."""
_LEAST: Final = 1 / 40
"""Probability of a trace from which ink is kept at full strength.

On unfamiliar prints it is low, seldom 0.
"""
_BESIDE_MM: Final = 0.25
_PALE: Final = 0.3
"""Ink below which the trace was removed with the grid; only there the network's trace is put in."""
_AN_ECG: Final = 0.5
"""Probability of an ECG below which the network's reading is ignored, as of strips at unusual scales."""
_DOUBT: Final = 0.5
"""Share of the network's votes on the orientation assumed to be random, so that clear cues outweigh it."""


def confirmed_ink(ink: Float32s, reading: SheetReading, inside: Bools) -> Float32s:
    """Ink without what the network takes for grid, text and stains, and with the trace that it sees.

    Pulses stay: time zero is found by them. ink: 0..1, float32 [y, x], as the reading's trace; inside:
    where the paper lies.
    """
    if reading.ecg < _AN_ECG:
        return ink
    kept = _grown(_with_pulses(reading), _REACH_MM)
    # in place: sheets are large, and a query's memory is bounded
    np.minimum(np.multiply(kept, 1 / _LEAST, out=kept), 1.0, out=kept)
    np.multiply(kept, ink, out=kept)
    np.copyto(kept, reading.trace, where=_grown(kept, _BESIDE_MM) < _PALE)
    kept[~inside] = 0.0
    return kept


def _with_pulses(reading: SheetReading) -> Float32s:
    """The trace, and the pulses where they were read."""
    if reading.cells.size == 0:
        return reading.trace
    height, width = reading.trace.shape
    pulse = np.repeat(np.repeat(reading.pulse, CELL_PX, axis=0), CELL_PX, axis=1)
    return np.maximum(reading.trace, pulse[:height, :width])


def _grown(values: Float32s, reach_mm: float) -> Float32s:
    size = 2 * round(reach_mm * FLAT_PX_PER_MM) + 1
    return np.asarray(cv2.dilate(values, np.ones((size, size), np.uint8)), np.float32)


def orientation_votes(reading: SheetReading) -> Float32s:
    """Logarithmic chances that 0..3 quarter turns counter-clockwise make it upright; all equal: no vote."""
    if reading.ecg < _AN_ECG:
        return np.zeros(4, np.float32)
    return np.asarray(np.log((1 - _DOUBT) * reading.orientation + _DOUBT / 4), np.float32)
