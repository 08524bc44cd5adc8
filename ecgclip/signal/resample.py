"""Change of sampling rate that respects gaps."""

import numpy as np

from ecgclip.errors import RecordError
from ecgclip.typing import Bools, Float32s

_MAX_FACTOR = 1000  # longest ratio tried: 257 Hz -> 500 Hz is 500/257


def to_rate(signal: Float32s, rate_hz: float, new_rate_hz: float) -> Float32s:
    """Resample float32 [lead, sample] to ceil(samples * new / old) samples.

    Raises RecordError for rates that are not above 0.
    """
    if not (0 < rate_hz < np.inf and 0 < new_rate_hz < np.inf):
        raise RecordError(f"cannot resample from {rate_hz} Hz to {new_rate_hz} Hz; expected rates above 0")
    from fractions import Fraction  # imported here, as scipy below: only who resamples pays

    ratio = Fraction(new_rate_hz / rate_hz).limit_denominator(_MAX_FACTOR)
    if ratio == 1:
        return signal
    if ratio == 0:
        raise RecordError(f"cannot resample from {rate_hz} Hz to {new_rate_hz} Hz: too far apart")
    from scipy.signal import resample_poly  # half a second

    up, down = ratio.numerator, ratio.denominator
    gaps = np.isnan(signal)
    filled = np.stack([bridged(lead, gap) for lead, gap in zip(signal, gaps, strict=True)])
    # the filter's phases differ by 0.1 % in gain: without its offset a lead gets no ripple from that
    offset = filled.mean(axis=1, keepdims=True)
    # padtype "line" prolongs the ends straight on, so that they do not ring
    filtered = resample_poly(filled - offset, up, down, axis=1, padtype="line")
    out: Float32s = (filtered + offset).astype(np.float32)
    if gaps.any():
        nearest = np.minimum((np.arange(out.shape[1]) * down + up // 2) // up, signal.shape[1] - 1)
        out[gaps[:, nearest]] = np.nan
    return out


def bridged(lead: Float32s, gap: Bools) -> Float32s:
    """Fill gaps by straight lines: a jump to zero would ring into the samples beside it."""
    if not gap.any() or gap.all():
        return np.where(gap, np.float32(0), lead)
    at = np.arange(lead.size)
    return np.interp(at, at[~gap], lead[~gap]).astype(np.float32)
