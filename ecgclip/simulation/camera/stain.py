"""Stain: a cup's ring or a wet blot, darker at its rim; paint on paper multiplies."""

from dataclasses import dataclass

import cv2
import numpy as np

from ecgclip.typing import Float32s, Float64s, Rgb


@dataclass(frozen=True)
class Stain:
    """A disc or ring at (x, y), shares of the page, tinting by `depth` towards `rgb`."""

    x: float
    y: float
    radius_mm: float
    ring: bool
    depth: float
    rgb: tuple[int, int, int]


def sample_stain(rng: np.random.Generator, strength: float) -> Stain:
    """Coffee, tea or water."""
    colours = ((150, 104, 60), (190, 160, 110), (200, 200, 196), (120, 90, 80))
    return Stain(
        x=float(rng.uniform(0, 1)),
        y=float(rng.uniform(0, 1)),
        radius_mm=float(rng.uniform(8, 42)),
        ring=bool(rng.random() < 0.6),
        depth=float(min(0.8, rng.uniform(0.15, 0.5) * strength)),
        rgb=colours[int(rng.integers(len(colours)))],
    )


def apply_stain(page: Rgb, stain: Stain, px_per_mm: float) -> Rgb:
    """The stained page, uint8 RGB; only the stain's square is touched."""
    stained = page.copy()
    reach = stain.radius_mm * px_per_mm * 1.1
    x, y = stain.x * page.shape[1], stain.y * page.shape[0]
    rows = slice(max(0, int(y - reach)), max(0, int(y + reach)))
    columns = slice(max(0, int(x - reach)), max(0, int(x + reach)))
    part = stained[rows, columns]
    if part.size:
        ys, xs = np.mgrid[
            rows.start : rows.start + part.shape[0], columns.start : columns.start + part.shape[1]
        ]
        wet = _wetness(np.hypot(xs - x, ys - y) / (stain.radius_mm * px_per_mm), stain.ring) * stain.depth
        tint = 1 - wet[..., None] * (1 - np.array(stain.rgb, np.float32) / 255)
        part[...] = cv2.multiply(part, tint.astype(np.float32), dtype=cv2.CV_8U)
    return stained


def _wetness(distance: Float64s, ring: bool) -> Float32s:
    """How much colour dried at a distance from the middle (1 = the rim), 0..1."""
    rim = np.exp(-(((distance - 0.97) / 0.03) ** 2))
    inside = (distance < 0.97) * (0.15 if ring else 0.55)
    return np.asarray(np.maximum(rim, inside), np.float32)
