"""Which tokens of a page are hidden."""

import numpy as np

from ecgclip.typing import Bools, Ink
from research.masked.settings import Masking


def random_mask(rows: int, columns: int, settings: Masking, rng: np.random.Generator) -> Bools:
    """Runs of hidden tokens, each within a row, bool [token]; always the same number of tokens in all.

    The last run is cut short where it would hide more than the share.
    """
    left = round(settings.share * rows * columns)
    mask = np.zeros((rows, columns), np.bool_)
    while left > 0:
        row = mask[rng.integers(rows)]
        length = min(int(rng.integers(settings.run[0], settings.run[1] + 1)), columns)
        start = int(rng.integers(columns - length + 1))
        new = start + np.flatnonzero(~row[start : start + length])[:left]
        row[new] = True
        left -= len(new)
    return mask.ravel()


def hidden(ink: Ink, mask: Bools, token_px: tuple[int, int]) -> Ink:
    """The page without the ink of the hidden tokens, uint8 [y, x].

    The stem's kernels reach into their neighbours and its norms over the page: what is hidden must be gone.
    """
    height, width = token_px
    grid = mask.reshape(ink.shape[0] // height, ink.shape[1] // width)
    return np.where(grid.repeat(height, axis=0).repeat(width, axis=1), np.uint8(0), ink)
