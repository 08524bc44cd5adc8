"""Folds and curls: the grid's own phase says where every point of the paper lies.

After the perspective fit the 5 mm grid is nearly regular. Multiplied by the regular grid's wave and
smoothed, what remains is a slow phase: the local displacement in units of the lines' distance. Unwrapped
from the clearest place outwards, it may exceed half a square, as across a fold.
"""

import heapq
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

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
_PREFER_COLOUR: Final = 0.75
_WORTH_A_LOOK: Final = 0.01
"""Share of the sheet seen by the coarse wave alone, from which the coarse wave is used as well."""
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


@dataclass(frozen=True, eq=False)
class _GridWaves:
    """The two waves of one plane, where they are clear, and how pure they are there (0..1)."""

    waves: tuple[Complex64s, Complex64s]
    clear: Bools
    purity: float

    @property
    def worth(self) -> float:
        """How much a plane is worth: its purity, reduced where little of the sheet is clear."""
        return self.purity * float(np.sqrt(self.clear.mean()))


def grid_displacement(
    dark: Uint8s, ink: Uint8s, colour: Uint8s, px_per_mm: float, line_mm: float
) -> Displacement:
    """Read the displacement from a flattened page; all planes uint8 [y, x], 0 on paper.

    dark: grid and ink; ink: ink alone; colour: coloured lines alone; line_mm: their distance, 5 or 1.
    Colour is taken where it shows the grid about as purely, for no stroke of black ink disturbs it.
    """
    lines = _without_strokes(dark, ink, px_per_mm)
    reading = _read(lines, px_per_mm, line_mm)
    plain = _less_mean(colour, None, px_per_mm)
    coloured = _read(plain, px_per_mm, line_mm)
    if coloured.worth > _PREFER_COLOUR * reading.worth:
        lines, reading = plain, coloured
    found = _displacement(reading, line_mm)
    if line_mm != LARGE_SQUARE_MM:
        coarse = _read(lines, px_per_mm, LARGE_SQUARE_MM)
        if (coarse.clear & ~found.clear).mean() >= _WORTH_A_LOOK:
            found = _joined(found, _displacement(coarse, LARGE_SQUARE_MM), line_mm)
    return Displacement(_fill(found.shift_mm, found.clear), found.clear)


def _displacement(reading: _GridWaves, line_mm: float) -> Displacement:
    """The displacement that one plane shows; 0 where it is not clear."""
    clear = _largest_piece(reading.clear)
    shifts = [-phase / (2 * np.pi) * line_mm for phase in _unwrapped(reading.waves, clear)]
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
    clear = _largest_piece(fine.clear | coarse.clear)
    return Displacement(np.where(fine.clear, fine.shift_mm + turns, coarse.shift_mm), clear)


def _read(lines: Float32s, px_per_mm: float, line_mm: float) -> _GridWaves:
    """Nodes are clear where both waves are strong, also for the darkness there: an edge is only dark."""
    waves = _wave(lines, px_per_mm, line_mm, 0), _wave(lines, px_per_mm, line_mm, 1)
    amplitude = np.minimum(np.abs(waves[0]), np.abs(waves[1]))
    size = amplitude.shape[1], amplitude.shape[0]
    energy = cv2.resize(np.abs(lines), size, interpolation=cv2.INTER_AREA)
    share = amplitude / (cv2.GaussianBlur(energy, (0, 0), _WINDOW_MM / NODE_MM) + _NOISE)
    enough = amplitude > _CLEAR * float(np.quantile(amplitude, 0.7))
    purity = float(np.median(share[enough])) if enough.any() else 0.0
    return _GridWaves(waves, _largest_piece(enough & (share > _CLEAR * purity)), purity)


def _without_strokes(dark: Uint8s, ink: Uint8s, px_per_mm: float) -> Float32s:
    """Darkness less its local mean; strokes of ink are left out, as a tall QRS would pull the grid to it."""
    stroke = max(40.0, 0.5 * float(np.quantile(ink[::2, ::2], 0.995)))
    strokes = cv2.dilate((ink > stroke).astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    return _less_mean(dark, strokes, px_per_mm)


def _less_mean(plane: Uint8s, without: Bools | None, px_per_mm: float) -> Float32s:
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


def _wave(values: Float32s, px_per_mm: float, line_mm: float, axis: int) -> Complex64s:
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
        parts.append(cv2.GaussianBlur(small, (0, 0), _WINDOW_MM / NODE_MM))
    return np.asarray(parts[0] + 1j * parts[1], np.complex64)


def _largest_piece(clear: Bools) -> Bools:
    """The largest connected piece: phases can be compared only within one."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(clear.astype(np.uint8), connectivity=4)
    if count < 2:
        return clear.copy()
    return np.asarray(labels == 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax()))


def _unwrapped(waves: tuple[Complex64s, Complex64s], clear: Bools) -> Float32s:
    """Phases of both waves, [2, row, column], 0 where not clear.

    Whole turns come from every other node, between which the phase hardly changes; a quarter of the work.
    """
    phases = np.stack([np.angle(wave) for wave in waves])
    known = _largest_piece(clear[::2, ::2])
    quality = np.stack([np.abs(wave) for wave in waves])[:, ::2, ::2]
    rough = [_unwrap(*one, known) for one in zip(phases[:, ::2, ::2], quality, strict=True)]
    rows, columns = clear.shape
    x, y = np.meshgrid(np.arange(columns, dtype=np.float32) / 2, np.arange(rows, dtype=np.float32) / 2)
    near = np.stack(
        [
            cv2.remap(turns, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
            for turns in _fill(np.stack(rough), known)
        ]
    )
    exact = phases + 2 * np.pi * np.round((near - phases) / (2 * np.pi))
    return np.where(clear, exact, 0.0).astype(np.float32)


def _unwrap(phase: Float32s, quality: Float32s, clear: Bools) -> Float32s:
    """Quality-guided unwrapping over the clear nodes, from the best outwards."""
    # A border of nodes marked as done, so that no neighbour needs a bounds check.
    flat, cost = np.pad(phase, 1).ravel().tolist(), (-np.pad(quality, 1)).ravel().tolist()
    done = np.pad(~clear, 1, constant_values=True).ravel().tolist()
    columns = phase.shape[1] + 2
    row, column = divmod(int(np.where(clear, quality, -1).argmax()), phase.shape[1])
    start = (row + 1) * columns + column + 1
    heap = [(cost[start], start, flat[start])]
    done[start] = not clear[row, column]
    turn = 2 * np.pi
    push, pop = heapq.heappush, heapq.heappop
    while heap:
        _, node, near = pop(heap)
        if done[node]:
            continue
        done[node] = True
        flat[node] = near = flat[node] + turn * round((near - flat[node]) / turn)
        for other in (node + 1, node - 1, node + columns, node - columns):
            if not done[other]:
                push(heap, (cost[other], other, near))
    result = np.array(flat, np.float32).reshape(-1, columns)[1:-1, 1:-1]
    return np.where(clear, result, 0.0).astype(np.float32)


def _fill(shifts: Float32s, clear: Bools) -> Float32s:
    """Extend shifts [2, row, column] smoothly to where no grid was seen: ever wider weighted means."""
    known = clear.astype(np.float32)
    result = np.where(clear, shifts, 0.0).astype(np.float32)
    planes = np.dstack([*result, known])
    missing = ~clear
    sigma = 1.0
    while missing.any() and sigma < max(clear.shape):
        *means, weight = np.moveaxis(cv2.GaussianBlur(planes, (0, 0), sigma), -1, 0)
        fresh = missing & (weight > 0.02)
        result[:, fresh] = np.stack(means)[:, fresh] / weight[fresh]
        missing &= ~fresh
        sigma *= 1.6
    return result
