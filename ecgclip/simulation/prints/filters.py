"""Filters: the band that a machine leaves of the signal."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from ecgclip.signal.resample import bridged
from ecgclip.simulation.prints.chance import pick
from ecgclip.typing import Signal

_SHORTEST_S: Final = 1.0
"""Shorter records are left as they are: the filters would ring through all of them."""


@dataclass(frozen=True)
class Filters:
    """Cut-offs in Hz, 0 for none."""

    high_pass_hz: float
    low_pass_hz: float

    @property
    def off(self) -> bool:
        """Whether the signal is printed as it was recorded."""
        return not (self.high_pass_hz or self.low_pass_hz)


def sample_filters(rng: np.random.Generator) -> Filters:
    """Half of all machines are set to 40 Hz or less."""
    return Filters(
        high_pass_hz=pick(rng, {0.0: 0.7, 0.5: 0.25, 1.5: 0.05}),
        low_pass_hz=pick(rng, {0.0: 0.42, 40.0: 0.33, 35.0: 0.07, 25.0: 0.08, 20.0: 0.02, 100.0: 0.08}),
    )


def filtered(signal: Signal, rate_hz: float, filters: Filters) -> Signal:
    """The signal as the machine prints it, float32 [lead, sample]; gaps stay gaps."""
    if filters.off or signal.shape[1] < _SHORTEST_S * rate_hz:
        return signal
    from scipy.signal import butter, sosfiltfilt  # half a second

    gaps = np.isnan(signal)
    out = np.stack([bridged(lead, gap) for lead, gap in zip(signal, gaps, strict=True)]).astype(np.float64)
    middle = np.median(out, axis=1, keepdims=True)
    out -= middle
    if 0 < filters.high_pass_hz < rate_hz / 2:
        out = sosfiltfilt(butter(1, filters.high_pass_hz, "highpass", fs=rate_hz, output="sos"), out)
    if 0 < filters.low_pass_hz < rate_hz / 2:
        out = sosfiltfilt(butter(2, filters.low_pass_hz, "lowpass", fs=rate_hz, output="sos"), out)
    out = out if filters.high_pass_hz else out + middle
    return np.where(gaps, np.nan, out).astype(np.float32)
