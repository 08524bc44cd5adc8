"""Disturbed recordings: wander, mains hum, muscle, an electrode that is off, a start that settles."""

from dataclasses import dataclass

import numpy as np

from ecgclip.simulation.ecg.noise import Disturbance, draw_noise
from ecgclip.simulation.prints.chance import between, comes, pick
from ecgclip.typing import Float64s, Signal
from ecgclip.units import LEADS


@dataclass(frozen=True)
class Disturbed:
    """What comes on top of the record.

    noise: strengths in mV; off: a chest lead that shows a flat line, empty for none; start_mv, start_s:
    height and time constant of the settling at the record's begin; seed: of the noise.
    """

    noise: Disturbance
    off: str
    start_mv: float
    start_s: float
    seed: int

    @property
    def quiet(self) -> bool:
        """Whether the record is printed as it is."""
        noise = self.noise
        return not (noise.drift_mv or noise.mains_mv or noise.muscle_mv or self.off or self.start_mv)


def sample_disturbed(rng: np.random.Generator) -> Disturbed:
    """Records bring noise of their own: three of four stay as they are."""
    noise = Disturbance(
        drift_mv=between(rng, 0.03, 0.25) if comes(rng, 0.1) else 0.0,
        mains_mv=between(rng, 0.005, 0.03) if comes(rng, 0.06) else 0.0,
        mains_hz=pick(rng, {50.0: 0.7, 60.0: 0.3}),
        muscle_mv=between(rng, 0.01, 0.05) if comes(rng, 0.08) else 0.0,
    )
    return Disturbed(
        noise,
        off=pick(rng, dict.fromkeys(LEADS[6:], 1.0)) if comes(rng, 0.02) else "",
        start_mv=between(rng, 0.2, 1.2) if comes(rng, 0.03) else 0.0,
        start_s=between(rng, 0.2, 0.9),
        seed=int(rng.integers(2**31)),
    )


def disturbed(signal: Signal, rate_hz: float, what: Disturbed) -> Signal:
    """The signal with what disturbs it, float32 [lead, sample]; gaps stay gaps."""
    if what.quiet:
        return signal
    rng = np.random.default_rng(what.seed)
    count = signal.shape[1]
    eight = draw_noise(rng, what.noise, count, rate_hz)
    settling = what.start_mv * np.exp(-np.arange(count) / rate_hz / what.start_s)
    eight = eight + rng.uniform(-1, 1, (8, 1)) * settling
    out = signal + _twelve(eight).astype(np.float32)
    if what.off:
        lead = LEADS.index(what.off)
        out[lead] = np.where(np.isnan(signal[lead]), np.nan, 0.0)
    return out


def _twelve(eight: Float64s) -> Float64s:
    """The twelve leads of I, II, V1 to V6, [12, sample]."""
    one, two = eight[0], eight[1]
    limb = np.stack([one, two, two - one, -(one + two) / 2, one - two / 2, two - one / 2])
    return np.concatenate([limb, eight[2:]])
