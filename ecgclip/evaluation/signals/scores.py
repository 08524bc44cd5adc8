"""Figures with intervals from the outcomes of many pictures; leads that were not read count as 0 dB."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from ecgclip.evaluation.bootstrap import RESAMPLES, Interval, percentile_interval
from ecgclip.evaluation.signals.lead_scores import LeadScore
from ecgclip.evaluation.signals.outcome import SignalOutcome
from ecgclip.evaluation.signals.truth import REFERENCES
from ecgclip.typing import Float64s, Int64s
from ecgclip.units import LEADS

Value = Callable[[LeadScore], float | None]
Statistic = Callable[[Float64s], Float64s]
"""[resample, value], NaN where there is none -> [resample]."""
_WORST: Final = 0.1


@dataclass(frozen=True)
class SignalScores:
    """A group of pictures; all intervals are bootstraps over pictures, whose leads go along.

    missing: leads that the prints show and of which less than a second was read. snr_*: in dB over leads and
    pictures, those that are missing as 0; worst tenth: the tenth percentile. The rest over leads that were
    read: medians, but for rmse_mv, a mean. shift_ms: without its sign. rate_error_bpm: median over pictures
    of the heart rate's error, without its sign. references_db: of each of `truth.REFERENCES`, the mean.
    """

    group: str
    photos: int
    refused: int
    leads: int
    missing: int
    snr_db: Interval
    snr_median_db: Interval
    snr_worst_tenth_db: Interval
    r: Interval
    rmse_mv: Interval
    height: Interval
    qrs_height: Interval
    shift_ms: Interval
    read_share: Interval
    rate_error_bpm: Interval
    rates_missing: int
    references_db: dict[str, float]
    read_ms: Interval


@dataclass(frozen=True)
class LeadMeans:
    """One lead over a group's pictures: mean SNR, median QRS height and |shift|; None without a value."""

    lead: str
    snr_db: Interval
    qrs_height: float | None
    shift_ms: float | None


def signal_scores(group: str, outcomes: Sequence[SignalOutcome], rng: np.random.Generator) -> SignalScores:
    """The scores of one group."""
    draws = _draws(outcomes, rng)

    def of(statistic: Statistic, value: Value) -> Interval:
        return _interval(_by_lead(outcomes, value), statistic, draws)

    errors = np.array([[_rate_error(one)] for one in outcomes])
    scores = [lead for one in outcomes for lead in one.leads]
    references = np.mean([one.references_db for one in outcomes], axis=0)
    return SignalScores(
        group=group,
        photos=len(outcomes),
        refused=sum(bool(one.refused) for one in outcomes),
        leads=len(scores),
        missing=sum(score.is_missing for score in scores),
        snr_db=of(_mean, lambda score: score.snr_db),
        snr_median_db=of(_median, lambda score: score.snr_db),
        snr_worst_tenth_db=of(_tenth, lambda score: score.snr_db),
        r=of(_median, lambda score: None if score.is_missing else score.r),
        rmse_mv=of(_mean, lambda score: score.rmse_mv),
        height=of(_median, lambda score: None if score.is_missing else score.height),
        qrs_height=of(_median, lambda score: score.qrs_height),
        shift_ms=of(_median, _shift),
        read_share=of(_mean, lambda score: score.read_share),
        rate_error_bpm=_interval(errors, _median, draws),
        rates_missing=int(np.isnan(errors).sum()),
        references_db=dict(zip(REFERENCES, references.tolist(), strict=True)),
        read_ms=_interval(np.array([[one.read_ms] for one in outcomes]), _median, draws),
    )


def lead_means(outcomes: Sequence[SignalOutcome], rng: np.random.Generator) -> tuple[LeadMeans, ...]:
    """Every lead that a print of the group shows."""
    draws = _draws(outcomes, rng)
    snr = _by_lead(outcomes, lambda score: score.snr_db)
    qrs, shift = _by_lead(outcomes, lambda score: score.qrs_height), _by_lead(outcomes, _shift)
    return tuple(
        LeadMeans(lead, _interval(snr[:, [at]], _mean, draws), _known(qrs[:, at]), _known(shift[:, at]))
        for at, lead in enumerate(LEADS)
        if not np.isnan(snr[:, at]).all()
    )


def _shift(score: LeadScore) -> float | None:
    return None if score.shift_ms is None else abs(score.shift_ms)


def _rate_error(outcome: SignalOutcome) -> float:
    if outcome.rate_bpm is None or outcome.true_rate_bpm is None:
        return float("nan")
    return abs(outcome.rate_bpm - outcome.true_rate_bpm)


def _draws(outcomes: Sequence[SignalOutcome], rng: np.random.Generator) -> Int64s:
    """Pictures of each resample, int [resample, picture]; one record is one picture of a group."""
    return rng.integers(len(outcomes), size=(RESAMPLES, len(outcomes)))


def _by_lead(outcomes: Sequence[SignalOutcome], value: Value) -> Float64s:
    """The values of all leads, float64 [picture, 12], NaN where there is none."""
    table = np.full((len(outcomes), len(LEADS)), np.nan)
    for row, outcome in zip(table, outcomes, strict=True):
        for score in outcome.leads:
            found = value(score)
            row[LEADS.index(score.lead)] = np.nan if found is None else found
    return table


def _interval(table: Float64s, statistic: Statistic, draws: Int64s) -> Interval:
    """A statistic of all values of a table [picture, value], with its interval."""
    if np.isnan(table).all():
        return Interval(float("nan"), float("nan"), float("nan"))
    resampled = statistic(table[draws].reshape(len(draws), -1))
    return percentile_interval(float(statistic(table.reshape(1, -1))[0]), resampled)


def _mean(values: Float64s) -> Float64s:
    known = ~np.isnan(values)
    count = known.sum(axis=1)
    return np.where(count > 0, np.where(known, values, 0.0).sum(axis=1) / np.maximum(count, 1), np.nan)


def _median(values: Float64s) -> Float64s:
    return _quantile(values, 0.5)


def _tenth(values: Float64s) -> Float64s:
    return _quantile(values, _WORST)


def _quantile(values: Float64s, share: float) -> Float64s:
    """By one sort, which puts the NaN last; linear between values."""
    ordered = np.sort(values, axis=1)
    last = (~np.isnan(values)).sum(axis=1) - 1
    place = np.maximum(last, 0) * share
    low = np.floor(place).astype(np.intp)
    high = np.minimum(low + 1, np.maximum(last, 0))
    rows = np.arange(len(values))
    return np.asarray(ordered[rows, low] + (place - low) * (ordered[rows, high] - ordered[rows, low]))


def _known(values: Float64s) -> float | None:
    known = values[~np.isnan(values)]
    return float(np.median(known)) if known.size else None
