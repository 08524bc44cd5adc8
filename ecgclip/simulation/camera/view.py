"""View: where the camera stands; the page becomes a quadrilateral in the frame."""

from dataclasses import dataclass

import cv2
import numpy as np

from ecgclip.typing import Float64s


@dataclass(frozen=True)
class View:
    """Turn of the page (clockwise), jitter of its corners (shares of its sides) and room around it.

    px_per_mm: scale of the photo before perspective; margins: left, top, right, bottom, shares of the page's
    extent in the frame; negative ones cut the page.
    """

    rotation_deg: float
    jitter: tuple[tuple[float, float], ...]
    px_per_mm: float
    margins: tuple[float, float, float, float]


def sample_view(
    rng: np.random.Generator,
    rotation_deg: float,
    perspective: float,
    px_per_mm: tuple[float, float],
    margin: float,
    turned: float,
) -> View:
    """A hand-held view; `turned` is the chance of a quarter or half turn."""
    quarter = int(rng.integers(1, 4)) if rng.random() < turned else 0
    jitter = rng.uniform(-perspective, perspective, (4, 2)) / 2
    margins = rng.uniform(0.2, 1.0, 4) * margin
    return View(
        rotation_deg=float(rng.uniform(-rotation_deg, rotation_deg) + 90 * quarter),
        jitter=tuple((float(x), float(y)) for x, y in jitter),
        px_per_mm=float(rng.uniform(*px_per_mm)),
        margins=(float(margins[0]), float(margins[1]), float(margins[2]), float(margins[3])),
    )


def place(view: View, size_mm: tuple[float, float]) -> tuple[Float64s, tuple[int, int]]:
    """The homography from mm of a flat page to px, float64 [3, 3], and the frame (width, height) in px."""
    page = np.array([(0, 0), (size_mm[0], 0), size_mm, (0, size_mm[1])], np.float64)
    angle = np.deg2rad(view.rotation_deg)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    jittered = page + np.array(view.jitter) * size_mm
    corners = (jittered @ turn) * view.px_per_mm
    low, high = corners.min(0), corners.max(0)
    left, top, right, bottom = np.array(view.margins) * np.tile(high - low, 2)
    frame = np.ceil(high - low + (left + right, top + bottom) - 1e-6)
    # Pixel centres: a point at the frame's very corner has the coordinates (-0.5, -0.5).
    corners = corners - low + (left, top) - 0.5
    matrix = cv2.getPerspectiveTransform(page.astype(np.float32), corners.astype(np.float32))
    return np.asarray(matrix, np.float64), (int(frame[0]), int(frame[1]))
