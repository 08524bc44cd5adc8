"""What the recording adds: each disturbance enters at an electrode and so reaches every lead that uses it."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from ecgclip.typing import Float32s, Float64s

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
    return Disturbance(
        drift_mv=_level(rng, 0.22 if "DRIFT" in codes else None, 0.028 * everyday),
        mains_mv=_level(rng, 0.026 if "MAINS" in codes else None, 0.0012 * everyday),
        mains_hz=float(rng.choice([50.0, 60.0], p=[0.8, 0.2])),
        muscle_mv=_level(rng, 0.042 if "MUSC" in codes else None, 0.0045 * everyday),
    )


def _level(rng: np.random.Generator, strong_mv: float | None, usual_mv: float) -> float:
    if strong_mv is not None:
        return strong_mv * float(rng.uniform(0.8, 1.4))
    return usual_mv * float(min(np.exp(rng.normal(0, 0.5)), 2.5))


def draw_noise(rng: np.random.Generator, level: Disturbance, samples: int, rate_hz: float) -> Float64s:
    """Disturbance of the eight independent leads, [8, sample] in mV."""
    time_s = np.arange(samples, dtype=np.float32) / np.float32(rate_hz)
    leads = np.zeros((8, samples), np.float32)
    if level.drift_mv:
        leads += level.drift_mv * _drift(rng, time_s)
    if level.mains_mv:
        share = rng.normal(0, level.mains_mv, (9, 2))
        leads += _tones(ELECTRODES_TO_LEADS @ share, np.array([level.mains_hz]), time_s)
    if level.muscle_mv:
        leads += level.muscle_mv * _muscle(rng, time_s, rate_hz)
    return leads.astype(np.float64)


def arms_reversed(eight: Float64s) -> Float64s:
    """The leads that a machine records with right and left arm interchanged: I upside down, II is III."""
    return np.concatenate([-eight[:1], eight[1:2] - eight[:1], eight[2:]])


def _tones(share: Float64s, hz: Float64s, time_s: Float32s) -> Float32s:
    """Sines and cosines of some frequencies, in shares [lead, 2 * frequency] -> [lead, sample]."""
    angle = (2 * np.pi * hz[:, None]).astype(np.float32) * time_s
    return np.asarray(share.astype(np.float32) @ np.concatenate([np.sin(angle), np.cos(angle)]), np.float32)


def _drift(rng: np.random.Generator, time_s: Float32s) -> Float32s:
    """Skin potentials and breath: tones of 0.05-0.5 Hz of rms about 1 at an electrode, [8, sample]."""
    hz = np.array([0.06, 0.11, 0.18, 0.27, 0.42]) * rng.uniform(0.8, 1.2, 5)
    size = np.array([0.75, 0.75, 0.6, 0.55, 0.25])
    share = rng.normal(0, 1, (9, 10)) * np.tile(size, 2)
    return _tones(ELECTRODES_TO_LEADS @ share, hz, time_s)


def _muscle(rng: np.random.Generator, time_s: Float32s, rate_hz: float) -> Float32s:
    """Muscle fibres: noise around 80 Hz that swells and fades, unequal at the electrodes, [8, sample]."""
    width = max(1, round(rate_hz / 160))
    total = np.cumsum(rng.standard_normal((9, len(time_s) + 2 * width), np.float32), axis=1)
    end = len(time_s)
    band = total[:, 2 * width :] - 2 * total[:, width : width + end] + total[:, :end]
    electrode = np.exp(rng.normal(-0.1, 0.45, 9)) / np.sqrt(2 * width)
    swell = 1 + np.float32(0.6) * np.sin(
        np.float32(2 * np.pi * rng.uniform(0.05, 0.3)) * time_s + np.float32(rng.uniform(0, 6.28))
    )
    return np.asarray((ELECTRODES_TO_LEADS * electrode).astype(np.float32) @ band * swell, np.float32)
