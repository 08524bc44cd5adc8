"""Crumple: paper that was a ball keeps a net of ridges between small, flat facets."""

from dataclasses import dataclass

import cv2
import numpy as np

from ecgclip.simulation.camera.relief import lattice
from ecgclip.typing import Float32s, Float64s


@dataclass(frozen=True)
class Crumple:
    """Random corners, `coarse` large and `fine` small, joined by flat triangles; `seed` places them."""

    height_mm: float
    coarse: int
    fine: int
    seed: int


def sample_crumple(rng: np.random.Generator, strength: float) -> Crumple:
    """Facets of a few centimetres, up to 9 mm high at strength 1."""
    return Crumple(
        height_mm=float(rng.uniform(2, 9) * strength),
        coarse=int(rng.integers(15, 60)),
        fine=int(rng.integers(80, 400)),
        seed=int(rng.integers(2**31)),
    )


def crumple_heights(crumple: Crumple, size_mm: tuple[float, float]) -> Float32s:
    """Heights in mm, float32 [y, x], mean 0."""
    rng = np.random.default_rng(crumple.seed)
    x, y = lattice(size_mm)
    nodes = x.shape[1], y.shape[0]
    coarse, fine = (_facets(rng, corners, nodes) for corners in (crumple.coarse, crumple.fine))
    return np.asarray(crumple.height_mm * (coarse + 0.3 * fine), np.float32)


def _facets(rng: np.random.Generator, corners: int, nodes: tuple[int, int]) -> Float32s:
    """A surface of flat triangles over random corners, heights -0.5..0.5, float32 [y, x]."""
    from scipy.spatial import Delaunay

    frame = np.array([(-1, -1), (2, -1), (2, 2), (-1, 2)], float)
    places = np.concatenate([rng.uniform(-0.1, 1.1, (corners, 2)), frame]) * nodes
    heights = np.concatenate([rng.uniform(-0.5, 0.5, corners), np.zeros(4)])
    triangles = np.asarray(Delaunay(places).simplices)
    owner = np.zeros((nodes[1], nodes[0]), np.int32)
    for i, triangle in enumerate(np.round(places[triangles] * 16).astype(np.int32)):
        cv2.fillConvexPoly(owner, triangle[:, None], i, cv2.LINE_8, 4)
    slope_x, slope_y, level = _planes(places[triangles], heights[triangles])
    x, y = np.arange(nodes[0])[None, :], np.arange(nodes[1])[:, None]
    surface = slope_x[owner] * x + slope_y[owner] * y + level[owner]
    return np.clip(surface, -0.5, 0.5).astype(np.float32)


def _planes(corners: Float64s, heights: Float64s) -> tuple[Float64s, Float64s, Float64s]:
    """Slopes along x and y and the height at (0, 0) of each triangle's plane, by Cramer's rule."""
    (x1, y1), (x2, y2) = ((corners[:, i] - corners[:, 0]).T for i in (1, 2))
    h1, h2 = heights[:, 1] - heights[:, 0], heights[:, 2] - heights[:, 0]
    area = x1 * y2 - x2 * y1
    area = np.where(np.abs(area) < 1e-9, 1e-9, area)
    slope_x, slope_y = (h1 * y2 - h2 * y1) / area, (x1 * h2 - x2 * h1) / area
    return slope_x, slope_y, heights[:, 0] - slope_x * corners[:, 0, 0] - slope_y * corners[:, 0, 1]
