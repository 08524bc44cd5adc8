"""What the network has to say to the classical steps: which ink is a trace, and which way is up."""

from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from ecgclip.photo.flat.flatten import FLAT_PX_PER_MM
from ecgclip.photo.flat.network import Reading

Floats = npt.NDArray[np.float32]

_REACH_MM: Final = 0.5
"""Ink counts where the network sees a trace this near: the print's pen is broader than its drawn line."""
_LEAST: Final = 1 / 40
"""Chance of a trace from which ink is kept whole: on foreign print the network is timid, seldom blind."""
_BESIDE_MM: Final = 0.25
_PALE: Final = 0.3
"""Where ink is paler all around, the trace went with the grid: only there what the network sees is put."""
_AN_ECG: Final = 0.5
"""Where the network sees no ECG it has no say: strips at odd scales and such."""
_DOUBT: Final = 0.5
"""Share of its answers on the way up that is taken as said by chance: cues decide where they are clear."""


def confirmed_ink(ink: Floats, reading: Reading, inside: npt.NDArray[np.bool_]) -> Floats:
    """Ink without what the network takes for grid, text and stains, and with the trace that it sees.

    ink: 0..1, float32 [y, x], as the reading's trace; inside: where the paper lies.
    """
    if reading.ecg < _AN_ECG:
        return ink
    kept = _grown(reading.trace, _REACH_MM)
    # in place: sheets are large, and a query's memory is bounded
    np.minimum(np.multiply(kept, 1 / _LEAST, out=kept), 1.0, out=kept)
    np.multiply(kept, ink, out=kept)
    np.copyto(kept, reading.trace, where=_grown(kept, _BESIDE_MM) < _PALE)
    kept[~inside] = 0.0
    return kept


def _grown(values: Floats, reach_mm: float) -> Floats:
    size = 2 * round(reach_mm * FLAT_PX_PER_MM) + 1
    return np.asarray(cv2.dilate(values, np.ones((size, size), np.uint8)), np.float32)


def way_votes(reading: Reading) -> Floats:
    """Log chances that 0..3 quarter turns counter-clockwise make the sheet upright; all equal: no vote."""
    if reading.ecg < _AN_ECG:
        return np.zeros(4, np.float32)
    return np.asarray(np.log((1 - _DOUBT) * reading.way + _DOUBT / 4), np.float32)
