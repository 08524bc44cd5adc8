"""Speed and gain of a sheet: as printed, by the calibration pulse, by the beats, and what is usual."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from ecgclip.photo.seen.pulses import SeenPulse
from ecgclip.photo.seen.words import SeenWord
from ecgclip.signal.beats import find_beats
from ecgclip.typing import Float32s
from ecgclip.units import GAIN_MM_MV

SPEEDS: Final = (12.5, 25.0, 50.0)
GAINS: Final = (2.5, 5.0, 10.0, 20.0)
_USUAL_SPEED: Final = (0.03, 0.87, 0.10)
_USUAL_GAIN: Final = (0.01, 0.06, 0.90, 0.03)
_MISREAD: Final = 0.04
"""Chance that a word that seems sure is another one all the same."""
_STROKE_MM: Final = 1.8
"""Cells that show some of a pulse reach so much beyond it."""
_PULSE_S: Final = 0.2
_LOG_WIDTH: Final = 0.3
_LOG_HEIGHT: Final = 0.12
"""Standard deviations of the logarithms of a pulse's width and height about what they should be ..."""
_ODD_PULSE: Final = 0.05
"""... and how often one pulse is something else; of several, as often as all of them are at once ..."""
_SEVERAL: Final = 3
"""... but no less often than three."""
_TALL: Final = 0.8
_WORTH_OF_USUAL: Final = 30.0
"""Odds that pulses of 10 mm in all rows give to 10 mm/mV."""
_LOG_RATE: Final = 0.25
_USUAL_RATE: Final = 72.0
_LOG_QRS: Final = 0.3
_USUAL_QRS_S: Final = 0.027
"""Heart rate per minute, and the time over which most of a QRS complex's slope lies; both spread by the
logarithm."""
_ODD_HEART: Final = 0.07
_FEWEST_BEATS: Final = 2


@dataclass(frozen=True)
class Choice:
    """One of several values, and its probability."""

    value: float
    chance: float


def speed_of(words: Sequence[SeenWord], pulses: Sequence[SeenPulse], rows_mv: Float32s) -> Choice:
    """The speed in mm/s.

    rows_mv: float32 [row, sample], the rows as samples 25 mm/500 apart, NaN where nothing is shown.
    """
    chances = np.array(_USUAL_SPEED)
    chances = chances * _by_words(words, "speed", SPEEDS)
    if pulses:
        width_s = float(np.median([pulse.right_mm - pulse.left_mm for pulse in pulses])) - _STROKE_MM
        chances = chances * _by_size(width_s, [_PULSE_S * speed for speed in SPEEDS], _LOG_WIDTH, 1)
    chances = chances * _by_beats(rows_mv)
    return _likeliest(SPEEDS, chances)


def gain_of(words: Sequence[SeenWord], pulses: Sequence[SeenPulse], usual_share: float = 0.0) -> Choice:
    """The gain in mm/mV.

    usual_share: share of the rows whose ink shows a pulse of 10 mm, by its correlation (`Sheet.pulse_share`).
    """
    chances = np.array(_USUAL_GAIN) * _by_words(words, "gain", GAINS)
    chances[GAINS.index(GAIN_MM_MV)] *= 1 + _WORTH_OF_USUAL * usual_share**2
    if pulses:
        # where a part of a pulse is not seen it looks lower, never higher
        height = float(np.quantile([pulse.bottom_mm - pulse.top_mm for pulse in pulses], _TALL)) - _STROKE_MM
        chances = chances * _by_size(height, GAINS, _LOG_HEIGHT, len(pulses))
    return _likeliest(GAINS, chances)


def _by_words(words: Sequence[SeenWord], kind: str, values: Sequence[float]) -> np.ndarray:
    """Likelihood of each value: that of the surest word, less how often words are misread."""
    read: Mapping[float, float] = {
        float(word.value): word.chance
        for word in sorted(words, key=lambda word: word.chance)
        if word.kind == kind and word.value != "other"
    }
    if not read:
        return np.ones(len(values))
    doubt = max(_MISREAD, 1 - max(read.values()))
    return np.array([doubt / len(values) + (1 - doubt) * read.get(value, 0.0) for value in values])


def _by_size(size_mm: float, wanted_mm: Sequence[float], log_width: float, pulses: int) -> np.ndarray:
    """Likelihood of the size of so many pulses by what each value would want.

    All pulses of a print are equally wide, whatever that means: for the speed they count as one.
    """
    off = np.log(max(size_mm, 0.1) / np.array(wanted_mm)) / log_width
    return np.asarray(_ODD_PULSE ** min(pulses, _SEVERAL) + np.exp(-0.5 * off**2))


def _by_beats(rows_mv: Float32s) -> np.ndarray:
    """Likelihood of each speed by the heart rate and the width of the QRS that it would mean."""
    return np.array([_beats_at(rows_mv, 20.0 * speed) for speed in SPEEDS])


def _beats_at(rows_mv: Float32s, rate_hz: float) -> float:
    """Likelihood of the beats if the samples came at this rate."""
    beats = find_beats(rows_mv, rate_hz)
    if beats.size <= _FEWEST_BEATS:
        return _ODD_HEART
    rate = 60 * rate_hz / float(np.median(np.diff(beats)))
    qrs_s = _qrs_width(rows_mv, beats, round(0.15 * rate_hz)) / rate_hz
    off = np.log(rate / _USUAL_RATE) / _LOG_RATE, np.log(max(qrs_s, 1e-3) / _USUAL_QRS_S) / _LOG_QRS
    return float(_ODD_HEART + np.exp(-0.5 * (off[0] ** 2 + off[1] ** 2)))


def _qrs_width(rows_mv: Float32s, beats: np.ndarray, reach: int) -> float:
    """Samples that hold the middle 70 % of the squared slope around a beat, the median of all beats."""
    slope = np.nansum(np.diff(np.nan_to_num(rows_mv), axis=1) ** 2, axis=0)
    widths = []
    for beat in beats.tolist():
        energy = slope[max(0, beat - reach) : beat + reach]
        total = np.cumsum(energy)
        if energy.size and total[-1] > 0:
            low, high = np.searchsorted(total, [0.15 * total[-1], 0.85 * total[-1]])
            widths.append(float(high - low))
    return float(np.median(widths)) if widths else 0.0


def _likeliest(values: Sequence[float], chances: np.ndarray) -> Choice:
    best = int(chances.argmax())
    return Choice(values[best], float(chances[best] / chances.sum()))
