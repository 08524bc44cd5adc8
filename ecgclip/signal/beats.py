"""Heartbeats of a signal: where the energy of its QRS complexes peaks."""

from typing import Final

import numpy as np

from ecgclip.errors import RecordError
from ecgclip.signal.resample import bridged
from ecgclip.typing import Float64s, Floats, Int64s, Signal

QRS_BAND_HZ: Final = (7.0, 20.0)
"""Band that holds most energy of QRS complexes, also of wide ones; T waves lie below it."""
_ORDER: Final = 4
"""Power with which the band falls off at either end, forwards and backwards in one."""
_SMOOTH_S: Final = 0.08
"""Width of a QRS complex, over which its energy is averaged."""
_APART_S: Final = 0.25
"""Least time between two beats: 240 a minute."""
_LEAST: Final = 0.25
"""Least energy of a beat, as a share of that of the tallest beats near by."""
_LEVEL_S: Final = 10.0
"""Window in which the tallest beats are sought, so that an artefact affects its neighbourhood alone."""
_TALLEST: Final = 0.98
"""Quantile of the energy that the tallest beats reach: they fill some hundredths of the time."""
_LEAST_MV: Final = 0.01
"""Least energy of a beat in mV: less is noise."""
_SHORTEST: Final = 3
"""Samples: a peak has a neighbour on either side."""
_T_WAVE_S: Final = 0.4
"""A peak that follows sooner than this after a beat is its T wave ..."""
_T_WAVE: Final = 0.6
"""... unless it has this share of the beat's energy."""


def find_beats(signal_mv: Signal, rate_hz: float) -> Int64s:
    """Samples of the QRS complexes, int64 [beat], ascending; none where there is no beat.

    signal_mv: float32 [lead, sample] in mV; NaN where a lead shows nothing. All leads are weighed together: a
    beat that is small in one of them is not lost.

    Errors: RecordError where the rate is too low to hold the band of a QRS complex.
    """
    if not rate_hz > 2 * QRS_BAND_HZ[1]:
        raise RecordError(f"the rate is {rate_hz:g} Hz; beats are found above {2 * QRS_BAND_HZ[1]:g} Hz")
    if signal_mv.shape[1] < _SHORTEST:
        return np.empty(0, np.int64)
    energy = _qrs_energy(signal_mv, rate_hz)
    shares = energy / _levels(energy, rate_hz)
    shares[1:-1][(energy[1:-1] <= energy[:-2]) | (energy[1:-1] < energy[2:])] = 0.0
    peaks = np.sort(separated_peaks(shares, _LEAST, max(1, round(_APART_S * rate_hz))))
    return _without_t_waves(peaks, energy, round(_T_WAVE_S * rate_hz))


def separated_peaks(heights: Floats, least: float, apart: int, edge: int = 0) -> Int64s:
    """Samples of the heights [sample] above `least`, int64 [peak], highest first.

    Each is the highest that lies at least `apart` samples from all higher ones, and `edge` from both ends.
    """
    taken = np.zeros(heights.size, np.bool_)
    taken[:edge] = taken[heights.size - edge :] = True
    found = []
    for place in np.argsort(-heights):
        if heights[place] <= least:
            break
        if not taken[place]:
            found.append(place)
            taken[max(0, place - apart + 1) : place + apart] = True
    return np.array(found, np.int64)


def _qrs_energy(signal_mv: Signal, rate_hz: float) -> Float64s:
    """Root mean square of the leads within the band, smoothed, float64 [sample]."""
    gaps = np.isnan(signal_mv)
    filled = [bridged(lead, gap) for lead, gap in zip(signal_mv, gaps, strict=True)]
    squares = np.where(gaps, 0.0, _qrs_band(np.array(filled, np.float64), rate_hz)) ** 2
    energy = np.sqrt(squares.sum(axis=0) / np.maximum(1, (~gaps).sum(axis=0)))
    width = round(_SMOOTH_S * rate_hz) | 1
    padded = np.pad(energy, width // 2, mode="edge")
    return np.convolve(padded, np.full(width, 1 / width), "valid")


def _qrs_band(signal: Float64s, rate_hz: float) -> Float64s:
    """The signal within the band, float64 [lead, sample], without delay; the ends are mirrored."""
    samples = signal.shape[1]
    beyond = min(samples - 1, round(rate_hz))
    wide = np.pad(signal, ((0, 0), (beyond, beyond)), mode="reflect", reflect_type="odd")
    low_hz, high_hz = QRS_BAND_HZ
    frequency_hz = np.fft.rfftfreq(wide.shape[1], 1 / rate_hz)
    ratio = low_hz / np.maximum(frequency_hz, 1e-3)
    gain = 1 / (1 + ratio**_ORDER) / (1 + (frequency_hz / high_hz) ** _ORDER)
    passed = np.fft.irfft(np.fft.rfft(wide, axis=1) * gain, wide.shape[1], axis=1)
    return passed[:, beyond : beyond + samples]


def _levels(energy: Float64s, rate_hz: float) -> Float64s:
    """Energy of the tallest beats around each sample, float64 [sample]."""
    window = round(_LEVEL_S * rate_hz)
    starts = np.arange(0, max(1, energy.size - window // 2), window // 2)
    tallest = [np.quantile(energy[start : start + window], _TALLEST) for start in starts]
    levels = np.interp(np.arange(energy.size), starts + window / 2, tallest)
    return np.maximum(levels, _LEAST_MV / _LEAST)


def _without_t_waves(peaks: Int64s, energy: Float64s, reach: int) -> Int64s:
    kept: list[int] = []
    for peak in peaks:
        if not kept or peak - kept[-1] >= reach or energy[peak] >= _T_WAVE * energy[kept[-1]]:
            kept.append(int(peak))
    return np.array(kept, np.int64)
