"""Wishes: what one maker's prints have in common, laid over parameters that were drawn for any print."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from ecgclip.simulation.prints.chance import between, pick

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

D = TypeVar("D", bound="DataclassInstance")


@dataclass(frozen=True)
class Span:
    """Any number from `low` to `high`."""

    low: float
    high: float


@dataclass(frozen=True)
class OneOf:
    """One key by its share."""

    shares: Mapping[Any, float]


@dataclass(frozen=True)
class Tint:
    """A colour, as another sheet or another light shows it."""

    rgb: tuple[int, int, int]
    spread: float = 5.0


Wishes = Mapping[str, Any]
"""Names of fields, and a `Span`, `OneOf`, `Tint` or the value itself."""


def adjusted(parameters: D, wishes: Wishes, rng: np.random.Generator) -> D:
    """The parameters with the fields that are wished for."""
    return replace(parameters, **{name: drawn(wish, rng) for name, wish in wishes.items()})


def drawn(wish: Any, rng: np.random.Generator) -> Any:
    """The value of one wish."""
    match wish:
        case Span(low, high):
            return between(rng, low, high)
        case OneOf(shares):
            return drawn(pick(rng, shares), rng)
        case Tint(rgb, spread):
            shifted = np.array(rgb) + rng.normal(0, spread, 3) + rng.normal(0, spread)
            return tuple(int(value) for value in np.clip(np.round(shifted), 0, 255))
        case _:
            return wish
