"""`Deviation`: how far a page that was read from a simulated photo is from the photo's true geometry."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ecgclip.photo.flat.dewarp import NODE_MM
from ecgclip.photo.page import Page
from ecgclip.typing import Float64s, Floats, Int64s

Points = Float64s
"""float [point, (x, y)]."""
ToPage = Callable[[Points], Points]
"""Pixels of the photo -> the millimetres of the printed page that they show."""

UPRIGHT_DEG = 45.0
"""A reading that is off by less has the right orientation of the four."""


@dataclass(frozen=True)
class Deviation:
    """What is wrong with a reading.

    period_error: px/mm that was reported over the true one, less 1; both along the reading direction in the
    middle quarter of the sheet.
    corner_mm: root mean square distance, in mm of the true page, of the four found corners from the corners
    of the rectangle that the reader believes, after the rigid motion that fits best. A wrong scale counts,
    a page that is read upside down does not: see `turn_deg`.
    turn_deg: clockwise angle of the reading direction against the true one, -180..180.
    layout, true_layout: labels.
    """

    period_error: float
    corner_mm: float
    turn_deg: float
    layout: str
    true_layout: str

    @property
    def upright(self) -> bool:
        return abs(self.turn_deg) < UPRIGHT_DEG

    @property
    def layout_right(self) -> bool:
        return self.layout == self.true_layout


def deviation(page: Page, to_page: ToPage, true_layout: str) -> Deviation:
    """Compare an accepted page with the truth of its photo."""
    start, stop = _middle_of_reading(page.nodes_px)
    seen_px = stop - start
    true_mm = np.subtract(*to_page(np.stack([stop, start])))
    true_px_per_mm = np.hypot(*seen_px) / np.hypot(*true_mm)
    reported = page.rotation_deg - _angle_deg(seen_px)
    turn_deg = (_angle_deg(true_mm) + reported + 180) % 360 - 180
    return Deviation(
        float(page.input_px_per_mm / true_px_per_mm - 1),
        corner_error_mm(page.nodes_px, page.corners, to_page),
        float(turn_deg),
        page.layout,
        true_layout,
    )


def corner_error_mm(nodes_px: Floats, corners_px: Floats, to_page: ToPage) -> float:
    """As `Deviation.corner_mm`, from the sheet's nodes [row, column, 2] nearest to the corners [4, 2]."""
    nodes = nearest_nodes(nodes_px, corners_px)
    seen_px = nodes_px[nodes[:, 0], nodes[:, 1]].astype(np.float64)
    return rigid_residual((nodes[:, ::-1] * NODE_MM).astype(np.float64), to_page(seen_px))


def rigid_residual(shape: Points, target: Points) -> float:
    """Root mean square distance of two sets of points [n, 2] after the best turn and shift of the first."""
    a, b = shape @ [1, 1j], target @ [1, 1j]
    a, b = a - a.mean(), b - b.mean()
    turn = np.vdot(a, b)
    turn = turn / abs(turn) if abs(turn) > 0 else 1.0
    return float(np.sqrt(np.mean(np.abs(b - a * turn) ** 2)))


def _middle_of_reading(nodes_px: Floats) -> tuple[Points, Points]:
    """Two pixels of the middle row, a quarter of the sheet's width apart."""
    middle = np.asarray(nodes_px[nodes_px.shape[0] // 2], np.float64)
    centre, reach = len(middle) // 2, max(1, len(middle) // 8)
    return middle[max(0, centre - reach)], middle[min(centre + reach, len(middle) - 1)]


def _angle_deg(vector: Points) -> float:
    return float(np.degrees(np.arctan2(vector[1], vector[0])))


def nearest_nodes(nodes_px: Floats, corners_px: Floats) -> Int64s:
    """Row and column, int [corner, 2], of the sheet's nodes [row, column, 2] nearest to each corner."""
    flat = nodes_px.reshape(-1, 2)
    nearest = [int(np.square(flat - corner).sum(axis=1).argmin()) for corner in corners_px]
    return np.stack(np.divmod(np.array(nearest, np.int64), nodes_px.shape[1]), axis=1)
