"""A page whose every millimetre can be found again: black dots on a square lattice."""

import cv2
import numpy as np
import pytest

PX_PER_MM = 6.0
SIZE_MM = (180.0, 120.0)


def dots_mm() -> np.ndarray:
    """Where the dots stand, float64 [dot, (x, y)] in mm."""
    x, y = np.meshgrid(np.arange(10, SIZE_MM[0], 20), np.arange(10, SIZE_MM[1], 20))
    return np.stack([x.ravel(), y.ravel()], axis=1)


@pytest.fixture
def dots() -> np.ndarray:
    return dots_mm()


@pytest.fixture
def page() -> np.ndarray:
    """White, 180 x 120 mm at 6 px/mm, with dots of 1.6 mm radius."""
    fine = np.full((round(SIZE_MM[1] * PX_PER_MM), round(SIZE_MM[0] * PX_PER_MM), 3), 255, np.uint8)
    for x, y in (dots_mm() * PX_PER_MM - 0.5) * 16:
        cv2.circle(
            fine, (round(x), round(y)), round(1.6 * PX_PER_MM * 16), (0, 0, 0), cv2.FILLED, cv2.LINE_AA, 4
        )
    return fine
