"""A record at another sampling rate, or its first seconds: of a whole day a page shows ten seconds."""

import math
from dataclasses import replace

from ecgclip.records.ecg import Ecg
from ecgclip.signal.resample import to_rate


def resampled(ecg: Ecg, rate_hz: float) -> Ecg:
    """Return the record at another rate; the same object where it has that rate already.

    Polyphase with an anti-aliasing filter (scipy's default Kaiser window, beta 5). A sample is NaN where the
    nearest sample in time was.
    """
    if ecg.rate_hz == rate_hz:
        return ecg
    return replace(ecg, signal_mv=to_rate(ecg.signal_mv, ecg.rate_hz, rate_hz), rate_hz=float(rate_hz))


def samples_in(seconds: float | None, rate_hz: float, there: int) -> int:
    """How many of the samples that are there lie in the first seconds; None: all."""
    return there if seconds is None else math.ceil(min(there, seconds * rate_hz))


def only_first(samples: int, there: int, rate_hz: float) -> tuple[str, ...]:
    """A remark where not all samples were read.

    >>> only_first(5250, 1_800_000, 500.0), only_first(5000, 5000, 500.0)
    (('only the first 10.5 s of 3600 s were read',), ())
    """
    if samples >= there:
        return ()
    return (f"only the first {samples / rate_hz:g} s of {there / rate_hz:g} s were read",)


def beginning(ecg: Ecg, seconds: float) -> Ecg:
    """The record's first seconds; the same object where it is no longer."""
    there = ecg.signal_mv.shape[1]
    samples = samples_in(seconds, ecg.rate_hz, there)
    if samples == there:
        return ecg
    warnings = ecg.warnings + only_first(samples, there, ecg.rate_hz)
    return replace(ecg, signal_mv=ecg.signal_mv[:, :samples], warnings=warnings)
