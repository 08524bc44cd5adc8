"""Where the grid is too faint to be read by itself, it is believed if it agrees with the paper beside it.

At the edge of a sheet in full light the lines are a tenth as dark as elsewhere, and blank margins have none.
Their phase distinguishes them: that of a faint grid follows the sheet, that of noise is anything.
"""

from typing import Final

import cv2
import numpy as np

from ecgclip.photo.flat.extend import extended
from ecgclip.photo.flat.grid_waves import NODE_MM, wave
from ecgclip.photo.flat.unwrap import largest_piece
from ecgclip.typing import Bools, Complex64s, Float32s

_WINDOW_MM: Final = 2.5
"""Standard deviation of the window: a narrow one does not reach from clear paper far into a margin."""
_FAINTEST: Final = 0.12
"""Least amplitude, as a share of that at clear nodes."""
_PUREST: Final = 0.3
"""Least share of the darkness around that is the grid's wave, in that at clear nodes."""
_AROUND: Final = 3.0
"""Nodes over which phases are compared."""
_AGREES: Final = 0.6
"""Mean agreement of the phases, 1 for the same and about .3 for noise."""
_STEP: Final = 6
"""Nodes by which the clear part may grow at once; then it is extended anew."""
_LEAST: Final = 4
"""Nodes that faint paper is wide: the window alone reaches one or two nodes beyond the paper's edge."""
_STEPS: Final = 3


def with_faint(
    lines: Float32s, px_per_mm: float, line_mm: float, shift_mm: Float32s, clear: Bools
) -> tuple[Float32s, Bools]:
    """Shifts [2, row, column] and clear nodes [row, column], more of them where a faint grid agrees.

    lines: darkness less its mean around, float32 [y, x].
    """
    if clear.all() or not clear.any():
        return shift_mm, clear
    waves = [wave(lines, px_per_mm, line_mm, axis, _WINDOW_MM) for axis in (0, 1)]
    strong = _strong(waves, lines, clear)
    around = np.ones((2 * _STEP + 1,) * 2, np.uint8)
    for _ in range(_STEPS):
        whole = extended(shift_mm, clear)
        near = (cv2.dilate(clear.astype(np.uint8), around) > 0) & ~clear & strong
        measured = [_agreement(one, plane, near, line_mm) for one, plane in zip(waves, whole, strict=True)]
        fresh = near & (measured[0][1] > _AGREES) & (measured[1][1] > _AGREES)
        wide = cv2.morphologyEx(fresh.astype(np.uint8), cv2.MORPH_OPEN, np.ones((_LEAST,) * 2, np.uint8))
        fresh = (wide > 0) & largest_piece(clear | (wide > 0))
        if not fresh.any():
            break
        shift_mm = np.where(fresh, whole + np.stack([one for one, _ in measured]), shift_mm)
        clear = clear | fresh
    return np.asarray(shift_mm, np.float32), clear


def _strong(waves: list[Complex64s], lines: Float32s, clear: Bools) -> Bools:
    """Nodes where both waves are more than noise and strong for the darkness there: an edge is only dark."""
    size = clear.shape[1], clear.shape[0]
    energy = cv2.resize(np.abs(lines), size, interpolation=cv2.INTER_AREA)
    energy = cv2.GaussianBlur(energy, (0, 0), _WINDOW_MM / NODE_MM) + 1.0
    found = np.ones(clear.shape, bool)
    for one in waves:
        amplitude = np.abs(one)
        share = amplitude / energy
        found &= amplitude > _FAINTEST * float(np.median(amplitude[clear]))
        found &= share > _PUREST * float(np.median(share[clear]))
    return found


def _agreement(
    one: Complex64s, expected_mm: Float32s, there: Bools, line_mm: float
) -> tuple[Float32s, Float32s]:
    """What a wave adds to the expected shift in mm, and how well it agrees, over the nodes `there`."""
    turned = one * np.exp(2j * np.pi * expected_mm / line_mm)
    unit = np.where(there, turned / np.maximum(np.abs(turned), 1e-6), 0)
    weight = np.maximum(cv2.GaussianBlur(there.astype(np.float32), (0, 0), _AROUND), 1e-3)
    real, imaginary = (
        cv2.GaussianBlur(np.asarray(part, np.float32), (0, 0), _AROUND) / weight
        for part in (unit.real, unit.imag)
    )
    extra = -np.arctan2(imaginary, real) / (2 * np.pi) * line_mm
    return np.asarray(extra, np.float32), np.asarray(real, np.float32)
