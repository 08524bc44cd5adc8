"""Whole lines lost by the unwrapping: pieces of the sheet that slipped are set back or left out."""

from typing import Final

import cv2
import numpy as np

from ecgclip.photo.flat.extend import extended
from ecgclip.photo.flat.unwrap import largest_piece
from ecgclip.typing import Bools, Float32s

_TORN: Final = 0.3
"""Jump from one node to the next, in distances of the lines, that no paper makes."""
_WHOLE: Final = 0.25
"""Distance from a whole number of lines within which a piece slipped, and is not merely bent."""
_LEAST_NODES: Final = 30
_MOST_PIECES: Final = 4


def without_slips(shift_mm: Float32s, clear: Bools, line_mm: float) -> tuple[Float32s, Bools]:
    """Shifts [2, row, column] without slips and the nodes that remain clear, [row, column]."""
    whole = clear & ~_torn(shift_mm, clear, line_mm)
    kept = largest_piece(whole)
    if not (whole & ~kept).any():
        return shift_mm, clear if kept.sum() == whole.sum() == clear.sum() else kept
    count, labels, stats, _ = cv2.connectedComponentsWithStats(
        (whole & ~kept).astype(np.uint8), connectivity=4
    )
    pieces = 1 + np.argsort(-stats[1:, cv2.CC_STAT_AREA])[:_MOST_PIECES]
    shift = shift_mm.copy()
    for piece in pieces[: count - 1]:
        part = labels == piece
        if part.sum() < _LEAST_NODES:
            continue
        lines = np.median((shift - extended(shift, kept))[:, part], axis=1) / line_mm
        turns = np.round(lines)
        if np.abs(lines - turns).max() < _WHOLE:
            shift[:, part] -= (turns * line_mm)[:, None]
            kept = kept | part
    return shift, kept


def _torn(shift_mm: Float32s, clear: Bools, line_mm: float) -> Bools:
    """Nodes beside a jump."""
    torn = np.zeros(clear.shape, bool)
    for axis in (0, 1):
        both = np.logical_and(*_neighbours(clear, axis))
        jumps = np.abs(np.diff(shift_mm, axis=axis + 1)).max(axis=0) > _TORN * line_mm
        for side in _neighbours(torn, axis):
            side |= jumps & both
    return torn


def _neighbours(plane: Bools, axis: int) -> tuple[Bools, Bools]:
    return (plane[:-1], plane[1:]) if axis == 0 else (plane[:, :-1], plane[:, 1:])
