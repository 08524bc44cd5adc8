"""Percentile bootstrap over patients.

Whole patients are drawn, so that two records of one patient never count as independent.
The gallery stays as it is; the intervals say how the figures would move with other query patients.
One set of weights serves all methods and metrics, so that differences between methods are paired.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np

from ecgclip.errors import ConfigError
from ecgclip.evaluation.metrics import macro_auroc_weighted, ratio
from ecgclip.typing import Bools, Float32s, Float64s, Floats, Int64s

RESAMPLES = 1000
COVERAGE = 0.95


def generator(seed: int) -> np.random.Generator:
    """The random generator of one evaluation; ConfigError for a seed below 0."""
    if seed < 0:
        raise ConfigError(f"the seed is {seed}; expected 0 or more")
    return np.random.default_rng(seed)


@dataclass(frozen=True)
class Interval:
    """A figure and its percentile interval."""

    value: float
    low: float
    high: float

    def text(self, digits: int = 3) -> str:
        """As tables print it: `0.443 [0.421 0.468]`."""
        return f"{self.value:.{digits}f} [{self.low:.{digits}f} {self.high:.{digits}f}]"


def patient_weights(
    patients: Sequence[Hashable], rng: np.random.Generator, resamples: int = RESAMPLES
) -> Float32s:
    """How often each query is drawn in each resample, float32 [resample, query].

    Each resample draws as many patients as there are, with replacement; all queries of a patient go along.
    """
    row = patient_numbers(patients)
    count = len(set(patients))
    draws = rng.multinomial(count, np.full(count, 1 / count), size=resamples)
    return draws.astype(np.float32)[:, row]


def patient_numbers(patients: Sequence[Hashable]) -> Int64s:
    """The patient of each case as a number from 0, in the order in which they appear, int64 [case]."""
    numbers: dict[Hashable, int] = {}
    return np.array([numbers.setdefault(patient, len(numbers)) for patient in patients], np.int64)


def resampled_mean(values: Floats, weights: Floats) -> Float64s:
    """Mean of the per-query values in each resample, [resample]; NaN values are left out.

    values: [query]; weights: [resample, query].
    """
    known = ~np.isnan(values)
    drawn = weights[:, known].astype(np.float64)
    return ratio(drawn @ values[known].astype(np.float64), drawn.sum(axis=1))


def mean_interval(values: Floats, weights: Floats) -> Interval:
    """Mean of the per-query values with its interval; NaN values are left out."""
    whole = resampled_mean(values, np.ones((1, len(values))))
    return percentile_interval(float(whole[0]), resampled_mean(values, weights))


def auroc_interval(labels: Bools, scores: Floats, weights: Floats) -> Interval:
    """Macro AUROC with its interval, each resample ranked anew.

    labels: bool [query, label]; scores: [query, label]; weights: [resample, query].
    """
    whole = macro_auroc_weighted(labels, scores, np.ones((1, len(labels))))
    return percentile_interval(float(whole[0]), macro_auroc_weighted(labels, scores, weights))


def percentile_interval(value: float, resampled: Floats, coverage: float = COVERAGE) -> Interval:
    """The central share of the resampled figures; resamples without a value are left out."""
    known = resampled[~np.isnan(resampled)]
    if known.size == 0:
        return Interval(value, float("nan"), float("nan"))
    low, high = np.quantile(known, [(1 - coverage) / 2, (1 + coverage) / 2])
    return Interval(value, float(low), float(high))


def wilson_interval(successes: int, trials: int, z: float = 1.959964) -> Interval:
    """A proportion with its Wilson score interval; the whole range where there were no trials.

    For few photos, each of another record: at 28 of 28 it still says how little that proves.

    >>> wilson_interval(9, 10).text()
    '0.900 [0.596 0.982]'
    """
    if trials == 0:
        return Interval(float("nan"), 0.0, 1.0)
    share = successes / trials
    scale = 1 / (1 + z * z / trials)
    centre = (share + z * z / (2 * trials)) * scale
    half = z * scale * float(np.sqrt(share * (1 - share) / trials + z * z / (4 * trials * trials)))
    return Interval(share, max(0.0, centre - half), min(1.0, centre + half))


def quantile_interval(
    values: Sequence[float], share: float, rng: np.random.Generator, resamples: int = RESAMPLES
) -> Interval:
    """A quantile (.5 is the median) with its interval, each value drawn for itself; NaN where there is none.

    >>> quantile_interval([2.0, 2.0, 2.0], 0.5, np.random.default_rng(0)).text()
    '2.000 [2.000 2.000]'
    """
    if not values:
        return Interval(float("nan"), float("nan"), float("nan"))
    drawn = np.asarray(values, np.float64)[rng.integers(len(values), size=(resamples, len(values)))]
    return percentile_interval(float(np.quantile(values, share)), np.quantile(drawn, share, axis=1))
