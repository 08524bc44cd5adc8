"""The page in the pieces that the image tower takes for tokens, and a short description of each."""

from typing import Final

import numpy as np

from ecgclip.encoders.settings import ImageTower
from ecgclip.errors import ImageError
from ecgclip.typing import Float32s, Ink

POOL_PX: Final = (4, 2)
"""Pixels (down, along) averaged into one: a stroke is 1 px thin, and a shift by a pixel says nothing."""


def token_grid(tower: ImageTower) -> tuple[int, int]:
    """(rows, columns) of the tokens of a page."""
    height, width = tower.token_px
    return tower.height_px // height, tower.width_px // width


def patches(ink: Ink, tower: ImageTower) -> Ink:
    """The tokens' pieces of pages, in the order of the tokens: uint8 [n, y, x] -> uint8 [n, token, h, w]."""
    if ink.ndim != 3 or ink.shape[1:] != (tower.height_px, tower.width_px):
        raise ImageError(
            f"ink of shape {ink.shape} was given; expected [n, {tower.height_px}, {tower.width_px}]"
        )
    (rows, columns), (height, width) = token_grid(tower), tower.token_px
    split = ink.reshape(len(ink), rows, height, columns, width)
    return split.transpose(0, 1, 3, 2, 4).reshape(len(ink), rows * columns, height, width)


def described(pieces: Ink) -> Float32s:
    """Each patch averaged over `POOL_PX` and blurred by a pixel of that along its height.

    uint8 [..., h, w] -> float32 [patch, h / 4 * w / 2], ink from 0 to 1.
    """
    height, width = pieces.shape[-2:]
    down, along = POOL_PX
    if height % down or width % along:
        raise ImageError(f"patches of {width}x{height} px; expected whole multiples of {along}x{down} px")
    split = pieces.reshape(-1, height // down, down, width // along, along)
    pooled = split.mean(axis=(2, 4), dtype=np.float32) / np.float32(255)
    above, below = np.roll(pooled, 1, axis=1), np.roll(pooled, -1, axis=1)
    above[:, 0], below[:, -1] = 0, 0
    blurred = pooled / 2 + (above + below) / 4
    return np.ascontiguousarray(blurred.reshape(len(blurred), -1))
