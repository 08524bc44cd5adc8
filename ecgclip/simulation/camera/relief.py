"""Paper that does not lie flat: heights over the desk, and what they do to a picture.

Seen from a camera at `CAMERA_MM` above the middle of the page, a point `h` higher moves outward by `h` times
the tangent of the viewing angle; light from one side brightens the slopes that face it. Both come from the
same heights, so that a fold bends the grid and changes the light at the same place.
"""

import numpy as np

from ecgclip.typing import Float32s

CAMERA_MM = 380.0
"""A hand's height for a phone that sees a whole letter page."""
NODE_MM = 1.0
"""Distance of the lattice's nodes on the page."""
SHADING_GAIN = 1.1
MAX_DISPLACEMENT_MM = 5.0


def lattice(size_mm: tuple[float, float]) -> tuple[Float32s, Float32s]:
    """x and y in mm of the nodes on a page of (width, height), float32 [y, 1] and [1, x] to broadcast."""
    width, height = size_mm
    x = np.arange(0, width + NODE_MM, NODE_MM, dtype=np.float32)
    y = np.arange(0, height + NODE_MM, NODE_MM, dtype=np.float32)
    return x[None, :], y[:, None]


def displacement(heights: Float32s, size_mm: tuple[float, float]) -> Float32s:
    """How far each node appears moved in mm, float32 [y, x, 2], at most `MAX_DISPLACEMENT_MM`."""
    x, y = lattice(size_mm)
    tangent_x, tangent_y = (x - size_mm[0] / 2) / CAMERA_MM, (y - size_mm[1] / 2) / CAMERA_MM
    moved = np.stack([heights * tangent_x, heights * tangent_y], axis=-1)
    largest = float(np.abs(moved).max(initial=0.0))
    return moved * np.float32(min(1.0, MAX_DISPLACEMENT_MM / max(largest, 1e-6)))


def shading(heights: Float32s, light_deg: float) -> Float32s:
    """Brightness of each node under light from `light_deg`, float32 [y, x], 1 where the paper is flat."""
    slope_y, slope_x = np.gradient(heights, NODE_MM)
    angle = np.deg2rad(light_deg)
    facing = slope_x * np.cos(angle) + slope_y * np.sin(angle)
    return np.asarray(np.clip(1 + SHADING_GAIN * facing, 0.5, 1.25), np.float32)
