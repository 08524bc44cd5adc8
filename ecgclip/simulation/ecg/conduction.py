"""Blocks and detours of the activation: bundle branches, fascicles, accessory pathway, pacing, ectopic foci.

A part of the ventricles that is reached late is drawn late, and what is activated the wrong way round
recovers the wrong way round: ST and T turn against the QRS.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ecgclip.simulation.ecg.beat import (
    Beat,
    Pulse,
    area,
    as_vector,
    bell,
    jittered,
    scaled,
    turned,
    with_axis,
)
from ecgclip.simulation.ecg.leads import rotation
from ecgclip.typing import Float64s

SEPTUM = (0.14, 0.0, 0.20)
"""Origin of the front part of a wrong-way activation: under V2 and V3."""
SIDE = (0.0, -0.10, -0.33)
"""Origin of its lateral part: far from the front wall."""
RIGHT_FRONT = (-0.16, 0.03, 0.16)
"""Origin of late right ventricular activation: under V1 and V2."""


def right_bundle_block(beat: Beat, rng: np.random.Generator, *, complete: bool) -> Beat:
    """The right ventricle last: r' in V1, broad S in I and V6; T turned in V1-V2."""
    qrs_s = float(rng.uniform(0.126, 0.152) if complete else rng.uniform(0.104, 0.114))
    size = float(rng.uniform(0.8, 1.2)) * (0.68 if complete else 0.26)
    base = stretched(beat.qrs, beat.qrs_s * 0.95 / qrs_s)
    end = 0.045 / qrs_s if complete else 0.032 / qrs_s
    late = (
        bell(1.0 - 1.45 * end, 0.85 * end, (-0.42 * size, 0.02 * size, 0.66 * size), RIGHT_FRONT),
        bell(1.0 - 0.85 * end, 0.62 * end, (-0.50 * size, -0.04 * size, 0.24 * size), RIGHT_FRONT),
    )
    inverted = 0.30 * size if complete else 0.11
    turn = bell(0.75, 0.13, (0.25 * inverted, 0.02, -inverted), RIGHT_FRONT)
    base = with_less_behind(base, 0.65 if complete else 0.85)
    return replace(beat, qrs=base + late, repolarisation=(*beat.repolarisation, turn), qrs_s=qrs_s)


def left_bundle_block(beat: Beat, rng: np.random.Generator, *, complete: bool) -> Beat:
    """The left ventricle from right to left: no septal q, broad notched R in I, aVL, V6, deep S in V1-V3."""
    if not complete:
        qrs = (bell(0.20, 0.12, (0.20, 0.10, 0.04)), *beat.qrs[1:])
        recovery = (*scaled(beat.repolarisation, 0.6), *against(qrs, 0.03, 0.12))
        return replace(beat, qrs=qrs, repolarisation=recovery, qrs_s=float(rng.uniform(0.106, 0.117)))
    front = (
        bell(0.35, 0.14, (0.10, 0.06, -0.86), SEPTUM),
        bell(0.54, 0.14, (0.10, 0.07, -0.90), SEPTUM),
    )
    side = (
        bell(0.34, 0.14, (0.62, 0.20, -0.05), SIDE),
        bell(0.52, 0.12, (0.34, 0.08, -0.12), SIDE),
        bell(0.69, 0.14, (0.74, 0.08, -0.10), SIDE),
        bell(0.88, 0.09, (0.16, -0.02, -0.12), SIDE),
    )
    axis = float(np.clip(rng.normal(-8.0, 24.0), -55.0, 50.0))
    gain = float(np.exp(rng.normal(0.08, 0.2)))
    first = bell(0.13, 0.09, (0.08, 0.06, 0.12))
    qrs = scaled(with_axis(jittered(rng, (first, *front, *side)), axis, keep=1), gain)
    return wide(
        beat,
        qrs,
        float(rng.uniform(0.138, 0.168)),
        against(qrs[:3], 0.10, 0.40) + against(qrs[3:], 0.06, 0.22),
    )


def left_anterior_block(beat: Beat, rng: np.random.Generator) -> Beat:
    """First downwards, then up and to the left: axis beyond -45, qR in aVL, rS in II, III and aVF."""
    first = bell(0.20, 0.12, (-0.10, 0.20, 0.14))
    later = tuple(replace(p, at=p.at + 0.04) for p in scaled(beat.qrs[1:], 0.75))
    last = bell(0.80, 0.12, (0.02, -0.30, -0.28))
    qrs = with_axis((first, *later, last), float(rng.uniform(-66.0, -46.0)), keep=1)
    return replace(beat, qrs=qrs, qrs_s=max(beat.qrs_s, float(rng.uniform(0.096, 0.112))))


def left_posterior_block(beat: Beat, rng: np.random.Generator) -> Beat:
    """First up and to the left, then down and to the right: rS in I and aVL, qR in III and aVF."""
    first = bell(0.20, 0.13, (0.30, -0.30, 0.14))
    qrs = with_axis((first, *beat.qrs[1:]), float(rng.uniform(97.0, 114.0)), keep=1)
    return replace(beat, qrs=qrs, qrs_s=max(beat.qrs_s, float(rng.uniform(0.090, 0.104))))


def pre_excitation(beat: Beat, rng: np.random.Generator) -> Beat:
    """An accessory pathway: short PR and a delta wave, to the front (left pathway) or the back (right)."""
    left_pathway = bool(rng.random() < 0.55)
    delta = np.array([0.14, 0.26, 0.34]) if left_pathway else np.array([0.36, 0.06, -0.15])
    delta += rng.normal(0.0, 0.06, 3)
    qrs_s = float(rng.uniform(0.124, 0.145))
    tail = stretched(beat.qrs[1:], 0.085 / qrs_s, later=0.034 / qrs_s)
    if left_pathway:  # the back wall is reached early, nothing is left to pull backwards at the end
        tail = with_less_behind(tail, -0.3)
    slur = (
        Pulse(0.36, 0.24, 0.20, as_vector(delta)),
        Pulse(0.50, 0.20, 0.16, as_vector(0.5 * delta)),
    )
    pr_s = float(rng.uniform(0.085, 0.105))
    recovery = (*scaled(beat.repolarisation, 0.5), *against((*slur, *tail), 0.05, 0.15))
    return replace(beat, qrs=slur + tail, repolarisation=recovery, qrs_s=qrs_s, pr_s=pr_s)


def slow_conduction(beat: Beat, rng: np.random.Generator) -> Beat:
    """Diffuse delay: a broad, notched QRS of no bundle branch's form."""
    qrs_s = float(rng.uniform(0.120, 0.138))
    notch = rng.uniform(-0.45, -0.3) * np.array(beat.qrs[2].vector)
    place = float(rng.uniform(0.46, 0.56))
    late = bell(0.82, 0.10, as_vector(0.28 * np.array(beat.qrs[2].vector) + rng.normal(0, 0.08, 3)))
    behind = bell(0.52, 0.16, (0.05, 0.0, -0.36), SEPTUM)
    qrs = (*beat.qrs, bell(place, 0.075, as_vector(notch)), behind, late)
    recovery = (*scaled(beat.repolarisation, 0.75), *against(qrs, 0.02, 0.06))
    return replace(beat, qrs=qrs, repolarisation=recovery, qrs_s=qrs_s)


def ventricular_beat(beat: Beat, rng: np.random.Generator) -> Beat:
    """A beat from a ventricular focus: no P, broad, large, ST and T against it."""
    from_right = bool(rng.random() < 0.6)
    front = -0.75 if from_right else 0.75
    side = float(rng.uniform(0.2, 0.9)) if from_right else float(rng.uniform(-0.8, -0.1))
    down = float(rng.choice([-1.0, 1.0]) * rng.uniform(0.5, 1.0))
    main = np.array([side, down, front]) * rng.uniform(0.8, 1.15)
    pulses = (
        bell(0.20, 0.17, as_vector(0.35 * main + rng.normal(0, 0.10, 3))),
        bell(0.42, 0.20, as_vector(main)),
        bell(0.66, 0.17, as_vector(0.75 * main + rng.normal(0, 0.25, 3))),
        bell(0.86, 0.11, as_vector(0.15 * main + rng.normal(0, 0.15, 3))),
    )
    return wide(
        replace(beat, p=()), pulses, float(rng.uniform(0.132, 0.165)), recovery=against(pulses, 0.20, 0.55)
    )


def paced_beat(beat: Beat, rng: np.random.Generator) -> Beat:
    """Stimulated at the tip of the right ventricle: like a left bundle branch block, from below upwards."""
    pulses = (
        bell(0.17, 0.12, (0.12, -0.25, -0.20)),
        bell(0.36, 0.15, (0.45, -0.75, -0.68), SEPTUM),
        bell(0.56, 0.15, (0.42, -0.55, -0.60), SEPTUM),
        bell(0.80, 0.13, (0.25, -0.20, -0.30)),
    )
    qrs = with_axis(jittered(rng, pulses), float(rng.uniform(-85.0, -55.0)))
    return wide(beat, qrs, float(rng.uniform(0.150, 0.178)), recovery=against(qrs, 0.10, 0.32))


def wide(beat: Beat, qrs: tuple[Pulse, ...], qrs_s: float, recovery: tuple[Pulse, ...]) -> Beat:
    """Replace the ventricles' part; the QT grows with the QRS."""
    qtc_s = beat.qtc_s + 0.6 * (qrs_s - beat.qrs_s)
    return replace(beat, qrs=qrs, repolarisation=recovery, qrs_s=qrs_s, qtc_s=qtc_s)


def against(qrs: Sequence[Pulse], st_mv: float, t_mv: float) -> tuple[Pulse, ...]:
    """ST and T opposite to the QRS, each part of it at its own place; sizes are those of their sum."""
    whole = float(np.linalg.norm(area(qrs)))
    recovery: list[Pulse] = []
    for origin in sorted({p.origin for p in qrs}):
        away: Float64s = -area([p for p in qrs if p.origin == origin]) / whole
        recovery += [
            Pulse(0.52, 0.17, 0.26, as_vector(st_mv * away), origin, power=4.0),
            Pulse(0.76, 0.20, 0.125, as_vector(t_mv * away), origin),
        ]
    return tuple(recovery)


def with_less_behind(qrs: Sequence[Pulse], share: float) -> tuple[Pulse, ...]:
    """The QRS with only a share of its backward forces."""
    return tuple(
        replace(p, vector=(*p.vector[:2], p.vector[2] * share)) if p.vector[2] < 0 else p for p in qrs
    )


def stretched(pulses: Sequence[Pulse], factor: float, later: float = 0.0) -> tuple[Pulse, ...]:
    """The pulses on a clock that is longer by 1 / factor, and moved."""
    return tuple(
        replace(p, at=p.at * factor + later, rise=p.rise * factor, fall=p.fall * factor) for p in pulses
    )


def axis_deviation(beat: Beat, rng: np.random.Generator, *, left: bool) -> Beat:
    """Turn the QRS out of the normal quadrant, without a block."""
    target = float(rng.uniform(-50.0, -36.0) if left else rng.uniform(97.0, 120.0))
    turn = 0.35 * (target - beat.axis_deg)
    return replace(
        beat,
        qrs=with_axis(beat.qrs, target, keep=1),
        repolarisation=turned(beat.repolarisation, rotation(float(np.clip(turn, -40.0, 35.0)))),
    )
