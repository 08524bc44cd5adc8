"""Shadow: the hand, the phone or the head stands between the lamp and the page."""

from dataclasses import dataclass

import numpy as np

from ecgclip.typing import Float32s


@dataclass(frozen=True)
class Shadow:
    """Beyond a line through (x, y), shares of the frame, the light falls by `depth` over `softness`."""

    x: float
    y: float
    angle_deg: float
    depth: float
    softness: float


def sample_shadow(rng: np.random.Generator, strength: float) -> Shadow:
    """An edge through the middle half of the frame, up to 55 % darker at strength 1."""
    return Shadow(
        x=float(rng.uniform(0.25, 0.75)),
        y=float(rng.uniform(0.25, 0.75)),
        angle_deg=float(rng.uniform(0, 360)),
        depth=float(min(0.75, rng.uniform(0.15, 0.55) * strength)),
        softness=float(np.exp(rng.uniform(np.log(0.01), np.log(0.2)))),
    )


def shadow_light(shadow: Shadow, x: Float32s, y: Float32s) -> Float32s:
    """Light that is left at places of the frame (shares of it), 0..1."""
    angle = np.deg2rad(shadow.angle_deg)
    inside = (x - shadow.x) * np.cos(angle) + (y - shadow.y) * np.sin(angle)
    step = 1 / (1 + np.exp(-np.clip(inside / (shadow.softness / 4), -30, 30)))
    return np.asarray(1 - shadow.depth * step, np.float32)
