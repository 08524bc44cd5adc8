"""Noise: few photons and warm electronics, stronger in dark rooms."""

from dataclasses import dataclass

import cv2
import numpy as np

from ecgclip.typing import Rgb

TILE_PX = 384
"""Noise repeats after this many pixels: drawing it for every pixel would cost more than all else."""


@dataclass(frozen=True)
class Noise:
    """Standard deviation in grey levels, the share that is common to the three colours, and the seed."""

    sigma: float
    common: float
    seed: int


def sample_noise(rng: np.random.Generator, strength: float) -> Noise:
    """Up to 9 grey levels at strength 1."""
    return Noise(
        sigma=float(rng.uniform(1, 9) * strength),
        common=float(rng.uniform(0.4, 1.0)),
        seed=int(rng.integers(2**31)),
    )


def apply_noise(picture: Rgb, noise: Noise) -> Rgb:
    """The noisy picture, uint8 RGB."""
    rng = np.random.default_rng(noise.seed)
    own = rng.standard_normal((TILE_PX, TILE_PX, 3), np.float32) * (1 - noise.common)
    tile = noise.sigma * (own + noise.common * rng.standard_normal((TILE_PX, TILE_PX, 1), np.float32))
    height, width = picture.shape[:2]
    whole = np.round(tile).astype(np.int16)
    repeated = np.tile(whole, (-(-height // TILE_PX), -(-width // TILE_PX), 1))[:height, :width]
    return np.asarray(cv2.add(picture, repeated, dtype=cv2.CV_8U), np.uint8)
