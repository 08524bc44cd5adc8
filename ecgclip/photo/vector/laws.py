"""Limb leads obey Einthoven's law: a file that was read rightly obeys it to its own precision."""

from typing import Final

import numpy as np

from ecgclip.typing import Float64s, Signal

_LEAST_SAMPLES: Final = 500
"""A second at 500 Hz."""
_CAP_DB: Final = 99.0


def limb_laws_db(signal_mv: Signal) -> tuple[float, ...]:
    """The power of a limb lead over the error of its law, in dB, of each law of which a second is shown.

    II = I + III, aVR = -(I + II) / 2, aVL = (I - III) / 2, aVF = (II + III) / 2, aVR + aVL + aVF = 0, each
    less its mean.
    """
    one, two, three, avr, avl, avf = signal_mv[:6].astype(np.float64)
    laws = (
        (one + three, two),
        (-(one + two) / 2, avr),
        ((one - three) / 2, avl),
        ((two + three) / 2, avf),
        (-(avl + avf), avr),
    )
    found = (agreement_db(made, seen) for made, seen in laws)
    return tuple(value for value in found if value is not None)


def agreement_db(made: Float64s, seen: Float64s) -> float | None:
    """Power of `seen` over that of its difference from `made`, both less their means; None for under 1 s."""
    known = np.isfinite(made) & np.isfinite(seen)
    if known.sum() < _LEAST_SAMPLES:
        return None
    x, y = made[known] - made[known].mean(), seen[known] - seen[known].mean()
    power, error = float(y @ y), float((x - y) @ (x - y))
    if power <= 0:
        return None
    return min(_CAP_DB, 10 * float(np.log10(power / max(error, 1e-12))))
