"""Crop: the frame cuts the page, or someone cut the picture afterwards."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Crop:
    """What is cut off at left, top, right and bottom, as shares of the picture."""

    left: float
    top: float
    right: float
    bottom: float


def sample_crop(rng: np.random.Generator, strength: float) -> Crop:
    """Up to 10 % of one or two sides at strength 1."""
    sides = rng.uniform(0.02, 0.1, 4) * strength * (rng.random(4) < 0.4)
    return Crop(*(float(side) for side in sides))


def crop_box(crop: Crop, size_px: tuple[int, int]) -> tuple[int, int, int, int]:
    """left, top, right, bottom in pixels of a picture of (width, height)."""
    width, height = size_px
    left, top = int(crop.left * width), int(crop.top * height)
    return left, top, width - int(crop.right * width), height - int(crop.bottom * height)
