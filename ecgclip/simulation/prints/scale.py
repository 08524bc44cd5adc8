"""Scale of a print: paper speed, and gain of limb and chest leads."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from ecgclip.simulation.prints.chance import comes, pick

SPEEDS: Final = {25.0: 0.80, 50.0: 0.15, 12.5: 0.05}
GAINS: Final = {10.0: 0.87, 5.0: 0.08, 20.0: 0.04, 2.5: 0.01}


@dataclass(frozen=True)
class Scale:
    """Millimetres a second and a millivolt."""

    speed_mm_s: float
    limb_mm_mv: float
    chest_mm_mv: float

    @property
    def apart(self) -> bool:
        """Whether chest leads have a gain of their own."""
        return self.limb_mm_mv != self.chest_mm_mv

    def gain(self, lead: str) -> float:
        """The gain of a lead by its name."""
        return self.chest_mm_mv if lead.startswith("V") else self.limb_mm_mv


def sample_scale(rng: np.random.Generator, speeds: Mapping[float, float] | None = None) -> Scale:
    """50 mm/s is drawn more often than it is met; chest leads have half the gain now and then."""
    gain = pick(rng, GAINS)
    chest = gain / 2 if gain > 5 and comes(rng, 0.05) else gain
    return Scale(pick(rng, speeds or SPEEDS), gain, chest)
