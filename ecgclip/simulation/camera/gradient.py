"""Gradient: a lamp or window at one side, and a lens that darkens towards the corners."""

from dataclasses import dataclass

import numpy as np

from ecgclip.typing import Float32s


@dataclass(frozen=True)
class Gradient:
    """Light changes by `slope` across the frame along `angle_deg`, and falls by `vignette` in the corners."""

    angle_deg: float
    slope: float
    vignette: float


def sample_gradient(rng: np.random.Generator, strength: float) -> Gradient:
    """Up to 40 % from side to side at strength 1."""
    return Gradient(
        angle_deg=float(rng.uniform(0, 360)),
        slope=float(rng.uniform(0.05, 0.4) * strength),
        vignette=float(rng.uniform(0, 0.2) * strength),
    )


def gradient_light(gradient: Gradient, x: Float32s, y: Float32s) -> Float32s:
    """Light at places of the frame (shares of it), 1 in its middle."""
    angle = np.deg2rad(gradient.angle_deg)
    along = (x - 0.5) * np.cos(angle) + (y - 0.5) * np.sin(angle)
    corner = ((x - 0.5) ** 2 + (y - 0.5) ** 2) * 2
    return np.asarray(1 + gradient.slope * along - gradient.vignette * corner, np.float32)
