"""Change of a record's sampling rate."""

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
