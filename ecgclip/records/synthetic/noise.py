"""What the recording adds: each disturbance enters at an electrode and so reaches every lead that uses it."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from ecgclip.records.synthetic.leads import Array

_WILSON: Final = np.array([1, 1, 1, 0, 0, 0, 0, 0, 0]) / 3
ELECTRODES_TO_LEADS: Final = np.concatenate(
    [
        [[-1, 1, 0, 0, 0, 0, 0, 0, 0], [-1, 0, 1, 0, 0, 0, 0, 0, 0]],
        np.eye(9)[3:] - _WILSON,
    ]
)
"""I, II, V1 .. V6 of the electrodes RA, LA, LL, V1 .. V6, [8, 9]."""


@dataclass(frozen=True)
class Disturbance:
    """Strength of each kind at an electrode, root mean square in mV."""

    drift_mv: float
    mains_mv: float
    mains_hz: float
    muscle_mv: float


def draw_disturbance(rng: np.random.Generator, codes: tuple[str, ...], *, everyday: bool) -> Disturbance:
    """Everyday levels (0 where not wanted), far more for an artefact that is a statement."""
    level = lambda code, usual, strong: (  # noqa: E731
        float(strong * rng.uniform(0.8, 1.4)) if code in codes
        else float(min(usual * np.exp(rng.normal(0, 0.5)), 2.5 * usual)) if everyday
        else 0.0
    )  # fmt: skip
    return Disturbance(
        drift_mv=level("DRIFT", 0.018, 0.22),
        mains_mv=level("MAINS", 0.0012, 0.040),
        mains_hz=float(rng.choice([50.0, 60.0], p=[0.8, 0.2])),
        muscle_mv=level("MUSC", 0.0045, 0.042),
    )


def draw_noise(rng: np.random.Generator, level: Disturbance, samples: int, rate_hz: float) -> Array:
    """Disturbance of the eight independent leads, [8, sample] in mV."""
    time_s = np.arange(samples) / rate_hz
    electrodes = np.zeros((9, samples))
    if level.drift_mv:
        electrodes += level.drift_mv * _drift(rng, time_s)
    if level.mains_mv:
        angle = 2 * np.pi * level.mains_hz * time_s
        share = rng.normal(0, 1, (9, 2))
        electrodes += level.mains_mv * share @ np.stack([np.sin(angle), np.cos(angle)])
    if level.muscle_mv:
        electrodes += level.muscle_mv * _muscle(rng, time_s)
    return ELECTRODES_TO_LEADS @ electrodes


def arms_reversed(eight: Array) -> Array:
    """The leads that a machine records with right and left arm interchanged: I upside down, II is III."""
    return np.concatenate([-eight[:1], eight[1:2] - eight[:1], eight[2:]])


def _drift(rng: np.random.Generator, time_s: Array) -> Array:
    """Skin potentials and breath: slow tones of 0.05 to 0.45 Hz, the slower the larger, [9, sample], rms about 1."""
    hz = np.array([0.06, 0.11, 0.18, 0.27, 0.42]) * rng.uniform(0.8, 1.2, 5)
    size = np.array([0.75, 0.75, 0.6, 0.55, 0.25])
    angle = 2 * np.pi * hz[:, None] * time_s
    share = rng.normal(0, 1, (9, 10)) * np.tile(size, 2)
    return np.asarray(share @ np.concatenate([np.sin(angle), np.cos(angle)]))


def _muscle(rng: np.random.Generator, time_s: Array) -> Array:
    """Spikes of muscle fibres: noise from 20 Hz on that swells and fades, unequal at the electrodes, [9, sample]."""
    white = rng.standard_normal((9, len(time_s) + 2), np.float32)
    band = 0.7 * (white[:, 2:] - white[:, :-2]) + 0.35 * white[:, 1:-1]
    swell = 1 + 0.6 * np.sin(2 * np.pi * rng.uniform(0.05, 0.3) * time_s + rng.uniform(0, 6.28))
    return np.asarray(band * swell * np.exp(rng.normal(-0.1, 0.45, (9, 1))), np.float64)
