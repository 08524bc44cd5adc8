"""What the network has to say to the classical steps: which ink is a trace, and which way is up."""

from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from ecgclip.photo.flatten import FLAT_PX_PER_MM
from ecgclip.photo.network import Reading

Floats = npt.NDArray[np.float32]

_REACH_MM: Final = 0.5
"""Ink counts where the network sees a trace this near: the print's pen is broader than its drawn line."""
_LEAST: Final = 1 / 40
"""Chance of a trace from which ink is kept whole: on foreign print the network is timid, seldom blind."""
_AN_ECG: Final = 0.5
"""Where the network sees no ECG it has no say: strips at odd scales and such."""
_CERTAIN: Final = 0.01
"""No vote is surer than this leaves room for."""


def confirmed_ink(ink: Floats, reading: Reading, inside: npt.NDArray[np.bool_]) -> Floats:
    """Ink without what the network takes for grid, text and stains, and with the trace that it sees.

    ink: 0..1, float32 [y, x], as the reading's trace; inside: where the paper lies.
    """
    if reading.ecg < _AN_ECG:
        return ink
    size = 2 * round(_REACH_MM * FLAT_PX_PER_MM) + 1
    near = cv2.dilate(reading.trace, np.ones((size, size), np.uint8))
    kept = cv2.multiply(ink, np.minimum(near * np.float32(1 / _LEAST), np.float32(1)))
    return np.where(inside, np.maximum(kept, reading.trace), np.float32(0)).astype(np.float32, copy=False)


def way_votes(reading: Reading) -> Floats:
    """Log chances that 0..3 quarter turns counter-clockwise make the sheet upright; all equal: no vote."""
    if reading.ecg < _AN_ECG:
        return np.zeros(4, np.float32)
    return np.log(np.clip(reading.way, _CERTAIN, 1 - _CERTAIN)).astype(np.float32)
