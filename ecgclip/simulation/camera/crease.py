"""Creases: a page that was folded stands in facets, each with its own slope and light."""

from dataclasses import dataclass

import numpy as np

from ecgclip.simulation.camera.relief import lattice
from ecgclip.typing import Float32s


@dataclass(frozen=True)
class Fold:
    """A straight fold through (x, y), shares of the page: a ridge (or valley) with a worn edge."""

    x: float
    y: float
    angle_deg: float
    height_mm: float
    reach_mm: float
    worn_mm: float


@dataclass(frozen=True)
class Crease:
    """The folds of a page."""

    folds: tuple[Fold, ...]


def sample_crease(rng: np.random.Generator, strength: float) -> Crease:
    """One to four folds, most of them straight across, some diagonal."""
    return Crease(tuple(_sample_fold(rng, strength) for _ in range(rng.integers(1, 5))))


def _sample_fold(rng: np.random.Generator, strength: float) -> Fold:
    straight = rng.random() < 0.6
    angle = rng.choice([0, 90]) + rng.normal(0, 2) if straight else rng.uniform(0, 180)
    return Fold(
        x=float(rng.uniform(0.2, 0.8)),
        y=float(rng.uniform(0.2, 0.8)),
        angle_deg=float(angle),
        height_mm=float(rng.choice([-1, 1]) * rng.uniform(3, 12) * strength),
        reach_mm=float(rng.uniform(50, 160)),
        worn_mm=float(rng.uniform(-0.5, 0.5) * strength),
    )


def crease_heights(crease: Crease, size_mm: tuple[float, float]) -> Float32s:
    """Heights in mm, float32 [y, x]: tents along the folds."""
    x, y = lattice(size_mm)
    heights = np.zeros((y.shape[0], x.shape[1]), np.float32)
    for fold in crease.folds:
        angle = np.deg2rad(fold.angle_deg)
        across = (y - fold.y * size_mm[1]) * np.cos(angle) - (x - fold.x * size_mm[0]) * np.sin(angle)
        heights += fold.height_mm * np.maximum(0, 1 - np.abs(across) / fold.reach_mm)
        heights += fold.worn_mm * np.exp(-np.abs(across) / 1.5)
    return heights
