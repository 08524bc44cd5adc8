"""Cover: a sticky note, a label or a thumb lies on the page and hides what is below."""

from dataclasses import dataclass

import cv2
import numpy as np

from ecgclip.typing import Rgb


@dataclass(frozen=True)
class Cover:
    """A patch around (x, y), shares of the page, turned by `angle_deg`."""

    x: float
    y: float
    width_mm: float
    height_mm: float
    angle_deg: float
    rgb: tuple[int, int, int]


def sample_cover(rng: np.random.Generator, strength: float) -> Cover:
    """Up to 60 x 60 mm at strength 1, rather at the page's border than in its middle."""
    colours = ((250, 230, 120), (255, 255, 255), (205, 160, 135), (240, 170, 190), (40, 40, 44))
    return Cover(
        x=float(rng.beta(0.6, 0.6)),
        y=float(rng.beta(0.6, 0.6)),
        width_mm=float(rng.uniform(10, 60) * strength),
        height_mm=float(rng.uniform(10, 60) * strength),
        angle_deg=float(rng.uniform(-30, 30)),
        rgb=colours[int(rng.integers(len(colours)))],
    )


def apply_cover(page: Rgb, cover: Cover, px_per_mm: float) -> Rgb:
    """The page with the patch, uint8 RGB."""
    covered = page.copy()
    middle = (cover.x * page.shape[1], cover.y * page.shape[0])
    size = (cover.width_mm * px_per_mm, cover.height_mm * px_per_mm)
    corners = cv2.boxPoints((middle, size, cover.angle_deg))
    cv2.fillConvexPoly(covered, np.round(corners * 16).astype(np.int32), cover.rgb, cv2.LINE_AA, 4)
    return covered
