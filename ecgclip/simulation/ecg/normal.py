"""The healthy heart: how its activation and recovery travel, and how people differ."""

from dataclasses import dataclass

import numpy as np

from ecgclip.simulation.ecg.beat import Beat, Pulse, bell, jittered, scaled, turned, with_axis
from ecgclip.simulation.ecg.leads import Chest, draw_chest, rotation

ATRIUM_RIGHT = (-0.14, -0.08, -0.15)
ATRIUM_LEFT = (-0.12, -0.12, -0.30)
"""Origins of the atrial dipoles: above and behind, far from the chest electrodes."""
P_WAVE = (
    bell(0.36, 0.26, (0.065, 0.070, 0.050), ATRIUM_RIGHT),  # down and forward
    bell(0.66, 0.26, (0.105, 0.035, -0.018), ATRIUM_LEFT),  # to the left and back
)
RETROGRADE_P = (bell(0.5, 0.30, (-0.03, -0.13, 0.05), ATRIUM_RIGHT),)  # from the AV node upwards
QRS = (
    bell(0.21, 0.11, (-0.13, -0.02, 0.17)),  # septum, from the left to the right
    bell(0.37, 0.13, (0.32, 0.28, 0.27)),  # apex and front wall
    bell(0.52, 0.12, (1.10, 0.76, -0.42)),  # free wall of the left ventricle
    bell(0.71, 0.12, (0.02, -0.02, -0.58), (0.06, 0.0, 0.10)),  # base, backwards
    bell(0.86, 0.10, (-0.17, -0.05, -0.10)),  # last: outflow tract
)
REPOLARISATION = (
    Pulse(0.48, 0.20, 0.26, (0.010, 0.010, 0.060), power=4.0),  # ST segment: a little forward
    Pulse(0.785, 0.20, 0.135, (0.44, 0.14, 0.20), (-0.13, -0.05, -0.15)),
    Pulse(0.735, 0.18, 0.140, (0.00, 0.02, 0.11)),
)
U_WAVE = Pulse(1.13, 0.07, 0.09, (0.015, 0.010, 0.035))


@dataclass(frozen=True)
class Person:
    """What stays the same in all ECGs of one patient.

    chest: electrodes; axis_deg, turn_deg: the heart's place in the frontal and the horizontal plane.
    qrs_gain, t_gain: amplitudes against the average; pr_s, qrs_s, qtc_s: intervals in s.
    """

    age: int
    sex: str
    chest: Chest
    axis_deg: float
    turn_deg: float
    qrs_gain: float
    t_gain: float
    p_gain: float
    p_s: float
    pr_s: float
    qrs_s: float
    qtc_s: float
    beat_seed: int


def draw_person(rng: np.random.Generator) -> Person:
    """A random adult: age 18-94; women have longer QT, lower voltages and flatter T waves in front."""
    age = int(np.clip(rng.normal(60.0, 18.0), 18, 94))
    female = bool(rng.random() < 0.48)
    return Person(
        age=age,
        sex="female" if female else "male",
        chest=draw_chest(rng),
        axis_deg=float(np.clip(rng.normal(50.0 - 0.6 * (age - 30), 24.0), -24.0, 86.0)),
        turn_deg=_bounded(rng, 0.0, 13.0),
        qrs_gain=float(np.exp(_bounded(rng, -0.12 if female else 0.0, 0.22))),
        t_gain=float(np.exp(_bounded(rng, (-0.25 if female else -0.02) - 0.008 * (age - 50), 0.27))),
        p_gain=float(np.exp(_bounded(rng, 0.0, 0.22))),
        p_s=_bounded(rng, 0.100, 0.007),
        pr_s=_bounded(rng, 0.150, 0.014),
        qrs_s=_bounded(rng, 0.086 if female else 0.092, 0.005),
        qtc_s=_bounded(rng, 0.424 if female else 0.414, 0.013),
        beat_seed=int(rng.integers(2**31)),
    )


def _bounded(rng: np.random.Generator, mean: float, sd: float) -> float:
    """Normally distributed, within two standard deviations."""
    return mean + sd * float(np.clip(rng.normal(), -2.0, 2.0))


def normal_beat(person: Person) -> Beat:
    """The healthy beat of a person: the same for the same person."""
    rng = np.random.default_rng(person.beat_seed)
    base = float(np.exp(np.clip(rng.normal(0.0, 0.3), -0.7, 0.6)))  # S in V1-V3 differs most between people
    qrs = (*QRS[:3], *scaled(QRS[3:4], base), *QRS[4:])
    qrs = turned(jittered(rng, qrs, 0.16), rotation(0.0, person.turn_deg))
    recovery = jittered(rng, REPOLARISATION, 0.15)
    if rng.random() < 0.4:
        recovery += (U_WAVE,)
    recovery = turned(recovery, rotation(0.3 * (person.axis_deg - 38.0), 0.6 * person.turn_deg))
    return Beat(
        p=scaled(jittered(rng, P_WAVE), person.p_gain),
        qrs=scaled(with_axis(qrs, person.axis_deg), person.qrs_gain),
        repolarisation=scaled(recovery, person.t_gain),
        p_s=person.p_s,
        pr_s=person.pr_s,
        qrs_s=person.qrs_s,
        qtc_s=person.qtc_s,
    )
