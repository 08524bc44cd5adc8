"""The paper's displacement between and beyond the nodes that were read: smooth as far as the paper is.

A sheet that lies flat or curls gently is averaged over a wide neighbourhood, one that is folded over a narrow
one: each node takes the widest mean that still agrees with what was read around it.
"""

from typing import Final

import cv2
import numpy as np

from ecgclip.typing import Bools, Float32s, Float64s

_DEGREE: Final = 4
"""Of the polynomial in x and y that describes a sheet without folds."""
_OUTLIER_MM: Final = 0.15
_ROUNDS: Final = 4
_NARROW: Final = 2.0
"""Standard deviation of the narrowest mean, in nodes."""
_WIDER: Final = (3.0, 5.0, 8.0)
_AGREES: Final = 0.4
"""Mean square by which a wider mean may differ, in that by which the readings differ from the narrow one."""
_STEADY: Final = 0.02
"""Share of the window's spread that is added to that of the nodes: a few of them make no steep plane."""
_AROUND: Final = 4.0
"""Nodes over which readings are compared with the narrow mean."""
_PLATE_NODES: Final = 450
"""Nodes of the plate that extends the displacement: solving it takes milliseconds."""
_STIFF: Final = 0.03
"""Weight of the plate's bending against the readings: it bends where they do."""


def smoothed(shift_mm: Float32s, clear: Bools) -> Float32s:
    """Shifts [2, row, column] with less noise where they are clear; elsewhere they mean nothing."""
    if clear.sum() < 4 * (_DEGREE + 1) ** 2:
        return shift_mm
    sheet = _polynomial(shift_mm, clear)
    rest = shift_mm - sheet
    found = sheet + _mean(rest, clear, _NARROW)
    noise = _level(shift_mm - found, clear, _AROUND)
    for sigma in (*_WIDER, None):
        wide = sheet if sigma is None else sheet + _mean(rest, clear, sigma)
        apart = _level(wide - found, clear, sigma or _WIDER[-1])
        weight = 1.0 / (1.0 + (apart / (_AGREES * noise + 1e-9)) ** 2)
        found = found + weight * (wide - found)
    return np.asarray(found, np.float32)


def extended(shift_mm: Float32s, clear: Bools) -> Float32s:
    """Shifts [2, row, column] carried on to the nodes that are not clear, as a thin plate would bend."""
    if clear.all() or not clear.any():
        return shift_mm
    known = np.where(clear, shift_mm, 0.0)
    plate = _plate(known, clear)
    near = cv2.GaussianBlur(clear.astype(np.float32), (0, 0), _NARROW)
    rest = np.stack(
        [
            cv2.GaussianBlur(np.where(clear, plane, 0.0).astype(np.float32), (0, 0), _NARROW)
            / np.maximum(near, 1e-3)
            for plane in known - plate
        ]
    )
    return np.where(clear, shift_mm, plate + np.minimum(1.0, 2 * near) * rest).astype(np.float32)


def _level(error_mm: Float32s, clear: Bools, sigma: float) -> Float32s:
    """Mean square of errors [2, row, column] over the clear nodes around, [row, column]."""
    square = np.where(clear, (error_mm**2).sum(axis=0), 0.0).astype(np.float32)
    weight = np.maximum(cv2.GaussianBlur(clear.astype(np.float32), (0, 0), sigma), 1e-3)
    return np.asarray(cv2.GaussianBlur(square, (0, 0), sigma) / weight, np.float32)


def _mean(planes: Float32s, clear: Bools, sigma: float) -> Float32s:
    """Planes fitted to the clear nodes around each node, at the node; a mere mean would lean at the edges."""
    rows, columns = clear.shape
    y, x = np.mgrid[:rows, :columns] - np.array([rows, columns]).reshape(2, 1, 1) / 2

    def around(values: Float64s) -> Float64s:
        return np.asarray(cv2.GaussianBlur(np.where(clear, values, 0.0), (0, 0), sigma), np.float64)

    one = around(np.ones(clear.shape)) + 1e-6
    mean_x, mean_y = around(x) / one, around(y) / one
    xx, xy, yy = (
        around(a * b) / one - c for a, b, c in ((x, x, mean_x**2), (x, y, mean_x * mean_y), (y, y, mean_y**2))
    )
    spread = _STEADY * sigma**2
    xx, yy = xx + spread, yy + spread
    determinant = xx * yy - xy**2
    found = []
    for plane in planes:
        values = plane.astype(np.float64)
        mean = around(values) / one
        along, down = (around(values * at) / one - mean * of for at, of in ((x, mean_x), (y, mean_y)))
        slope_x, slope_y = (yy * along - xy * down) / determinant, (xx * down - xy * along) / determinant
        found.append(mean + slope_x * (x - mean_x) + slope_y * (y - mean_y))
    return np.stack(found).astype(np.float32)


def _polynomial(shift_mm: Float32s, clear: Bools) -> Float32s:
    """A robust polynomial through the clear nodes, at all nodes."""
    rows, columns = clear.shape
    y, x = np.mgrid[:rows, :columns] / (max(rows, columns) / 2) - 1.0
    terms = np.stack([x**i * y**j for i in range(_DEGREE + 1) for j in range(_DEGREE + 1 - i)], axis=-1)
    known = terms[clear]
    planes = []
    for plane in shift_mm:
        values, weight = plane[clear].astype(np.float64), np.ones(len(known))
        for _ in range(_ROUNDS):
            weighted = known * weight[:, None]
            normal = weighted.T @ known + 1e-9 * len(known) * np.eye(known.shape[1])
            factors = np.linalg.solve(normal, weighted.T @ values)
            weight = 1.0 / (1.0 + ((known @ factors - values) / _OUTLIER_MM) ** 2)
        planes.append(terms @ factors)
    return np.stack(planes).astype(np.float32)


def _plate(known_mm: Float32s, clear: Bools) -> Float32s:
    """The plate of least bending through the clear nodes, [2, row, column], from a coarser lattice."""
    rows, columns = clear.shape
    step = max(1, int(np.ceil(np.sqrt(rows * columns / _PLATE_NODES))))
    down, along = -(-rows // step), -(-columns // step)

    def total(plane: Float32s) -> Float64s:
        whole = np.pad(plane, ((0, down * step - rows), (0, along * step - columns)))
        return np.asarray(
            whole.reshape(down, step, along, step).sum(axis=(1, 3)).ravel() / step**2, np.float64
        )

    bend = _STIFF * _bending(down, along) + 1e-9 * np.eye(down * along)
    weight = np.diag(total(clear.astype(np.float32)))
    nodes = np.linalg.solve(weight + bend, np.stack([total(plane) for plane in known_mm], axis=1))
    y, x = np.mgrid[:rows, :columns].astype(np.float32)
    at_x, at_y = ((at - (step - 1) / 2) / step + 1 for at in (x, y))
    planes = []
    for plane in nodes.T:
        wider = np.pad(plane.reshape(down, along), 1, mode="reflect", reflect_type="odd").astype(np.float32)
        planes.append(cv2.remap(wider, at_x, at_y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE))
    return np.stack(planes).astype(np.float32)


def _bending(down: int, along: int) -> Float64s:
    """Energy of a bent lattice as a quadratic form, float [node, node]."""

    def differences(count: int, order: int) -> Float64s:
        if count <= order:
            return np.zeros((1, count))
        return np.diff(np.eye(count), order, axis=0)

    def squared(count: int, order: int) -> Float64s:
        matrix = differences(count, order)
        return np.asarray(matrix.T @ matrix)

    across = np.kron(np.eye(down), squared(along, 2)) + np.kron(squared(down, 2), np.eye(along))
    return np.asarray(across + 2 * np.kron(squared(down, 1), squared(along, 1)))
