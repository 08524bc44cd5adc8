"""Heart beats as drawn by hand or by a program: the same ideal beat again and again."""

import numpy as np

from ecgclip.typing import Float64s

_WAVES = (
    (-0.17, 0.024, 0.14),
    (-0.028, 0.008, -0.12),
    (0.0, 0.011, 1.0),
    (0.03, 0.01, -0.25),
    (0.24, 0.045, 0.28),
)
"""Time of the middle in seconds, width, height of P, Q, R, S and T."""


def cartoon(rng: np.random.Generator, seconds: float, count: int) -> Float64s:
    """A strip [point] with heights about 0..1: sine-smooth waves, no noise, often all beats alike."""
    time_s = np.linspace(0, seconds, count)
    rr = rng.uniform(0.45, 1.2)
    beats = np.arange(rng.uniform(0, rr), seconds + rr, rr)
    if rng.random() < 0.3:
        beats = beats + rng.normal(0, 0.12 * rr, len(beats))
    scale = rng.uniform(0.6, 1.4, len(_WAVES))
    if rng.random() < 0.2:
        scale[0] = 0
    strip = np.zeros(count)
    for beat in beats:
        for (middle, width, height), size in zip(_WAVES, scale, strict=True):
            strip += (
                size
                * height
                * np.exp(-(((time_s - beat - middle) / (width * rng.uniform(0.98, 1.02))) ** 2) / 2)
            )
    return strip
