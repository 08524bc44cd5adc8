"""Infarction: dead muscle draws away from itself (Q waves), injured muscle pulls ST towards itself."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

import numpy as np

from ecgclip.records.synthetic.beat import Beat, Pulse, Vector, as_vector, bell


@dataclass(frozen=True)
class Wall:
    """A region of the left ventricle.

    towards: from the centre to the region; origin: the region's place in image space.
    loss: how much of the QRS, in mV, a transmural scar takes: early (Q wave) and at the R peak.
    """

    towards: Vector
    origin: Vector
    q_mv: float
    r_loss_mv: float


WALLS: Final[Mapping[str, Wall]] = MappingProxyType(
    {
        "ASMI": Wall((-0.05, 0.00, 0.97), (0.02, 0.0, 0.13), 0.55, 0.40),
        "AMI": Wall((0.38, -0.06, 0.85), (0.09, 0.0, 0.10), 0.52, 0.62),
        "ALMI": Wall((0.72, -0.30, 0.52), (0.14, 0.0, 0.05), 0.55, 0.58),
        "LMI": Wall((0.86, -0.42, -0.30), (0.12, 0.0, -0.03), 0.42, 0.38),
        "IMI": Wall((-0.08, 0.95, -0.12), (0.0, 0.05, 0.0), 0.50, 0.42),
        "ILMI": Wall((0.55, 0.80, -0.25), (0.10, 0.05, 0.0), 0.62, 0.40),
        "PMI": Wall((0.02, 0.12, -0.95), (0.0, 0.0, 0.05), 0.54, 0.45),
    }
)


def infarct(beat: Beat, code: str, rng: np.random.Generator, *, acute: bool) -> Beat:
    """Add the infarction of a wall: a scar with Q waves and turned T, or the first hours with raised ST."""
    wall = WALLS[code]
    return _acute(beat, wall, rng) if acute else _old(beat, wall, rng)


def aneurysm(beat: Beat, code: str, rng: np.random.Generator) -> Beat:
    """ST that stays raised over a scar."""
    lift = float(rng.uniform(0.12, 0.20))
    return replace(beat, repolarisation=(*beat.repolarisation, _segment(WALLS[code], lift)))


def _scar(beat: Beat, wall: Wall, share: float) -> tuple[Pulse, ...]:
    """Early and middle QRS forces that are missing; a share of 1 is transmural.

    The Q wave lasts 40 ms whatever the width of the QRS.
    """
    early, width = 0.024 / beat.qrs_s, 0.0165 / beat.qrs_s
    away = -share * np.array(wall.towards)
    return (
        bell(early, width, as_vector(wall.q_mv * away), wall.origin),
        bell(0.42, 0.19, as_vector(wall.r_loss_mv * away), wall.origin),
    )


def _old(beat: Beat, wall: Wall, rng: np.random.Generator) -> Beat:
    share = float(rng.uniform(0.85, 1.15))
    depth = float(rng.choice([0.07, 0.30], p=[0.45, 0.55]) * rng.uniform(0.8, 1.2))
    turn = bell(0.79, 0.125, as_vector(-depth * np.array(wall.towards)), wall.origin)
    lift = _segment(wall, float(rng.uniform(0.0, 0.05)))
    recovery = (*beat.repolarisation, turn, lift)
    return replace(beat, qrs=beat.qrs + _scar(beat, wall, share), repolarisation=recovery)


def _acute(beat: Beat, wall: Wall, rng: np.random.Generator) -> Beat:
    """Raised ST running into the T wave; Q waves on their way; the mirror image opposite."""
    lift = float(rng.uniform(0.20, 0.38))
    dome = Pulse(0.66, 0.22, 0.15, as_vector(lift * 0.9 * np.array(wall.towards)), wall.origin)
    scar = _scar(beat, wall, float(rng.uniform(0.15, 0.6)))
    recovery = (*beat.repolarisation, _segment(wall, lift), dome)
    return replace(beat, qrs=beat.qrs + scar, repolarisation=recovery)


def _segment(wall: Wall, lift_mv: float) -> Pulse:
    vector = as_vector(lift_mv * np.array(wall.towards))
    return Pulse(0.46, 0.24, 0.30, vector, wall.origin, power=4.0)
