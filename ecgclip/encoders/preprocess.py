"""From canonical ink to the image tower's input: what training and queries share."""

import cv2
import numpy as np

from ecgclip.encoders.settings import ImageTower
from ecgclip.errors import ImageError
from ecgclip.typing import Float32s, Uint8s


def image_input(ink: Uint8s, tower: ImageTower) -> Float32s:
    """Scale and normalise ink: uint8 [n, y, x] (0 blank .. 255 ink) -> float32 [n, 1, height, width].

    Ink at a whole multiple of the tower's size (`Page.ink` has twice) is averaged down; other sizes
    raise ImageError.
    """
    if ink.ndim != 3 or ink.dtype != np.uint8:
        raise ImageError(f"ink of shape {ink.shape} and type {ink.dtype} was given; expected uint8 [n, y, x]")
    size = (tower.height_px, tower.width_px)
    if ink.shape[1:] != size:
        ink = _reduced(ink, size)
    return normalised(ink[:, None], tower)


def normalised(pages: Uint8s, tower: ImageTower) -> Float32s:
    """Values 0..255 by the tower's mean and deviation, which are of 0..1."""
    pixels = pages.astype(np.float32)
    pixels *= np.float32(1 / 255 / tower.pixel_std)
    pixels -= np.float32(tower.pixel_mean / tower.pixel_std)
    return pixels


def _reduced(ink: Uint8s, size: tuple[int, int]) -> Uint8s:
    factor = ink.shape[1] // size[0]
    if factor < 1 or ink.shape[1:] != (size[0] * factor, size[1] * factor):
        raise ImageError(
            f"ink of {ink.shape[2]}x{ink.shape[1]} px was given; "
            f"expected {size[1]}x{size[0]} px or a whole multiple"
        )
    return np.stack([cv2.resize(page, size[::-1], interpolation=cv2.INTER_AREA) for page in ink])
