"""How alike a lead that was read is to the true one, at the shift in time that fits best.

A reader may place time zero a little off: that is told as the shift, and not counted twice. Shifts are sought
to half a millisecond; with whole samples of 2 ms even a perfect reading would stop at about 22 dB.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from ecgclip.photo.signal import SIGNAL_RATE_HZ
from ecgclip.signal.finer import catmull_rom_weights
from ecgclip.typing import Bools, Float64s, Floats, Int64s

MAX_SHIFT_S: Final = 0.2
LEAST_S: Final = 1.0
"""Least seconds of a lead, read and true, that are compared."""
LARGEST_DB: Final = 60.0
"""Said of a perfect reading: an error of a thousandth is beyond any print."""
_FINE: Final = 4
"""Shifts tried a sample."""


@dataclass(frozen=True)
class Fit:
    """A lead that was read against the true one, both without their offset, over the samples of both.

    snr_db: energy of the true lead over that of the error, at most `LARGEST_DB`. r: correlation. rmse_mv: of
    the error. height: peak to peak, read over true. shift_ms: by how much the reading is late.
    """

    snr_db: float
    r: float
    rmse_mv: float
    height: float
    shift_ms: float


@dataclass(frozen=True, eq=False)
class Aligned:
    """A reading and the true lead moved to where it fits, float64 [sample]; which samples are compared."""

    read: Float64s
    true: Float64s
    compared: Bools
    shift_ms: float

    def fit(self) -> Fit:
        """The figures of the samples that are compared."""
        read, true = self.read[self.compared], self.true[self.compared]
        read, true = read - read.mean(), true - true.mean()
        error = read - true
        power, noise = float(true @ true), float(error @ error)
        spread = float(read @ read) * power
        return Fit(
            _decibels(power, noise),
            float(read @ true) / spread**0.5 if spread > 0 else 0.0,
            (noise / len(error)) ** 0.5,
            float(np.ptp(read)) / max(float(np.ptp(true)), 1e-6),
            self.shift_ms,
        )


def align(read: Floats, true: Floats) -> Aligned | None:
    """Both leads [sample] at 500 Hz, NaN where unknown, at the shift of least error within .2 s.

    None where no shift lets a second be compared.
    """
    whole = _best_whole_shift(read, true)
    if whole is None:
        return None
    known = np.isfinite(read) & _moved(np.isfinite(true), whole)
    smooth, wanted = _bridged(true), read.astype(np.float64)
    tried = whole + np.arange(1 - _FINE, _FINE) / _FINE
    candidates = [_delayed(smooth, shift) for shift in tried]
    errors = [float(np.var((wanted - moved)[known])) for moved in candidates]
    best = int(np.argmin(errors))
    return Aligned(wanted, candidates[best], known, float(tried[best]) * 1e3 / SIGNAL_RATE_HZ)


def _decibels(power: float, noise: float) -> float:
    if power <= 0:
        return 0.0
    return 10 * float(np.log10(power / max(noise, power * 10 ** (-LARGEST_DB / 10))))


def _best_whole_shift(read: Floats, true: Floats) -> int | None:
    """The shift in samples, of the reading against the truth, whose error has the least variance."""
    lags, sums = _sums(read, true)
    count, a, b, aa, bb, ab = sums
    enough = count > LEAST_S * SIGNAL_RATE_HZ - 0.5
    if not enough.any():
        return None
    count = np.maximum(count, 1.0)
    variance = (aa + bb - 2 * ab) / count - ((a - b) / count) ** 2
    return int(lags[int(np.where(enough, variance, np.inf).argmin())])


def _sums(read: Floats, true: Floats) -> tuple[Int64s, Float64s]:
    """Shifts [shift], and for each what the samples of both add up to.

    [6, shift]: how many there are, read, true, their squares, their products; by Fourier transforms.
    """
    reach = round(MAX_SHIFT_S * SIGNAL_RATE_HZ)
    size = 1 << (max(read.size, true.size) + reach).bit_length()
    a, b = (np.nan_to_num(lead.astype(np.float64)) for lead in (read, true))
    known_a, known_b = (np.isfinite(lead).astype(np.float64) for lead in (read, true))
    of_read = [np.fft.rfft(part, size) for part in (known_a, a, a * a)]
    of_true = [np.conj(np.fft.rfft(part, size)) for part in (known_b, b, b * b)]
    pairs = ((0, 0), (1, 0), (0, 1), (2, 0), (0, 2), (1, 1))
    lags = np.arange(-reach, reach + 1, dtype=np.int64)
    return lags, np.stack([np.fft.irfft(of_read[i] * of_true[j], size)[lags] for i, j in pairs])


def _moved(known: Bools, by: int) -> Bools:
    """Moved by whole samples; what comes from beyond the ends is not known."""
    moved = np.zeros_like(known)
    moved[max(by, 0) : known.size + min(by, 0)] = known[max(-by, 0) : known.size - max(by, 0)]
    return moved


def _bridged(lead: Floats) -> Float64s:
    """The lead with its gaps filled by straight lines, float64 [sample]."""
    at, known = np.arange(lead.size), np.isfinite(lead)
    return np.interp(at, at[known], lead[known].astype(np.float64))


def _delayed(lead: Float64s, by: float) -> Float64s:
    """The lead later by so many samples, between samples by a cubic; its ends are held."""
    whole = int(np.floor(by))
    rest = by - whole
    padded = np.pad(lead, (abs(whole) + 2, abs(whole) + 2), mode="edge")
    first = abs(whole) + 2 - whole
    around = [padded[first + k : first + k + lead.size] for k in (-2, -1, 0, 1)]
    return np.asarray(catmull_rom_weights(1 - rest) @ np.stack(around), np.float64)
