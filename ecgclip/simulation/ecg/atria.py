"""The continuous atrial waves of fibrillation and flutter."""

import numpy as np

from ecgclip.simulation.ecg.leads import LIMB, Chest
from ecgclip.typing import Float64s


def fibrillation(rng: np.random.Generator, samples: int, rate_hz: float, chest: Chest) -> Float64s:
    """Irregular f waves, largest in V1: two wandering tones of 5-8 Hz for each axis, [8, sample] in mV."""
    time_s = np.arange(samples) / rate_hz
    coarse = float(np.exp(rng.normal(np.log(0.062), 0.4)))
    size = np.clip(coarse, 0.025, 0.10) * np.array([0.45, 0.75, 0.85])
    dipole = np.zeros((3, samples))
    main_hz = float(rng.uniform(5.2, 7.6))
    for weight in (0.75, 0.5):
        hz = main_hz * rng.uniform(0.85, 1.18, 3)
        wander = rng.uniform(0.8, 2.2, 3)[:, None] * np.sin(
            2 * np.pi * rng.uniform(0.2, 0.8, 3)[:, None] * time_s + rng.uniform(0, 6.28, 3)[:, None]
        )
        phase = 2 * np.pi * hz[:, None] * time_s + wander + rng.uniform(0, 6.28, 3)[:, None]
        dipole += weight * (np.sin(phase) + 0.30 * np.cos(2 * phase))
    swell = 1 + 0.35 * np.sin(2 * np.pi * rng.uniform(0.1, 0.6) * time_s + rng.uniform(0, 6.28))
    return seen_from(chest, dipole * size[:, None] * swell)


def flutter(
    rng: np.random.Generator, samples: int, rate_hz: float, flutter_hz: float, chest: Chest
) -> Float64s:
    """A sawtooth, negative in II, III and aVF, with small upright waves in V1, [8, sample] in mV."""
    phase = np.arange(samples) / rate_hz * flutter_hz
    angle = 2 * np.pi * phase
    saw = sum(np.sin(k * angle + 0.15 * k) / k**1.25 for k in range(1, 6))
    bump = np.exp(3.0 * (np.cos(angle - 2.4) - 1)) - 0.25
    size = float(rng.uniform(0.085, 0.14))
    dipole = np.stack([0.10 * size * saw, size * np.asarray(saw), 1.2 * size * bump])
    return seen_from(chest, dipole)


def seen_from(chest: Chest, dipole: Float64s) -> Float64s:
    """A dipole at the centre, in the eight independent leads, [3, sample] -> [8, sample]."""
    distance = np.linalg.norm(chest.electrodes, axis=1, keepdims=True)
    return np.concatenate([LIMB, chest.electrodes / distance**3]) @ dipole
