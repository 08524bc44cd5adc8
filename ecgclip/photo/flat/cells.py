"""Maps over cells of the flat sheet: their place on a larger sheet, and the sheet turned by quarters."""

from typing import Final

import cv2
import numpy as np

from ecgclip.typing import Float32s

WORD_PX: Final = 8
"""A cell of the map of words: 2 mm of the flat sheet."""
CELL_PX: Final = 4
"""A cell of the other maps: 1 mm."""


def placed_cells(
    maps: Float32s, corner_px: tuple[int, int], shape: tuple[int, ...], size_px: int
) -> Float32s:
    """Maps of a part of a sheet on the cells of the whole; corner_px: (top, left) of the part."""
    if maps.size == 0:
        return maps
    whole = np.zeros((len(maps), -(-shape[0] // size_px), -(-shape[1] // size_px)), np.float32)
    row, column = (edge // size_px for edge in corner_px)
    whole[:, row : row + maps.shape[1], column : column + maps.shape[2]] = maps
    return whole


def turned_cells(maps: Float32s, quarter_turns: int, sheet_px: tuple[int, int], size_px: int) -> Float32s:
    """Maps of cells of the sheet turned counter-clockwise; sheet_px: (height, width) before the turn.

    Cells begin at the upper left corner of the turned sheet: where its sides are no whole multiples of a
    cell, values are interpolated between neighbours.
    """
    turns = quarter_turns % 4
    if maps.size == 0 or turns == 0:
        return maps
    turned = np.ascontiguousarray(np.rot90(maps, turns, axes=(1, 2)))
    beyond = [(-side % size_px) / size_px for side in sheet_px]
    # what lay beyond the lower or right edge now lies before the upper or left one
    down, right = {1: (beyond[1], 0.0), 2: (beyond[0], beyond[1]), 3: (0.0, beyond[0])}[turns]
    if down == right == 0:
        return turned
    matrix = np.array([[1, 0, -right], [0, 1, -down]], np.float32)
    size = turned.shape[2], turned.shape[1]
    return np.stack([cv2.warpAffine(part, matrix, size, flags=cv2.INTER_LINEAR) for part in turned])
