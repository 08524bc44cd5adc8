"""Pictures of a signal that no cardiograph prints: Gramian angular, recurrence and Markov transition fields.

Each lead becomes a square in which row i and column j are two moments of its ten seconds; the twelve squares
stand as the leads do on a 3x4 page. They are the inputs that Qiu et al. (ML4H 2023, arXiv 2304.06286) compare
with plotted traces. Sources: Wang and Oates 2015 (arXiv 1506.00327) for GAF and MTF; Eckmann, Kamphorst and
Ruelle 1987 for recurrence plots. The package pyts computes the same numbers, but takes 80 ms for the Markov
field of a record, and numba and scikit-learn with it.
"""

from enum import StrEnum
from functools import lru_cache
from typing import Final, assert_never

import numpy as np

from ecgclip.records.ecg import Ecg
from ecgclip.records.resample import resampled
from ecgclip.typing import Float32s, Indices, Uint8s
from ecgclip.units import RECORD_S

FIELD_RATE_HZ: Final = 100.0
"""As in the paper. The Markov field counts steps from sample to sample: the rate is part of its meaning."""
MARKOV_BINS: Final = 8
ROWS: Final = 3
COLUMNS: Final = 4


class Field(StrEnum):
    """What a square shows of two moments of a lead."""

    GAF = "gaf"
    """Cosine of the sum of their angles, the angle being arccos of the value scaled to -1..1."""
    RP = "rp"
    """Their distance, not cut at a threshold, as a share of the lead's largest."""
    MTF = "mtf"
    """How often the lead steps from the eighth of values of the one to the eighth of the other."""


def field_page(ecg: Ecg, fields: tuple[Field, ...], cell_px: int) -> Uint8s:
    """The fields of all leads, uint8 [field, 3 cell_px, 4 cell_px]: the range of each field as 0..255.

    Time runs down and to the right over `RECORD_S` seconds. Moments of which nothing was recorded are 0.
    """
    signal = resampled(ecg, FIELD_RATE_HZ).signal_mv
    return np.stack([_tiled(_squares(signal, field, cell_px)) for field in fields])


def gramian_field(means: Float32s) -> Float32s:
    """Gramian angular summation field of leads [lead, moment]: -1..1 [lead, moment, moment].

    A lead without any change has the value 0 throughout, so that its field is -1.
    """
    low, high = _extremes(means)
    span = high - low
    scaled = np.where(span > 0, (2 * means - high - low) / np.where(span > 0, span, 1), 0 * means)
    sine = np.sqrt(np.maximum(1 - scaled**2, 0))
    field: Float32s = scaled[:, :, None] * scaled[:, None] - sine[:, :, None] * sine[:, None]
    return field


def recurrence_field(means: Float32s) -> Float32s:
    """Distance of moments over the lead's largest: [lead, moment] -> 0..1 [lead, moment, moment]."""
    low, high = _extremes(means)
    span = (high - low)[:, None]
    distance: Float32s = np.abs(means[:, :, None] - means[:, None]) / np.where(span > 0, span, 1)
    return distance


def markov_field(signal: Float32s, moments: int) -> Float32s:
    """Markov transition field of leads [lead, sample] in blocks: 0..1 [lead, moment, moment].

    A pair of samples has the probability of stepping from the bin of the one to the bin of the other
    (`MARKOV_BINS` bins of equal counts); a block shows the mean over its pairs. That mean is a product of
    three matrices: shares of bins in the one moment, transitions, shares of bins in the other.
    """
    leads, samples = signal.shape
    own = np.arange(leads)[:, None]
    bins = _bins(signal)
    steps = _counted(own * (MARKOV_BINS + 1) + bins[:, :-1], bins[:, 1:], leads * (MARKOV_BINS + 1))
    transitions = _shares(steps).reshape(leads, MARKOV_BINS + 1, MARKOV_BINS)[:, :MARKOV_BINS]
    moment = _moments(samples, moments)
    inside = moment < moments
    counts = _counted(own * moments + moment[inside], bins[:, inside], leads * moments)
    shares = _shares(counts).reshape(leads, moments, MARKOV_BINS)
    field: Float32s = shares @ np.nan_to_num(transitions) @ shares.transpose(0, 2, 1)
    return field


def moment_means(signal: Float32s, moments: int) -> Float32s:
    """Leads [lead, sample] averaged over equal parts of `RECORD_S`, [lead, moment]; NaN where nothing was."""
    membership = _membership(signal.shape[1], moments)
    known = ~np.isnan(signal)
    total = np.where(known, signal, np.float32(0)) @ membership
    count = known.astype(np.float32) @ membership
    means = np.where(count > 0, total / np.maximum(count, 1), np.nan)
    return means.astype(np.float32)


def _squares(signal: Float32s, field: Field, cell_px: int) -> Uint8s:
    """One field of every lead, uint8 [lead, cell_px, cell_px]."""
    share: Float32s
    match field:
        case Field.GAF:
            share = gramian_field(moment_means(signal, cell_px)) * np.float32(0.5) + np.float32(0.5)
        case Field.RP:
            share = recurrence_field(moment_means(signal, cell_px))
        case Field.MTF:
            share = markov_field(signal, cell_px)
        case unknown:
            assert_never(unknown)
    return (np.nan_to_num(share) * 255 + 0.5).clip(0, 255).astype(np.uint8)


def _tiled(squares: Uint8s) -> Uint8s:
    """Squares of the leads side by side: I, II, III down the first column, V4 to V6 down the last."""
    cell_px = squares.shape[1]
    columns = squares.reshape(COLUMNS, ROWS, cell_px, cell_px)
    return columns.transpose(1, 2, 0, 3).reshape(ROWS * cell_px, COLUMNS * cell_px)


def _bins(signal: Float32s) -> Indices:
    """Which bin of its lead each sample is in, [lead, sample]; `MARKOV_BINS` where nothing was recorded."""
    known = ~np.isnan(signal)
    ordered = np.sort(signal, axis=1)
    at = np.maximum(known.sum(axis=1) - 1, 0)[:, None] * np.arange(1, MARKOV_BINS) / MARKOV_BINS
    below = np.take_along_axis(ordered, np.floor(at).astype(np.intp), axis=1)
    above = np.take_along_axis(ordered, np.ceil(at).astype(np.intp), axis=1)
    edges = below + (at % 1) * (above - below)
    passed = (signal[:, :, None] > edges[:, None]).sum(axis=2)
    return np.where(known, passed, MARKOV_BINS)


def _counted(first: Indices, bins: Indices, numbers: int) -> Float32s:
    """How often each number of `first` meets each known bin, [number, bin]."""
    width = MARKOV_BINS + 1
    counts = np.bincount((first * width + bins).ravel(), minlength=numbers * width)
    return counts.reshape(numbers, width)[:, :MARKOV_BINS].astype(np.float32)


def _shares(counts: Float32s) -> Float32s:
    """Counts by their sum over the last axis; NaN where there are none."""
    total = counts.sum(axis=-1, keepdims=True)
    return np.where(total > 0, counts / np.maximum(total, 1), np.nan).astype(np.float32)


def _moments(samples: int, moments: int) -> Indices:
    """Which moment each sample belongs to; `moments` and beyond after `RECORD_S`."""
    return np.arange(samples) * moments // round(RECORD_S * FIELD_RATE_HZ)


@lru_cache(maxsize=8)
def _membership(samples: int, moments: int) -> Float32s:
    """0/1 [sample, moment]: which samples belong to a moment."""
    belongs = np.equal(_moments(samples, moments)[:, None], np.arange(moments))
    return belongs.astype(np.float32)


def _extremes(means: Float32s) -> tuple[Float32s, Float32s]:
    """Least and largest known value of each lead, [lead, 1]; 0 where nothing is known."""
    known = ~np.isnan(means)
    some = known.any(axis=1, keepdims=True)
    low = np.where(known, means, np.inf).min(axis=1, keepdims=True)
    high = np.where(known, means, -np.inf).max(axis=1, keepdims=True)
    return np.where(some, low, 0).astype(np.float32), np.where(some, high, 0).astype(np.float32)
