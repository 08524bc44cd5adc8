"""The healthy heart: how its activation and recovery travel, and how people differ."""

from dataclasses import dataclass

import numpy as np

from ecgclip.records.synthetic.beat import Beat, Pulse, bell, jittered, scaled, turned, with_axis
from ecgclip.records.synthetic.leads import Chest, draw_chest, rotation

P_WAVE = (
    bell(0.36, 0.26, (0.035, 0.075, 0.045)),  # right atrium: down and forward
    bell(0.66, 0.26, (0.075, 0.050, -0.020)),  # left atrium: to the left and back
)
RETROGRADE_P = (bell(0.5, 0.30, (-0.02, -0.13, 0.05)),)  # from the AV node upwards
QRS = (
    bell(0.21, 0.11, (-0.16, -0.04, 0.26)),  # septum, from the left to the right
    bell(0.37, 0.13, (0.34, 0.28, 0.34)),  # apex and front wall
    bell(0.53, 0.14, (1.00, 0.78, -0.36)),  # free wall of the left ventricle
    bell(0.71, 0.12, (0.08, 0.02, -0.60)),  # base, backwards
    bell(0.88, 0.10, (-0.18, -0.12, -0.10)),  # last: outflow tract
)
REPOLARISATION = (
    Pulse(0.48, 0.20, 0.26, (0.015, 0.015, 0.040), power=4.0),  # ST segment: a little forward
    Pulse(0.770, 0.20, 0.125, (0.27, 0.20, 0.12)),
    Pulse(0.735, 0.18, 0.140, (0.00, 0.02, 0.10)),
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
    bounded = lambda mean, sd: float(np.clip(rng.normal(mean, sd), mean - 2 * sd, mean + 2 * sd))  # noqa: E731
    return Person(
        age=age,
        sex="female" if female else "male",
        chest=draw_chest(rng),
        axis_deg=float(np.clip(rng.normal(68.0 - 0.5 * (age - 30), 20.0), -18.0, 84.0)),
        turn_deg=bounded(0.0, 9.0),
        qrs_gain=float(np.exp(bounded(-0.12 if female else 0.0, 0.16))),
        t_gain=float(np.exp(bounded(-0.25 if female else -0.05, 0.26))),
        p_gain=float(np.exp(bounded(0.0, 0.22))),
        p_s=bounded(0.100, 0.007),
        pr_s=bounded(0.155, 0.016),
        qrs_s=bounded(0.086 if female else 0.092, 0.005),
        qtc_s=bounded(0.412 if female else 0.402, 0.012),
        beat_seed=int(rng.integers(2**31)),
    )


def normal_beat(person: Person) -> Beat:
    """The healthy beat of a person: the same for the same person."""
    rng = np.random.default_rng(person.beat_seed)
    qrs = turned(jittered(rng, QRS), rotation(0.0, person.turn_deg))
    recovery = jittered(rng, REPOLARISATION)
    if rng.random() < 0.4:
        recovery += (U_WAVE,)
    recovery = turned(recovery, rotation(0.5 * (person.axis_deg - 50.0), 0.6 * person.turn_deg))
    return Beat(
        p=scaled(jittered(rng, P_WAVE), person.p_gain),
        qrs=scaled(with_axis(qrs, person.axis_deg), person.qrs_gain),
        repolarisation=scaled(recovery, person.t_gain),
        p_s=person.p_s,
        pr_s=person.pr_s,
        qrs_s=person.qrs_s,
        qtc_s=person.qtc_s,
    )
