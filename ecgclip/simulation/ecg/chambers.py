"""Thick, wide or far-away hearts: hypertrophy of the ventricles, enlarged atria, high and low voltage."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ecgclip.simulation.ecg.beat import Beat, Pulse, Vector, as_vector, bell, scaled, with_axis
from ecgclip.simulation.ecg.leads import LIMB
from ecgclip.simulation.ecg.recovery import strain

LEFT_VENTRICLE: Vector = (0.86, 0.22, -0.42)
RIGHT_VENTRICLE: Vector = (-0.35, 0.45, 0.70)


def left_hypertrophy(beat: Beat, rng: np.random.Generator, *, with_strain: bool) -> Beat:
    """More left and backward force: tall R in I, aVL, V5-V6, deep S in V1-V3; strain below it."""
    size = float(rng.uniform(0.75, 1.4))
    more = (
        bell(0.54, 0.14, as_vector(size * np.array([0.75, 0.18, -0.24]))),
        bell(0.68, 0.12, as_vector(size * np.array([0.10, -0.10, -0.45])), (0.08, 0.0, 0.12)),
    )
    beat = replace(beat, qrs=beat.qrs + more, qrs_s=1.10 * beat.qrs_s)
    return strain(beat, LEFT_VENTRICLE, rng) if with_strain else beat


def right_hypertrophy(beat: Beat, rng: np.random.Generator) -> Beat:
    """More right and forward force: tall R in V1, deep S in V5-V6, right axis, strain in V1-V3."""
    size = float(rng.uniform(0.85, 1.2))
    weaker = tuple(
        replace(p, vector=as_vector(np.array(p.vector) * [0.75, 1.0, 0.35 if p.vector[2] < 0 else 1.2]))
        for p in beat.qrs
    )
    more = (
        bell(0.48, 0.15, as_vector(size * np.array([-0.35, 0.20, 0.62])), (-0.08, 0.03, 0.15)),
        bell(0.76, 0.13, as_vector(size * np.array([-0.85, 0.10, -0.05]))),
    )
    qrs = with_axis(weaker + more, float(rng.uniform(102.0, 130.0)), keep=1)
    return strain(replace(beat, qrs=qrs), RIGHT_VENTRICLE, rng)


def left_atrium(beat: Beat, rng: np.random.Generator) -> Beat:
    """A broad, double-humped P in II; deep and broad negative end in V1."""
    size = float(rng.uniform(0.9, 1.25))
    p = (
        bell(0.27, 0.19, (0.045, 0.085, 0.050)),
        bell(0.68, 0.22, as_vector(size * np.array([0.105, 0.080, -0.070]))),
    )
    return replace(beat, p=p, p_s=float(rng.uniform(0.126, 0.140)), pr_s=max(beat.pr_s, 0.165))


def right_atrium(beat: Beat, rng: np.random.Generator) -> Beat:
    """A tall, pointed P in II, III and aVF, pointed in V1."""
    size = float(rng.uniform(0.9, 1.2))
    p = (
        bell(0.46, 0.24, as_vector(size * np.array([0.035, 0.250, 0.115]))),
        bell(0.72, 0.20, (0.04, 0.02, -0.015)),
    )
    return replace(beat, p=p)


def high_voltage(beat: Beat, rng: np.random.Generator) -> Beat:
    """All of the QRS taller."""
    return replace(beat, qrs=scaled(beat.qrs, float(rng.uniform(1.45, 1.7))))


def low_voltage(beat: Beat, rng: np.random.Generator) -> Beat:
    """Fluid, fat or air around the heart: no limb lead spans 0.5 mV; all waves are low."""
    factor = float(rng.uniform(0.30, 0.42)) / limb_span_mv(beat.qrs)
    return replace(
        beat,
        qrs=scaled(beat.qrs, factor),
        p=scaled(beat.p, 0.55),
        repolarisation=scaled(beat.repolarisation, max(min(factor, 0.8), 0.35)),
    )


def limb_span_mv(qrs: Sequence[Pulse]) -> float:
    """Largest QRS of the limb leads from top to bottom, in mV."""
    clock = np.linspace(-0.1, 1.2, 66)
    bells = np.array([np.exp(-(((clock - p.at) / p.rise) ** 2)) for p in qrs])
    one, two = LIMB @ np.array([p.vector for p in qrs]).T @ bells
    leads = np.array([one, two, two - one, (one + two) / 2, one - two / 2, two - one / 2])
    return float(np.ptp(leads, axis=1).max())
