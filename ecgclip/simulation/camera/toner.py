"""Toner: a black-and-white copy; colours become grey, greys become steeper, drums leave specks."""

from dataclasses import dataclass

import cv2
import numpy as np

from ecgclip.typing import Rgb


@dataclass(frozen=True)
class Toner:
    """Greys are stretched around `middle` (0..1) by `contrast`; `specks` black dots a square decimetre."""

    contrast: float
    middle: float
    specks: float
    seed: int


def sample_toner(rng: np.random.Generator, strength: float) -> Toner:
    """From a soft grey copy to nearly black and white at strength 1."""
    return Toner(
        contrast=float(1 + rng.uniform(0.2, 2.0) * strength),
        middle=float(rng.uniform(0.45, 0.75)),
        specks=float(rng.uniform(0, 25) * strength),
        seed=int(rng.integers(2**31)),
    )


def apply_toner(page: Rgb, toner: Toner, px_per_mm: float) -> Rgb:
    """The copy of a page, uint8 RGB with equal channels."""
    grey = cv2.cvtColor(page, cv2.COLOR_RGB2GRAY)
    levels = 255 * (toner.middle + toner.contrast * (np.arange(256) / 255 - toner.middle))
    copy = cv2.LUT(grey, np.clip(levels, 0, 255).astype(np.uint8))
    height, width = copy.shape
    rng = np.random.default_rng(toner.seed)
    for _ in range(int(toner.specks * height * width / (100 * px_per_mm) ** 2)):
        x, y = int(rng.integers(width)), int(rng.integers(height))
        cv2.circle(copy, (x, y), int(rng.integers(0, max(1, round(0.25 * px_per_mm)) + 1)), 60, cv2.FILLED)
    return np.asarray(cv2.cvtColor(copy, cv2.COLOR_GRAY2RGB), np.uint8)
