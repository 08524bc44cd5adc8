"""ST and T changes without a scar: ischaemia, drugs, salts, pericardium, and normal variants."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final

import numpy as np

from ecgclip.simulation.ecg.beat import Beat, Pulse, Vector, as_vector, bell, scaled

LATERAL: Vector = (1.05, 0.42, 0.05)
FRONT: Vector = (0.62, 0.20, 0.70)
ANTEROLATERAL: Vector = (0.88, 0.22, 0.34)
SEPTAL: Vector = (0.10, 0.00, 0.95)
INFERIOR: Vector = (-0.05, 1.00, -0.05)
SUBENDOCARDIUM: Vector = (0.72, 0.62, 0.26)
"""Where the inner layer of the whole left ventricle looks to: V4-V6, I, II."""
ORIGINS: Final[Mapping[Vector, Vector]] = MappingProxyType(
    {SEPTAL: (0.02, 0.0, 0.20), FRONT: (0.14, 0.0, 0.12)}
)

REGION_OF: Final[Mapping[str, Vector]] = MappingProxyType(
    {
        "ISC_": SUBENDOCARDIUM,
        "ISCAL": ANTEROLATERAL,
        "ISCAS": SEPTAL,
        "ISCIN": INFERIOR,
        "ISCLA": LATERAL,
        "INJAL": ANTEROLATERAL,
        "INJIN": INFERIOR,
    }
)
"""Where each statement of ischaemia (ISC) and injury (INJ) lies."""


def ischaemia(beat: Beat, region: Vector, rng: np.random.Generator) -> Beat:
    """Symmetric inverted T and a little ST depression over a region."""
    st_mv, t_mv = float(rng.uniform(0.05, 0.09)), float(rng.uniform(0.20, 0.36))
    return _with(beat, 0.45, _depression(region, st_mv), _inverted_t(region, t_mv))


def injury(beat: Beat, region: Vector, rng: np.random.Generator) -> Beat:
    """Subendocardial injury: horizontal or falling ST depression."""
    st_mv = float(rng.uniform(0.16, 0.26))
    return _with(beat, 0.6, _depression(region, st_mv), _inverted_t(region, 0.25 * st_mv))


def st_depression(beat: Beat, rng: np.random.Generator, *, marked: bool) -> Beat:
    """Depressed ST in the lateral leads: `marked` from 0.1 mV on, else just visible."""
    st_mv = float(rng.uniform(0.11, 0.17) if marked else rng.uniform(0.06, 0.085))
    return _with(beat, 0.75 if marked else 0.8, _depression(SUBENDOCARDIUM, st_mv))


def st_elevation(beat: Beat, rng: np.random.Generator) -> Beat:
    """Slightly raised ST in front."""
    lift = float(rng.uniform(0.12, 0.18)) * np.array(FRONT)
    return _with(beat, 1.0, Pulse(0.48, 0.22, 0.28, as_vector(lift), power=4.0))


def flat_t(beat: Beat, rng: np.random.Generator, *, low: float, high: float) -> Beat:
    """T waves of which a share between low and high is left; a negative one turns them."""
    share = float(rng.uniform(low, high))
    return replace(beat, repolarisation=scaled(beat.repolarisation, share))


def inverted_t(beat: Beat, rng: np.random.Generator) -> Beat:
    """Deep inverted T waves with a quiet ST segment."""
    region = (FRONT, LATERAL, INFERIOR)[int(rng.integers(3))]
    return _with(beat, 0.3, _inverted_t(region, float(rng.uniform(0.28, 0.45))))


def long_qt(beat: Beat, rng: np.random.Generator) -> Beat:
    """A corrected QT of 490-550 ms."""
    return replace(beat, qtc_s=float(rng.uniform(0.490, 0.550)))


def digitalis(beat: Beat, rng: np.random.Generator) -> Beat:
    """Sagging ST, as if pulled down with a thumb, flat T, short QT."""
    depth = -float(rng.uniform(0.20, 0.27)) * np.array(SUBENDOCARDIUM)
    sag = Pulse(0.52, 0.30, 0.19, as_vector(depth))
    return replace(_with(beat, 0.35, sag), qtc_s=float(rng.uniform(0.350, 0.375)))


def tall_t(beat: Beat, rng: np.random.Generator) -> Beat:
    """High potassium: tall, narrow, symmetric T; a low P; a slightly broad QRS."""
    height = float(rng.uniform(0.75, 1.10))
    tent = bell(0.80, 0.098, as_vector(height * np.array([0.60, 0.42, 0.42])))
    beat = _with(beat, 0.25, tent)
    return replace(beat, p=scaled(beat.p, 0.55), qrs_s=1.12 * beat.qrs_s, qtc_s=0.96 * beat.qtc_s)


def pericarditis(beat: Beat, rng: np.random.Generator) -> Beat:
    """ST raised and hollow nearly everywhere, PR lowered; the mirror in aVR and V1."""
    all_around = np.array([0.68, 0.62, 0.30])
    lift = float(rng.uniform(0.17, 0.26)) * all_around
    segment = Pulse(0.44, 0.22, 0.33, as_vector(lift), power=4.0)
    dip = Pulse(1.25, 0.35, 0.42, as_vector(-0.055 * all_around), power=4.0)
    return replace(_with(beat, 1.0, segment), p=(*beat.p, dip))


def early_repolarisation(beat: Beat, rng: np.random.Generator) -> Beat:
    """A notch at the J point and hollow raised ST before a tall T, most in V3-V5."""
    size = float(rng.uniform(0.8, 1.2))
    notch = bell(1.04, 0.085, (0.17 * size, 0.11 * size, 0.12 * size))
    segment = Pulse(0.46, 0.22, 0.28, (0.10 * size, 0.07 * size, 0.085 * size), power=4.0)
    return replace(_with(beat, 1.5, segment), qrs=(*beat.qrs, notch))


def strain(beat: Beat, away: Vector, rng: np.random.Generator) -> Beat:
    """ST and T against an overloaded ventricle: falling ST, then a T with a slow fall and a quick return."""
    size = float(rng.uniform(0.8, 1.2))
    depth = -size * np.array(away)
    slope = Pulse(0.56, 0.22, 0.22, as_vector(0.13 * depth), power=3.0)
    turn = Pulse(0.78, 0.22, 0.10, as_vector(0.25 * depth))
    return _with(beat, 0.4, slope, turn)


def _with(beat: Beat, keep: float, *more: Pulse) -> Beat:
    return replace(beat, repolarisation=(*scaled(beat.repolarisation, keep), *more))


def _depression(region: Vector, st_mv: float) -> Pulse:
    vector = as_vector(-st_mv * np.array(region))
    return Pulse(0.47, 0.22, 0.25, vector, ORIGINS.get(region, (0.0, 0.0, 0.0)), power=4.0)


def _inverted_t(region: Vector, t_mv: float) -> Pulse:
    vector = as_vector(-t_mv * np.array(region))
    return bell(0.79, 0.135, vector, ORIGINS.get(region, (0.0, 0.0, 0.0)))
