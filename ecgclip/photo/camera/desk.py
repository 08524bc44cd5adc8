"""Desk: what lies around the page, and the page's soft shadow on it."""

from dataclasses import dataclass
from enum import StrEnum

import cv2
import numpy as np
import numpy.typing as npt

Picture = npt.NDArray[np.uint8]


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
    red, green, blue = (
        int(np.clip(v + rng.normal(0, 10), 0, 255)) for v in colours[rng.integers(len(colours))]
    )
    return Desk(
        surface,
        (red, green, blue),
        texture=float(rng.uniform(0.3, 1.0)),
        angle_deg=float(rng.normal(0, 8) + rng.choice([0, 90])),
        seed=int(rng.integers(2**31)),
    )


SCANNER = Desk(Surface.SCANNER, (252, 252, 252), 0.0, 0.0, 0)
"""The lid of a scanner: white."""


def background(desk: Desk, frame_px: tuple[int, int]) -> Picture:
    """The empty desk, uint8 RGB [y, x, 3]; made at a quarter of the size, as it is out of focus."""
    width, height = (max(8, size // 4) for size in frame_px)
    rng = np.random.default_rng(desk.seed)
    relief = _grain(rng, desk, width, height) * desk.texture
    colour = np.array(desk.rgb, np.float32) * (1 + relief[..., None])
    small = np.clip(colour, 0, 255).astype(np.uint8)
    return np.asarray(cv2.resize(small, frame_px, interpolation=cv2.INTER_LINEAR), np.uint8)


def _grain(rng: np.random.Generator, desk: Desk, width: int, height: int) -> npt.NDArray[np.float32]:
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


def _noise(rng: np.random.Generator, shape: tuple[int, int], side: int) -> npt.NDArray[np.float32]:
    rough = rng.standard_normal((max(2, shape[0]), max(2, shape[1]))).astype(np.float32)
    return np.asarray(cv2.resize(rough, (side, side), interpolation=cv2.INTER_LINEAR), np.float32)


def lay_on(page: npt.NDArray[np.uint8], alpha: Picture, ground: Picture) -> Picture:
    """The page over the desk with a soft contact shadow. page: RGB; alpha: uint8 [y, x], 255 where the page is."""
    small = cv2.resize(alpha, None, fx=0.125, fy=0.125, interpolation=cv2.INTER_AREA)
    soft = cv2.GaussianBlur(small, (0, 0), 2.5)
    shadow = cv2.resize(soft, ground.shape[1::-1], interpolation=cv2.INTER_LINEAR)
    dark = cv2.merge([cv2.LUT(shadow, _SHADOW)] * 3)
    desk = cv2.multiply(ground, dark, scale=1 / 255)
    cover = cv2.merge([alpha] * 3)
    over = cv2.multiply(page, cover, scale=1 / 255)
    under = cv2.multiply(desk, cv2.bitwise_not(cover), scale=1 / 255)
    return np.asarray(cv2.add(over, under), np.uint8)


_SHADOW = (255 - 0.45 * np.arange(256)).astype(np.uint8)
