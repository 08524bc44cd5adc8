"""Draw pulses at their times into the eight independent leads I, II, V1 .. V6."""

from collections.abc import Sequence

import numpy as np

from ecgclip.simulation.ecg.beat import Pulse
from ecgclip.simulation.ecg.leads import LIMB, Chest, rotation
from ecgclip.typing import Float64s

_REACH = 2.5
"""Widths of a bell beyond which it counts as faded: exp(-2.5 ** 2) = 0.2 %."""


def breathing(rng: np.random.Generator, onsets_s: Float64s) -> Float64s:
    """What a breath does to each beat: it turns and lowers the heart a little, [beat, 3, 3]."""
    phase = 2 * np.pi * float(rng.uniform(0.18, 0.3)) * onsets_s + float(rng.uniform(0, 6.28))
    turn_deg, depth = float(rng.uniform(0.5, 4.0)), float(rng.uniform(0.0, 0.04))
    gains = 1 + depth * np.sin(phase) + rng.normal(0, 0.012, len(onsets_s))
    return np.array(
        [gain * rotation(turn_deg * s, turn_deg * s) for gain, s in zip(gains, np.sin(phase), strict=True)]
    ).reshape(-1, 3, 3)


def draw_wave(
    signal: Float64s,
    rate_hz: float,
    chest: Chest,
    pulses: Sequence[Pulse],
    onsets_s: Float64s,
    clocks_s: Float64s,
    motion: Float64s,
) -> None:
    """Add one wave of every beat to the signal, in place.

    signal: [8, sample] in mV; onsets_s, clocks_s: [beat]; motion: [beat, 3, 3], applied to the vectors.
    """
    if not pulses or not len(onsets_s):
        return
    at, rise, fall, power = np.array([(p.at, p.rise, p.fall, p.power) for p in pulses]).T
    low, high = float((at - _REACH * rise).min()), float((at + _REACH * fall).max())
    samples = signal.shape[1]
    first = np.floor((onsets_s + low * clocks_s) * rate_hz).astype(int)
    width = int(np.ceil((high - low) * clocks_s.max() * rate_hz)) + 1
    seen = (first < samples) & (first + width > 0)
    first, onsets_s, clocks_s, motion = first[seen], onsets_s[seen], clocks_s[seen], motion[seen]
    time_s = (first[:, None] + np.arange(width)) / rate_hz
    clock = (time_s - onsets_s[:, None]) / clocks_s[:, None]
    waves = _lead_weights(chest, pulses, motion) @ _kernels(clock, at, rise, fall, power)
    for start, wave in zip(first, waves, strict=True):
        a, b = max(start, 0), min(start + width, samples)
        signal[:, a:b] += wave[:, a - start : b - start]


def peak_mv(chest: Chest, qrs: Sequence[Pulse]) -> float:
    """Largest deflection of a QRS in any of the eight leads."""
    at, rise, fall, power = np.array([(p.at, p.rise, p.fall, p.power) for p in qrs]).T
    clock = np.linspace(-0.1, 1.2, 66)[None]
    leads = _lead_weights(chest, qrs, np.eye(3)[None]) @ _kernels(clock, at, rise, fall, power)
    return float(np.abs(leads).max())


def _kernels(clock: Float64s, at: Float64s, rise: Float64s, fall: Float64s, power: Float64s) -> Float64s:
    """exp(-|(clock - at) / width| ** power), [beat, sample] -> [beat, pulse, sample]."""
    away = clock[:, None, :] - at[:, None]
    away *= np.where(away < 0, 1 / rise[:, None], 1 / fall[:, None])
    away *= away
    plateau = np.flatnonzero(power != 2.0)
    if len(plateau):
        away[:, plateau] **= power[plateau, None] / 2
    return np.asarray(np.exp(-np.minimum(away, 50.0)))


def _lead_weights(chest: Chest, pulses: Sequence[Pulse], motion: Float64s) -> Float64s:
    """mV of each lead for each pulse in each beat, [beat, 8, pulse]."""
    vectors = np.array([p.vector for p in pulses])
    towards = chest.electrodes[:, None] - np.array([p.origin for p in pulses])
    field = towards / np.linalg.norm(towards, axis=2, keepdims=True) ** 3
    limb = np.broadcast_to(LIMB[:, None], (2, *field.shape[1:]))
    moved = np.matmul(vectors, motion.transpose(0, 2, 1))
    return np.asarray(np.einsum("lkx,bkx->blk", np.concatenate([limb, field]), moved))
