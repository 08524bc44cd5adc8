"""The times at which atria and ventricles beat, for each rhythm."""

from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np

from ecgclip.errors import RecordError
from ecgclip.typing import Float64s, Indices

RATES_BPM: Final = {
    "SR": (60.0, 98.0),
    "SBRAD": (40.0, 57.0),
    "STACH": (103.0, 145.0),
    "SARRH": (58.0, 88.0),
    "AFIB": (60.0, 140.0),
    "AFLT": (65.0, 160.0),
    "SVTAC": (150.0, 210.0),
    "JUNC": (40.0, 58.0),
    "EATR": (60.0, 92.0),
    "PACE": (60.0, 75.0),
    "2AVB": (60.0, 90.0),
    "3AVB": (30.0, 44.0),
}
"""Ventricular rates, lowest and highest; for 2AVB those of the sinus node, for 3AVB of the escape rhythm."""
LEAD_IN_S: Final = 2.5
"""The heart beats before the record begins."""
_EMPTY: Final[Float64s] = np.empty(0)


@dataclass(frozen=True)
class Timeline:
    """Onsets in s of everything that happens, each [event].

    p_s: sinus P waves; other_p_s: P waves from elsewhere; qrs_s: conducted beats; ectopic_s: beats of a
    ventricular focus; spikes_s: pacing stimuli to the ventricle; atrial_spikes_s: to the atrium.
    """

    qrs_s: Float64s
    p_s: Float64s = field(default_factory=lambda: _EMPTY)
    other_p_s: Float64s = field(default_factory=lambda: _EMPTY)
    ectopic_s: Float64s = field(default_factory=lambda: _EMPTY)
    spikes_s: Float64s = field(default_factory=lambda: _EMPTY)
    atrial_spikes_s: Float64s = field(default_factory=lambda: _EMPTY)
    flutter_hz: float = 0.0


def draw_rate(rng: np.random.Generator, codes: tuple[str, ...], wanted_bpm: float | None) -> float:
    """A heart rate that the rhythm allows: drawn at random, or the wanted one after a check."""
    key = next((c for c in ("2AVB", "3AVB") if c in codes), next((c for c in codes if c in RATES_BPM), "SR"))
    low, high = RATES_BPM[key]
    if wanted_bpm is None:
        middle, spread = (low + high) / 2, (high - low) / 4
        if key == "SR":
            middle, spread = 72.0, 9.0
        return float(np.clip(rng.normal(middle, spread), low, high))
    if not low <= wanted_bpm <= high:
        raise RecordError(f"{wanted_bpm:g}/min was asked for with {key}; expected {low:g} to {high:g}/min")
    return wanted_bpm


def draw_timeline(
    rng: np.random.Generator, codes: tuple[str, ...], rate_bpm: float, pr_s: float, duration_s: float
) -> Timeline:
    """All onsets from before the record's start to after its end."""
    rr_s = 60.0 / rate_bpm
    line = _basic(rng, codes, rr_s, pr_s, duration_s)
    match next((c for c in codes if c in ("PAC", "PVC", "BIGU", "TRIGU")), None):
        case "PAC":
            return _atrial_premature(rng, line, rr_s, pr_s, duration_s)
        case "PVC":
            return _ventricular_premature(rng, line, rr_s, pr_s, duration_s, every=0)
        case "BIGU":
            return _ventricular_premature(rng, line, rr_s, pr_s, duration_s, every=2)
        case "TRIGU":
            return _ventricular_premature(rng, line, rr_s, pr_s, duration_s, every=3)
    return line


def _basic(
    rng: np.random.Generator, codes: tuple[str, ...], rr_s: float, pr_s: float, duration_s: float
) -> Timeline:

    def regular(variation: float) -> Float64s:
        return beats(rng, rr_s, duration_s, variation)

    match next(c for c in (*[c for c in codes if c in ("2AVB", "3AVB")], *codes) if c in RATES_BPM):
        case "2AVB":
            return _wenckebach(rng, regular(0.015), pr_s)
        case "3AVB":
            p_s = beats(rng, float(rng.uniform(0.62, 0.85)), duration_s, 0.02)
            return Timeline(qrs_s=regular(0.008), p_s=p_s)
        case "SARRH":
            p_s = beats(rng, rr_s, duration_s, 0.02, breathing=float(rng.uniform(0.14, 0.22)))
            return Timeline(qrs_s=p_s + pr_s, p_s=p_s)
        case "AFIB":
            return Timeline(qrs_s=irregular(rng, rr_s, duration_s))
        case "AFLT":
            return _flutter(rng, rr_s, duration_s)
        case "SVTAC":
            qrs_s = regular(0.004)
            seen = rng.random() < 0.5
            return Timeline(qrs_s=qrs_s, other_p_s=qrs_s + 0.085 if seen else _EMPTY)
        case "JUNC":
            qrs_s = regular(0.01)
            shift = (None, -0.075, 0.10)[int(rng.integers(3))]
            return Timeline(qrs_s=qrs_s, other_p_s=_EMPTY if shift is None else qrs_s + shift)
        case "EATR":
            p_s = regular(0.02)
            return Timeline(qrs_s=p_s + 0.115, other_p_s=p_s)
        case "PACE":
            return _paced(rng, regular(0.002), pr_s)
    p_s = beats(
        rng, rr_s, duration_s, float(rng.uniform(0.008, 0.022)), breathing=float(rng.uniform(0.0, 0.025))
    )
    return Timeline(qrs_s=p_s + pr_s, p_s=p_s)


def beats(
    rng: np.random.Generator, rr_s: float, duration_s: float, variation: float, breathing: float = 0.0
) -> Float64s:
    """Onsets every rr_s on average, varied by a share of it at random and by another with the breath, [beat].

    Each interval varies around the mean, so that the mean over the record stays the wanted one.
    """
    count = int((duration_s + 2 * LEAD_IN_S) / rr_s) + 3
    breath = np.sin(
        2 * np.pi * rr_s * float(rng.uniform(0.16, 0.25)) * np.arange(count) + rng.uniform(0, 6.28)
    )
    change = variation * np.clip(rng.normal(0, 1, count), -2, 2) + breathing * breath
    change -= change.mean()
    return -LEAD_IN_S + rr_s * float(rng.uniform(0, 1)) + np.cumsum(rr_s * (1 + change))


def irregular(rng: np.random.Generator, rr_s: float, duration_s: float) -> Float64s:
    """Onsets of atrial fibrillation: independent, skewed intervals of at least 0.28 s, [beat]."""
    count = int((duration_s + 2 * LEAD_IN_S) / rr_s) + 4
    free = rng.gamma(5.0, 1.0, count)
    floor = max(0.28, 0.45 * rr_s)
    intervals = floor + free * (rr_s - floor) / free.mean()
    return np.asarray(-LEAD_IN_S - float(rng.uniform(0, rr_s)) + np.cumsum(intervals))


def _wenckebach(rng: np.random.Generator, p_s: Float64s, pr_s: float) -> Timeline:
    """PR grows from beat to beat until one P wave is not followed; groups of three to five."""
    group = int(rng.integers(3, 6))
    growth = float(rng.uniform(0.9, 1.15)) * np.array([0.0, 0.10, 0.155, 0.19, 0.21])
    place = (np.arange(len(p_s)) + int(rng.integers(group))) % group
    return Timeline(qrs_s=(p_s + pr_s + 0.03 + growth[place])[place < group - 1], p_s=p_s)


def _flutter(rng: np.random.Generator, rr_s: float, duration_s: float) -> Timeline:
    """Atria at 240-340/min; every second, third or fourth wave is conducted, or a changing one."""
    ratio = int(np.clip(round(rr_s * 5.0), 2, 4))
    cycle_s = rr_s / ratio
    waves = int((duration_s + 2 * LEAD_IN_S) / cycle_s) + 4
    if ratio == 2 or rng.random() < 0.6:
        conducted = np.arange(0, waves, ratio)
    else:
        steps = ratio + rng.choice([-1, 0, 1], waves, p=[0.2, 0.6, 0.2])
        conducted = np.cumsum(steps)[np.cumsum(steps) < waves]
    # cycles count from 0 s, where the sawtooth has its phase 0
    onset = np.asarray((conducted - int(LEAD_IN_S / cycle_s) - 0.65) * cycle_s, np.float64)
    return Timeline(qrs_s=onset, flutter_hz=1.0 / cycle_s)


def _paced(rng: np.random.Generator, qrs_s: Float64s, pr_s: float) -> Timeline:
    """Ventricle alone, after a sensed P wave, or after a stimulated one."""
    match int(rng.integers(3)):
        case 0:
            return Timeline(qrs_s=qrs_s, spikes_s=qrs_s)
        case 1:
            return Timeline(qrs_s=qrs_s, p_s=qrs_s - pr_s, spikes_s=qrs_s)
        case _:
            return Timeline(qrs_s=qrs_s, p_s=qrs_s - 0.18, spikes_s=qrs_s, atrial_spikes_s=qrs_s - 0.195)


def _atrial_premature(
    rng: np.random.Generator, line: Timeline, rr_s: float, pr_s: float, duration_s: float
) -> Timeline:
    """One to three early P waves of another form; the sinus node starts anew after each."""
    p_s, qrs_s = line.p_s.copy(), line.qrs_s.copy()
    early = np.zeros(len(p_s), bool)
    for i in _victims(rng, p_s, duration_s, int(rng.integers(1, 4)), first_s=0.6 * rr_s + 0.3):
        shift = -rr_s * float(rng.uniform(0.30, 0.42))
        p_s[i:] += shift
        qrs_s[i:] += shift
        p_s[i + 1 :] += 0.12 * rr_s
        qrs_s[i + 1 :] += 0.12 * rr_s
        early[i] = True
    return replace(line, p_s=p_s[~early], other_p_s=p_s[early], qrs_s=qrs_s)


def _ventricular_premature(
    rng: np.random.Generator, line: Timeline, rr_s: float, pr_s: float, duration_s: float, *, every: int
) -> Timeline:
    """Early broad beats; the sinus P waves walk on, one is lost in each: a full compensatory pause."""
    qrs_s = line.qrs_s
    if every:
        lost = np.arange(int(rng.integers(every)) + 1, len(qrs_s), every)
    else:
        lost = _victims(rng, qrs_s, duration_s, int(rng.integers(1, 4)), first_s=0.6)
    lost = lost[(lost > 0) & (lost < len(qrs_s))]
    before = qrs_s[lost] - qrs_s[lost - 1]
    coupling = float(rng.uniform(0.54, 0.66)) + rng.uniform(-0.01, 0.01, len(lost))
    ectopic_s = qrs_s[lost - 1] + np.maximum(coupling * before, 0.34)
    return replace(line, qrs_s=np.delete(qrs_s, lost), ectopic_s=ectopic_s)


def _victims(
    rng: np.random.Generator, onsets_s: Float64s, duration_s: float, count: int, first_s: float
) -> Indices:
    """Beats of the record that an extrasystole replaces: spread out, never two in a row, at least one."""
    inside = np.flatnonzero((onsets_s > first_s + 0.4) & (onsets_s < duration_s - 0.6))
    if not len(inside):
        return np.empty(0, np.intp)
    slots = np.array_split(inside, count)
    picked = [int(rng.choice(slot[: max(1, len(slot) - 1)])) for slot in slots if len(slot)]
    return np.unique(picked)
