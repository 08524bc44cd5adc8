"""A heartbeat as a few dipole pulses: P, QRS and the repolarisation, each with times of its own."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from ecgclip.simulation.ecg.leads import frontal_axis_deg, rotation
from ecgclip.typing import Float64s

Vector = tuple[float, float, float]
CENTRE: Final[Vector] = (0.0, 0.0, 0.0)


@dataclass(frozen=True)
class Pulse:
    """A dipole that swells and fades: vector * exp(-|(time - at) / width| ** power).

    at, rise, fall: in units of the wave's clock (duration of the P wave, of the QRS, or the QT interval).
    vector: x left, y feet, z front; a unit gives about 1 mV. origin: the dipole's place in image space.
    power: 2 a bell, 4 and more a plateau.
    """

    at: float
    rise: float
    fall: float
    vector: Vector
    origin: Vector = CENTRE
    power: float = 2.0


@dataclass(frozen=True)
class Beat:
    """The pulses of one kind of heartbeat.

    p_s, qrs_s: durations in s; qtc_s: QT in s at 60/min; pr_s: from the onset of P to the onset of QRS.
    """

    p: tuple[Pulse, ...]
    qrs: tuple[Pulse, ...]
    repolarisation: tuple[Pulse, ...]
    p_s: float
    pr_s: float
    qrs_s: float
    qtc_s: float

    @property
    def axis_deg(self) -> float:
        """Frontal axis of the QRS by its net area in I and aVF."""
        return frontal_axis_deg(area(self.qrs))


def bell(at: float, width: float, vector: Vector, origin: Vector = CENTRE) -> Pulse:
    """A symmetric pulse."""
    return Pulse(at, width, width, vector, origin)


def area(pulses: Sequence[Pulse]) -> Float64s:
    """Sum of the vectors weighted by how long they last, [3]."""
    return np.asarray(np.sum([np.multiply(p.vector, p.rise + p.fall) for p in pulses], axis=0))


def as_vector(values: Float64s) -> Vector:
    x, y, z = (float(value) for value in values)
    return x, y, z


def scaled(pulses: Sequence[Pulse], factor: float) -> tuple[Pulse, ...]:
    """The same pulses, stronger or weaker."""
    return turned(pulses, np.eye(3) * factor)


def turned(pulses: Sequence[Pulse], matrix: Float64s) -> tuple[Pulse, ...]:
    """The same pulses with their vectors mapped by a [3, 3] matrix."""
    return tuple(replace(p, vector=as_vector(matrix @ np.array(p.vector))) for p in pulses)


def with_axis(pulses: Sequence[Pulse], target_deg: float, keep: int = 0) -> tuple[Pulse, ...]:
    """Turn the QRS in the frontal plane until its axis is the target; the first `keep` pulses stay."""
    first, rest = tuple(pulses[:keep]), tuple(pulses[keep:])
    for _ in range(6):  # the limb leads are no right-angled frame: a turn by x moves the axis by about x
        miss = target_deg - frontal_axis_deg(area(first + rest))
        miss = (miss + 180.0) % 360.0 - 180.0
        rest = turned(rest, rotation(0.9 * miss))
    return first + rest


def jittered(rng: np.random.Generator, pulses: Sequence[Pulse], spread: float = 0.12) -> tuple[Pulse, ...]:
    """Every person's pulses differ a little in time, width and strength."""
    change = np.clip(rng.normal(0.0, 1.0, (len(pulses), 5)), -2.0, 2.0)
    sizes = np.linalg.norm([p.vector for p in pulses], axis=1)
    return tuple(
        replace(
            p,
            at=p.at + 0.15 * spread * c[0],
            rise=p.rise * (1 + 0.6 * spread * c[1]),
            fall=p.fall * (1 + 0.6 * spread * c[1]),
            vector=as_vector(np.array(p.vector) + spread * size * c[2:]),
        )
        for p, c, size in zip(pulses, change, sizes, strict=True)
    )
