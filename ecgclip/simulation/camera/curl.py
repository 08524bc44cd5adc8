"""Curl: paper from a roll, or held at one end, bends along one axis."""

from dataclasses import dataclass

import numpy as np

from ecgclip.simulation.camera.relief import lattice
from ecgclip.typing import Float32s


@dataclass(frozen=True)
class Curl:
    """The edges rise to `height_mm` along `axis_deg`; `flat` is the share of the page that stays down."""

    height_mm: float
    axis_deg: float
    flat: float
    both_edges: bool


def sample_curl(rng: np.random.Generator, strength: float) -> Curl:
    """A curl of up to 18 mm at strength 1."""
    return Curl(
        height_mm=float(rng.uniform(4, 18) * strength),
        axis_deg=float(rng.choice([0, 90, 180, 270]) + rng.normal(0, 12)),
        flat=float(rng.uniform(0.0, 0.5)),
        both_edges=bool(rng.random() < 0.5),
    )


def curl_heights(curl: Curl, size_mm: tuple[float, float]) -> Float32s:
    """Heights in mm, float32 [y, x]: a parabola beyond the flat part."""
    x, y = lattice(size_mm)
    angle = np.deg2rad(curl.axis_deg)
    along = (x / size_mm[0] - 0.5) * np.cos(angle) + (y / size_mm[1] - 0.5) * np.sin(angle)
    from_middle = np.abs(along) * 2 if curl.both_edges else along + 0.5
    lifted = np.maximum(0, from_middle - curl.flat) / (1 - curl.flat)
    return np.asarray(curl.height_mm * lifted**2, np.float32)
