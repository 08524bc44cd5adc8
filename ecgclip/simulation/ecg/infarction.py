"""Infarction: dead muscle draws away from itself (Q waves), injured muscle pulls ST towards itself."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

import numpy as np

from ecgclip.simulation.ecg.beat import Beat, Pulse, Vector, as_vector, bell, scaled


@dataclass(frozen=True)
class Wall:
    """A region of the left ventricle.

    towards: from the centre to the region; origin: the region's place in image space.
    q_mv: what pulls away from a transmural scar in the first 40 ms.
    late_loss: share of the later forces towards the region that a scar takes (of the early ones: nearly all).
    """

    towards: Vector
    origin: Vector
    q_mv: float
    late_loss: float


WALLS: Final[Mapping[str, Wall]] = MappingProxyType(
    {
        "ASMI": Wall((0.08, 0.00, 0.96), (0.03, 0.0, 0.12), 0.40, 0.42),
        "AMI": Wall((0.38, -0.06, 0.85), (0.09, 0.0, 0.10), 0.36, 0.55),
        "ALMI": Wall((0.72, -0.30, 0.52), (0.14, 0.0, 0.05), 0.44, 0.50),
        "LMI": Wall((0.86, -0.42, -0.30), (0.12, 0.0, -0.03), 0.40, 0.40),
        "IMI": Wall((-0.28, 0.92, 0.00), (0.0, 0.05, 0.0), 0.38, 0.60),
        "ILMI": Wall((0.55, 0.80, -0.25), (0.10, 0.05, 0.0), 0.48, 0.45),
        "PMI": Wall((0.02, 0.12, -0.95), (0.0, 0.0, 0.05), 0.46, 0.75),
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


def _scarred(beat: Beat, wall: Wall, share: float) -> tuple[Pulse, ...]:
    """The QRS without the dead wall's forces, led by a Q wave of 40 ms; a share of 1 is transmural."""
    left = [_weakened(p, wall, share * (0.9 if p.at < 0.45 else wall.late_loss)) for p in beat.qrs]
    q = as_vector(-share * wall.q_mv * np.array(wall.towards))
    return (bell(0.024 / beat.qrs_s, 0.019 / beat.qrs_s, q, wall.origin), *left)


def _weakened(pulse: Pulse, wall: Wall, share: float) -> Pulse:
    """Take a share of what the pulse has in the direction of the wall."""
    towards = np.array(wall.towards) / np.linalg.norm(wall.towards)
    along = max(0.0, float(towards @ np.array(pulse.vector)))
    return replace(pulse, vector=as_vector(np.array(pulse.vector) - min(share, 1.0) * along * towards))


def _old(beat: Beat, wall: Wall, rng: np.random.Generator) -> Beat:
    share = float(rng.uniform(0.85, 1.15))
    depth = float(rng.choice([0.07, 0.30], p=[0.45, 0.55]) * rng.uniform(0.8, 1.2))
    turn = bell(0.79, 0.125, as_vector(-depth * np.array(wall.towards)), wall.origin)
    lift = _segment(wall, float(rng.uniform(0.0, 0.05)))
    recovery = (*scaled(beat.repolarisation, 0.75), turn, lift)
    return replace(beat, qrs=_scarred(beat, wall, share), repolarisation=recovery)


def _acute(beat: Beat, wall: Wall, rng: np.random.Generator) -> Beat:
    """Raised ST running into the T wave; Q waves on their way; the mirror image opposite."""
    lift = float(rng.uniform(0.20, 0.38))
    dome = Pulse(0.66, 0.22, 0.15, as_vector(lift * 0.9 * np.array(wall.towards)), wall.origin)
    qrs = _scarred(beat, wall, float(rng.uniform(0.15, 0.6)))
    recovery = (*beat.repolarisation, _segment(wall, lift), dome)
    return replace(beat, qrs=qrs, repolarisation=recovery)


def _segment(wall: Wall, lift_mv: float) -> Pulse:
    vector = as_vector(lift_mv * np.array(wall.towards))
    return Pulse(0.46, 0.24, 0.30, vector, wall.origin, power=4.0)
