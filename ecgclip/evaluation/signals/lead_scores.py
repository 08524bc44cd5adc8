"""`LeadScore`: one lead that was read against the true one, and how high its QRS complexes stand."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np

from ecgclip.evaluation.signals.alignment import LEAST_S, Aligned, align
from ecgclip.photo.signal import SIGNAL_RATE_HZ
from ecgclip.signal.beats import find_beats
from ecgclip.typing import Int64s, Signal
from ecgclip.units import LEADS

_QRS_S: Final = 0.06
"""Half of the window around an R peak in which heights are compared: the widest QRS complexes fit in."""
_LEAST_QRS_MV: Final = 0.1
"""A complex that is lower than this in a lead is no measure of heights: one small square."""
_TWO_BEATS: Final = 2


@dataclass(frozen=True)
class LeadScore:
    """One lead of a print that shows at least a second of it. A lead that was not read has 0 dB.

    read_share: how much of what the print shows was read. The others as in `alignment.Fit`; None where there
    is nothing to compare. qrs_height: median over the beats, read over true, of the peak to peak of a QRS.
    """

    lead: str
    read_share: float = 0.0
    snr_db: float = 0.0
    r: float = 0.0
    rmse_mv: float | None = None
    height: float = 0.0
    qrs_height: float | None = None
    shift_ms: float | None = None

    @property
    def is_missing(self) -> bool:
        return self.rmse_mv is None

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """Undoes `asdict`."""
        return cls(**values)


def lead_scores(read_mv: Signal, true_mv: Signal) -> tuple[LeadScore, ...]:
    """The scores of every lead of which the truth has a second; both float32 [12, sample] at 500 Hz."""
    beats = find_beats(true_mv, SIGNAL_RATE_HZ)
    return tuple(
        _score(lead, read, true, beats)
        for lead, read, true in zip(LEADS, read_mv, true_mv, strict=True)
        if np.isfinite(true).sum() >= LEAST_S * SIGNAL_RATE_HZ
    )


def heart_rate_bpm(signal_mv: Signal) -> float | None:
    """From the median distance of the beats; None where there are less than two."""
    beats = find_beats(signal_mv, SIGNAL_RATE_HZ)
    if len(beats) < _TWO_BEATS:
        return None
    return 60 * SIGNAL_RATE_HZ / float(np.median(np.diff(beats)))


def _score(lead: str, read: Signal, true: Signal, beats: Int64s) -> LeadScore:
    known = np.isfinite(true)
    share = float((np.isfinite(read) & known).sum() / known.sum())
    aligned = align(read, true)
    if aligned is None:
        return LeadScore(lead, share)
    fit = aligned.fit()
    heights = _qrs_height(aligned, beats + round(fit.shift_ms * SIGNAL_RATE_HZ / 1e3))
    return LeadScore(lead, share, fit.snr_db, fit.r, fit.rmse_mv, fit.height, heights, fit.shift_ms)


def _qrs_height(aligned: Aligned, beats: Int64s) -> float | None:
    """Median of read over true; of the beats whose window is wholly compared. None where there is none."""
    reach = round(_QRS_S * SIGNAL_RATE_HZ)
    ratios = []
    for beat in beats:
        window = slice(beat - reach, beat + reach + 1)
        if beat < reach or not aligned.compared[window].all() or beat + reach >= aligned.compared.size:
            continue
        height_mv = float(np.ptp(aligned.true[window]))
        if height_mv >= _LEAST_QRS_MV:
            ratios.append(float(np.ptp(aligned.read[window])) / height_mv)
    return float(np.median(ratios)) if ratios else None
