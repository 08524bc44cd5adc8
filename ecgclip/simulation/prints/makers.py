"""`Maker`: a family of prints that one maker's machines draw, as wishes about each idea of a print."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

import numpy as np

from ecgclip.simulation.prints.chance import comes, pick
from ecgclip.simulation.prints.wishes import Wishes

_OWN_STYLE: Final = 0.65
"""Share of prints that follow a maker; all others mix every idea freely."""
_KEPT: Final = 0.93
"""Chance of each group of wishes to be followed: another model, another firmware."""


@dataclass(frozen=True)
class Maker:
    """Wishes; an empty group leaves all as it is drawn for any print.

    share: weight among makers; layouts, speeds, pages: their shares; pitch: `row` to row, mm.
    """

    name: str
    share: float = 1.0
    layouts: Mapping[str, float] = field(default_factory=dict)
    speeds: Mapping[float, float] = field(default_factory=dict)
    pages: Mapping[str, float] = field(default_factory=dict)
    pitch: tuple[float, float] | None = None
    arrangement: Wishes = field(default_factory=dict)
    grid: Wishes = field(default_factory=dict)
    trace: Wishes = field(default_factory=dict)
    pulses: Wishes = field(default_factory=dict)
    marks: Wishes = field(default_factory=dict)
    names: Wishes = field(default_factory=dict)
    lettering: Wishes = field(default_factory=dict)
    spelling: Wishes = field(default_factory=dict)
    head: str = ""


ANY: Final = Maker("any")


def sample_maker(rng: np.random.Generator) -> Maker:
    """A maker by its share, some of its habits left out; or any mixture."""
    if not comes(rng, _OWN_STYLE):
        return ANY
    makers = _makers()
    maker = makers[pick(rng, {name: maker.share for name, maker in makers.items()})]
    groups = ("speeds", "grid", "trace", "pulses", "marks", "names", "lettering", "spelling")
    dropped: dict[str, Wishes] = {group: {} for group in groups if not comes(rng, _KEPT)}
    return Maker(**{**maker.__dict__, **dropped})


@lru_cache(maxsize=1)
def _makers() -> dict[str, Maker]:
    from ecgclip.simulation.prints.catalogue import MAKERS

    return {maker.name: maker for maker in MAKERS}
