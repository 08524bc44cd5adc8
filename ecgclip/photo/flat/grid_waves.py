"""The waves of the grid on a flattened sheet: how strong they are at every node, and in which phase."""

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from ecgclip.photo.flat.unwrap import largest_piece
from ecgclip.typing import Bools, Complex64s, Float32s, Uint8s
from ecgclip.units import LARGE_SQUARE_MM

NODE_MM: Final = 2.5
"""Spacing of the nodes at which the displacement is known."""
_WINDOW_MM: Final = 5.0
"""Standard deviation of the window in which the phase is read: two squares stand within it."""
_CLEAR: Final = 0.35
"""Least amplitude of the wave at a node that counts, as a share of the amplitude at clear places."""
_CEILING: Final = 90
"""Darkness is clipped to this level: grid lines are fainter than ink."""
_NOISE: Final = 1.0
"""Grey levels added to the energy, so that blank paper does not look like a pure wave."""


@dataclass(frozen=True, eq=False)
class GridWaves:
    """The two waves of one plane, where they are clear, and how pure they are there (0..1)."""

    waves: tuple[Complex64s, Complex64s]
    clear: Bools
    purity: float

    @property
    def worth(self) -> float:
        """How much a plane is worth: its purity, reduced where little of the sheet is clear."""
        return self.purity * float(np.sqrt(self.clear.mean()))


def read_waves(lines: Float32s, px_per_mm: float, line_mm: float) -> GridWaves:
    """Nodes are clear where both waves are strong, also for the darkness there: an edge is only dark."""
    waves = wave(lines, px_per_mm, line_mm, 0), wave(lines, px_per_mm, line_mm, 1)
    amplitude = np.minimum(np.abs(waves[0]), np.abs(waves[1]))
    size = amplitude.shape[1], amplitude.shape[0]
    energy = cv2.resize(np.abs(lines), size, interpolation=cv2.INTER_AREA)
    share = amplitude / (cv2.GaussianBlur(energy, (0, 0), _WINDOW_MM / NODE_MM) + _NOISE)
    enough = amplitude > _CLEAR * float(np.quantile(amplitude, 0.7))
    purity = float(np.median(share[enough])) if enough.any() else 0.0
    return GridWaves(waves, largest_piece(enough & (share > _CLEAR * purity)), purity)


def without_strokes(dark: Uint8s, ink: Uint8s, px_per_mm: float) -> Float32s:
    """Darkness less its local mean; strokes of ink are left out, as a tall QRS would pull the grid to it."""
    stroke = max(40.0, 0.5 * float(np.quantile(ink[::2, ::2], 0.995)))
    strokes = cv2.dilate((ink > stroke).astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    return less_mean(dark, strokes, px_per_mm)


def less_mean(plane: Uint8s, without: Bools | None, px_per_mm: float) -> Float32s:
    """A plane less its mean around, float32 [y, x]; without: where its values do not count and become 0."""
    values = np.minimum(plane, _CEILING).astype(np.float32)
    size = (round(LARGE_SQUARE_MM * px_per_mm) | 1,) * 2
    if without is None:
        return values - cv2.blur(values, size)
    values[without] = 0.0
    weight = cv2.blur((~without).astype(np.float32), size)
    values -= cv2.blur(values, size) / np.maximum(weight, 0.1)
    values[without] = 0.0
    return values


def wave(
    values: Float32s, px_per_mm: float, line_mm: float, axis: int, window_mm: float = _WINDOW_MM
) -> Complex64s:
    """The grid's complex amplitude along x (axis 0) or y at every node, [row, column]."""
    height, width = values.shape
    columns, rows = round(width / px_per_mm / NODE_MM), round(height / px_per_mm / NODE_MM)
    place = (np.arange((width, height)[axis]) + 0.5) / px_per_mm
    carrier = np.exp(2j * np.pi * place / line_mm)
    carrier = carrier[None, :] if axis == 0 else carrier[:, None]
    # Across the wave first, where its carrier is constant: what is left to multiply is a tenth.
    size = (width, rows) if axis == 0 else (columns, height)
    across = cv2.resize(values, size, interpolation=cv2.INTER_AREA)
    parts = []
    for part in (carrier.real, carrier.imag):
        small = cv2.resize(across * part.astype(np.float32), (columns, rows), interpolation=cv2.INTER_AREA)
        parts.append(cv2.GaussianBlur(small, (0, 0), window_mm / NODE_MM))
    return np.asarray(parts[0] + 1j * parts[1], np.complex64)
