"""Laws of the limb leads as a measure of reading: II = I + III, and aVR + aVL + aVF = 0."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from ecgclip.typing import Float32s, Signal

_ENOUGH: Final = 300
"""Samples at 500 Hz that the leads of a law must share."""
_LEAST_MV2: Final = 1e-7


def limb_laws_db(signal_mv: Signal) -> float | None:
    """How large the limb leads are beside what they miss their laws by, in dB; None where too few are shown.

    signal_mv: float32 [12, sample] in mV at 500 Hz, NaN where nothing is shown. The mean over both laws,
    each of the largest lead that takes part, offsets aside.
    """
    one, two, three, avr, avl, avf = signal_mv[:6]
    found = [_law_db((two, one, three), two - one - three), _law_db((avr, avl, avf), avr + avl + avf)]
    known = [value for value in found if value is not None]
    return float(np.mean(known)) if known else None


def _law_db(leads: Sequence[Float32s], missed: Float32s) -> float | None:
    shown = np.isfinite(missed)
    if shown.sum() < _ENOUGH:
        return None
    largest = max(float(lead[shown].var()) for lead in leads)
    return float(10 * np.log10(max(largest, _LEAST_MV2) / max(float(missed[shown].var()), _LEAST_MV2)))
