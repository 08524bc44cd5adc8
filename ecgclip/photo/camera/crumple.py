"""Crumple: paper that was a ball keeps a net of ridges between small, flat facets."""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from ecgclip.photo.camera.relief import Heights, lattice


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


def crumple_heights(crumple: Crumple, size_mm: tuple[float, float]) -> Heights:
    """Heights in mm, float32 [y, x], mean 0."""
    rng = np.random.default_rng(crumple.seed)
    x, y = lattice(size_mm)
    coarse = _facets(rng, crumple.coarse, size_mm, (x.shape[1], y.shape[0]))
    fine = _facets(rng, crumple.fine, size_mm, (x.shape[1], y.shape[0]))
    return np.asarray(crumple.height_mm * (coarse + 0.3 * fine), np.float32)


def _facets(
    rng: np.random.Generator, corners: int, size_mm: tuple[float, float], nodes: tuple[int, int]
) -> npt.NDArray[np.float32]:
    """A surface of triangles over random corners, heights -0.5..0.5, float32 [y, x]."""
    from scipy.interpolate import LinearNDInterpolator

    places = rng.uniform(-0.1, 1.1, (corners, 2)) * size_mm
    frame = np.array([(-1, -1), (2, -1), (2, 2), (-1, 2)]) * size_mm
    heights = np.concatenate([rng.uniform(-0.5, 0.5, corners), np.zeros(4)])
    surface = LinearNDInterpolator(np.concatenate([places, frame]), heights)
    third = (nodes[0] // 3, nodes[1] // 3)  # every third node is enough: facets are centimetres wide
    x, y = np.meshgrid(np.linspace(0, size_mm[0], third[0]), np.linspace(0, size_mm[1], third[1]))
    return np.asarray(cv2.resize(surface(x, y).astype(np.float32), nodes), np.float32)
