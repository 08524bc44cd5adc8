"""Tone: the camera's exposure, white balance and gamma."""

from dataclasses import dataclass

import cv2
import numpy as np

from ecgclip.typing import Rgb


@dataclass(frozen=True)
class Tone:
    """Gains of red, green and blue, then out = 255 (in / 255) ** gamma."""

    gains: tuple[float, float, float]
    gamma: float


def sample_tone(rng: np.random.Generator, strength: float) -> Tone:
    """Warm lamps to cool daylight, slightly under-exposed as paper usually is."""
    warmth, exposure = rng.normal(0, 0.045) * strength, 1 - abs(rng.normal(0, 0.14)) * strength
    tint = rng.normal(0, 0.015) * strength
    return Tone(
        gains=(float(exposure * (1 + warmth)), float(exposure * (1 + tint)), float(exposure * (1 - warmth))),
        gamma=float(np.exp(rng.normal(0, 0.16) * strength)),
    )


def apply_tone(picture: Rgb, tone: Tone) -> Rgb:
    """The picture with the camera's curve, uint8 RGB."""
    levels = np.arange(256) / 255
    curves = [np.clip(255 * np.clip(levels * gain, 0, 1) ** tone.gamma, 0, 255) for gain in tone.gains]
    table = np.round(np.stack(curves, axis=-1)).astype(np.uint8)[None]
    return np.asarray(cv2.LUT(picture, table), np.uint8)
