"""Draws that every idea of a print uses: a choice by shares, a number of a range, a chance."""

from collections.abc import Mapping
from typing import TypeVar

import numpy as np

T = TypeVar("T")


def pick(rng: np.random.Generator, shares: Mapping[T, float]) -> T:
    """One key, as often as its share of the sum says."""
    weights = np.array(list(shares.values()), float)
    return list(shares)[int(rng.choice(len(weights), p=weights / weights.sum()))]


def between(rng: np.random.Generator, low: float, high: float) -> float:
    """A number from `low` to `high`, all alike."""
    return float(rng.uniform(low, high))


def comes(rng: np.random.Generator, chance: float) -> bool:
    """True as often as `chance`."""
    return bool(rng.random() < chance)
