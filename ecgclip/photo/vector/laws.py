"""Limb leads obey Einthoven's law: a file that was read rightly obeys it to its own precision."""

from typing import Final

import numpy as np

from ecgclip.typing import Float64s, Signal

_LEAST_SAMPLES: Final = 500
"""A second at 500 Hz."""
_CAP_DB: Final = 99.0


def limb_laws_db(signal_mv: Signal) -> tuple[float, ...]:
    """The power of the strongest limb lead over the error of each law of which a second is shown, in dB.

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
    known = signal_mv[:6][:, np.isfinite(signal_mv[:6]).any(axis=0)]
    strongest = float(np.nanvar(known, axis=1).max()) if np.isfinite(known).any(axis=1).all() else 0.0
    found = (agreement_db(made, seen, strongest) for made, seen in laws)
    return tuple(value for value in found if value is not None)


def agreement_db(made: Float64s, seen: Float64s, least_power: float = 0.0) -> float | None:
    """Power of `seen` over that of its difference from `made`, both less their means; None for under 1 s.

    least_power: in mV², in place of less: a lead that is all but flat is no worse read than the others.
    """
    known = np.isfinite(made) & np.isfinite(seen)
    if known.sum() < _LEAST_SAMPLES:
        return None
    x, y = made[known] - made[known].mean(), seen[known] - seen[known].mean()
    power, error = max(float(y @ y), least_power * x.size), float((x - y) @ (x - y))
    if power <= 0:
        return None
    return min(_CAP_DB, 10 * float(np.log10(power / max(error, 1e-12))))
