"""Moire: photographed from a screen, its pixels beat with the camera's in slow coloured waves."""

from dataclasses import dataclass

import cv2
import numpy as np

from ecgclip.typing import Rgb


@dataclass(frozen=True)
class Moire:
    """A wave of `depth` (of the light) every `period_px` along `angle_deg`; colours lag by `lag` turns."""

    depth: float
    period_px: float
    angle_deg: float
    lag: float


def sample_moire(rng: np.random.Generator, strength: float) -> Moire:
    """Up to 15 % of the light at strength 1."""
    return Moire(
        depth=float(rng.uniform(0.03, 0.15) * strength),
        period_px=float(np.exp(rng.uniform(np.log(6), np.log(60)))),
        angle_deg=float(rng.uniform(0, 180)),
        lag=float(rng.uniform(0, 0.33)),
    )


def apply_moire(picture: Rgb, moire: Moire) -> Rgb:
    """The picture under the waves, uint8 RGB."""
    height, width = picture.shape[:2]
    angle = np.deg2rad(moire.angle_deg)
    turn = 2 * np.pi / moire.period_px
    across = np.exp(1j * turn * np.cos(angle) * np.arange(width)).astype(np.complex64)
    down = np.exp(1j * turn * np.sin(angle) * np.arange(height)).astype(np.complex64)
    result = np.empty_like(picture)
    for channel in range(3):
        lagged = down * np.complex64(np.exp(-2j * np.pi * moire.lag * channel))
        wave = np.outer(lagged.real, across.real) - np.outer(lagged.imag, across.imag)
        light = np.asarray(1 + moire.depth * wave, np.float32)
        result[..., channel] = cv2.multiply(picture[..., channel], light, dtype=cv2.CV_8U)
    return result
