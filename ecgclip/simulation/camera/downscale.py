"""Downscale: the picture was sent on smaller than it was taken."""

from dataclasses import dataclass

import cv2
import numpy as np

from ecgclip.typing import Rgb


@dataclass(frozen=True)
class Downscale:
    """Size after over size before."""

    factor: float


def sample_downscale(rng: np.random.Generator, strength: float) -> Downscale:
    """1 down to 0.4 at strength 1."""
    return Downscale(float(rng.uniform(1 - 0.6 * min(strength, 1), 1)))


def apply_downscale(picture: Rgb, downscale: Downscale) -> Rgb:
    """The smaller picture, uint8 RGB."""
    height, width = picture.shape[:2]
    size = (max(1, round(width * downscale.factor)), max(1, round(height * downscale.factor)))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
