"""Folds and curls: the grid's own phase says where every point of the paper lies.

After the perspective fit the 5 mm grid is nearly regular. Multiplied by the regular grid's wave and
smoothed, what remains is a slow phase: the local displacement in units of the lines' distance. Unwrapped
from the clearest place outwards, it may exceed half a square, as across a fold. Between and beyond the places
where the grid is clear, paper bends as little as it can.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from ecgclip.photo.flat.extend import extended, smoothed
from ecgclip.photo.flat.faint import with_faint
from ecgclip.photo.flat.grid_waves import NODE_MM, GridWaves, less_mean, read_waves, without_strokes
from ecgclip.photo.flat.slips import without_slips
from ecgclip.photo.flat.unwrap import largest_piece, unwrapped
from ecgclip.typing import Bools, Float32s, Uint8s
from ecgclip.units import LARGE_SQUARE_MM

__all__ = ["NODE_MM", "Displacement", "grid_displacement"]

_PREFER_COLOUR: Final = 0.75
_WORTH_A_LOOK: Final = 0.01
"""Share of the sheet seen by the coarse wave alone, from which the coarse wave is used as well."""
_PAPER_ALONE: Final = 0.8
"""Share of the picture's nodes that show the grid clearly in a picture of paper alone."""
_DIFFER: Final = 0.2
_OVERLAP: Final = 0.6
"""Share of what the fine wave shows that the coarse one must show, too, to be believed beyond it."""


@dataclass(frozen=True, eq=False)
class Displacement:
    """Where the paper's points lie on the flattened canvas, at nodes `NODE_MM` apart.

    shift_mm: float32 [2, row, column], x and y to add to a node's place to reach its paper coordinate.
    clear: bool [row, column], nodes where both families of lines were seen.
    """

    shift_mm: Float32s
    clear: Bools


def grid_displacement(
    dark: Uint8s,
    ink: Uint8s,
    colour: Uint8s,
    px_per_mm: float,
    line_mm: float,
    inside: Bools | None = None,
) -> Displacement:
    """Read the displacement from a flattened page; all planes uint8 [y, x], 0 on paper.

    dark: grid and ink; ink: ink alone; colour: coloured lines alone; line_mm: their distance, 5 or 1.
    inside: bool [row, column], nodes that lie in the picture; None: all. Where they show little beside paper,
    a faint grid is followed; on a desk, what lies beside the clear grid is the desk.
    Colour is taken where it shows the grid about as purely, for no stroke of black ink disturbs it.
    """
    lines = without_strokes(dark, ink, px_per_mm)
    reading = read_waves(lines, px_per_mm, line_mm)
    plain = less_mean(colour, None, px_per_mm)
    coloured = read_waves(plain, px_per_mm, line_mm)
    if coloured.worth > _PREFER_COLOUR * reading.worth:
        lines, reading = plain, coloured
    found = _displacement(reading, line_mm)
    if line_mm != LARGE_SQUARE_MM:
        coarse = read_waves(lines, px_per_mm, LARGE_SQUARE_MM)
        if (coarse.clear & ~found.clear).mean() >= _WORTH_A_LOOK:
            found = _joined(found, _displacement(coarse, LARGE_SQUARE_MM), line_mm)
    shift, clear = without_slips(found.shift_mm, found.clear, line_mm)
    shift = smoothed(shift, clear)
    if inside is None or clear[inside].mean() > _PAPER_ALONE:
        shift, clear = with_faint(lines, px_per_mm, line_mm, shift, clear)
    return Displacement(extended(shift, clear), clear)


def _displacement(reading: GridWaves, line_mm: float) -> Displacement:
    """The displacement that one plane shows; 0 where it is not clear."""
    clear = largest_piece(reading.clear)
    shifts = [-phase / (2 * np.pi) * line_mm for phase in unwrapped(reading.waves, clear)]
    return Displacement(np.stack(shifts), clear)


def _joined(fine: Displacement, coarse: Displacement, line_mm: float) -> Displacement:
    """The fine wave where it is clear, the coarse one beyond: a fold may tilt paper too far for the fine."""
    both, beyond = fine.clear & coarse.clear, coarse.clear & ~fine.clear
    if both.mean() < _OVERLAP * fine.clear.mean() or not beyond.any():
        return fine
    apart = coarse.shift_mm - fine.shift_mm
    turns = line_mm * np.round(np.median(apart[:, both], axis=1) / line_mm)[:, None, None]
    if float(np.median(np.abs(apart - turns)[:, both])) > _DIFFER * line_mm:
        return fine
    clear = largest_piece(fine.clear | coarse.clear)
    return Displacement(np.where(fine.clear, fine.shift_mm + turns, coarse.shift_mm), clear)
