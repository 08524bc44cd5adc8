"""Desk: what lies around the page, and the page's soft shadow on it."""

from dataclasses import dataclass
from enum import StrEnum

import cv2
import numpy as np

from ecgclip.typing import Float32s, Rgb

SHADOW_DEPTH = 0.45
SHADOW_NODES = 2.5


class Surface(StrEnum):
    """What the page lies on."""

    WOOD = "wood"
    PLAIN = "plain"
    CLOTH = "cloth"
    SCANNER = "scanner"


@dataclass(frozen=True)
class Desk:
    """A surface, its colour (RGB), how lively its texture is and the seed of it."""

    surface: Surface
    rgb: tuple[int, int, int]
    texture: float
    angle_deg: float
    seed: int


_WOODS = ((168, 128, 92), (196, 164, 128), (120, 84, 60), (52, 48, 48), (140, 110, 84), (90, 70, 58))
_PLAINS = ((60, 62, 66), (30, 30, 32), (190, 188, 184), (120, 124, 130), (70, 40, 110), (40, 70, 90))


def sample_desk(rng: np.random.Generator) -> Desk:
    """Mostly wooden desks, light and dark."""
    surface = Surface(str(rng.choice([Surface.WOOD, Surface.PLAIN, Surface.CLOTH], p=[0.6, 0.25, 0.15])))
    colours = _WOODS if surface is Surface.WOOD else _PLAINS
    shade = float(np.exp(rng.normal(0, 0.15)))
    chosen = colours[int(rng.integers(len(colours)))]
    red, green, blue = (int(np.clip(v * shade + rng.normal(0, 4), 0, 255)) for v in chosen)
    return Desk(
        surface,
        (red, green, blue),
        texture=float(rng.uniform(0.3, 1.0)),
        angle_deg=float(rng.normal(0, 8) + rng.choice([0, 90])),
        seed=int(rng.integers(2**31)),
    )


SCANNER = Desk(Surface.SCANNER, (252, 252, 252), 0.0, 0.0, 0)
"""The lid of a scanner: white."""


def background(desk: Desk, frame_px: tuple[int, int], covered: Float32s) -> Rgb:
    """The desk around the page, uint8 RGB [y, x, 3], made at a quarter of the size: it is out of focus.

    covered: float32 [y, x], 1 where the page lies, at any size; it throws a soft shadow around itself.
    """
    width, height = (max(8, size // 4) for size in frame_px)
    grain = _grain(np.random.default_rng(desk.seed), desk, width, height) * desk.texture
    soft = cv2.GaussianBlur(covered, (0, 0), SHADOW_NODES)
    light = (1 + grain) * (1 - SHADOW_DEPTH * cv2.resize(soft, (width, height)))
    small = np.clip(np.array(desk.rgb, np.float32) * light[..., None], 0, 255).astype(np.uint8)
    return np.asarray(cv2.resize(small, frame_px, interpolation=cv2.INTER_LINEAR), np.uint8)


def _grain(rng: np.random.Generator, desk: Desk, width: int, height: int) -> Float32s:
    """Texture around 0, float32 [y, x]: streaks for wood, weave for cloth."""
    side = int(np.hypot(width, height)) + 2
    match desk.surface:
        case Surface.WOOD:
            streaks = _noise(rng, (side, max(4, side // 60)), side) + 0.6 * _noise(rng, (side // 8, 3), side)
            centre = (side / 2, side / 2)
            turn = cv2.getRotationMatrix2D(centre, desk.angle_deg, 1.0)
            turned = cv2.warpAffine(streaks, turn, (side, side), borderMode=cv2.BORDER_REFLECT)
            y, x = (side - height) // 2, (side - width) // 2
            return np.asarray(0.12 * turned[y : y + height, x : x + width], np.float32)
        case Surface.CLOTH:
            return np.asarray(0.08 * rng.standard_normal((height, width)), np.float32)
        case Surface.PLAIN:
            return 0.05 * _noise(rng, (6, 6), side)[:height, :width]
        case Surface.SCANNER:
            return np.zeros((height, width), np.float32)


def _noise(rng: np.random.Generator, shape: tuple[int, int], side: int) -> Float32s:
    rough = rng.standard_normal((max(2, shape[0]), max(2, shape[1]))).astype(np.float32)
    return np.asarray(cv2.resize(rough, (side, side), interpolation=cv2.INTER_LINEAR), np.float32)
