"""Batches of the signal stage: varied signals, some of them mixtures of two (mixup)."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ecgclip.evaluation.statements import one_hot
from ecgclip.training.augment import vary_signal
from ecgclip.training.cache import CACHE_RATE_HZ, SignalCache
from ecgclip.training.settings import Augment
from ecgclip.training.signal.settings import SignalTraining
from ecgclip.typing import Float32s, Signal


@dataclass(frozen=True, eq=False)
class SignalBatch:
    """signals_mv: float32 [n, 12, 1000]; labels: float32 [n, statement], between 0 and 1 in mixtures."""

    signals_mv: Float32s
    labels: Float32s


def batches(
    config: SignalTraining, cache: SignalCache, labels: Float32s, epoch: int
) -> Iterator[SignalBatch]:
    """The batches of an epoch, the same for the same (seed, epoch). labels: [record, statement]."""
    rng = np.random.default_rng([config.seed, epoch])
    order = rng.permutation(cache.in_folds(config.folds))
    for start in range(0, len(order) - config.batch_size + 1, config.batch_size):
        rows = order[start : start + config.batch_size]
        signals = np.stack(
            [varied(np.asarray(cache.signals_mv[row], np.float32), config.augment, rng) for row in rows]
        )
        share = mixup_shares(len(rows), config.mixup, config.mixup_alpha, rng)
        yield SignalBatch(mixup(signals, share), mixup(labels[rows], share))


def varied(signal_mv: Signal, settings: Augment, rng: np.random.Generator) -> Signal:
    """Other seconds, gain, wander, noise, lost leads; 0 where nothing is recorded."""
    return np.nan_to_num(vary_signal(signal_mv, CACHE_RATE_HZ, settings, rng))


def mixup_shares(count: int, chance: float, alpha: float, rng: np.random.Generator) -> Float32s:
    """The weight that each record keeps: 1, or with `chance` one from Beta(alpha, alpha), at least a half."""
    share = rng.beta(alpha, alpha, count)
    share = np.maximum(share, 1 - share)
    return np.where(rng.random(count) < chance, share, 1).astype(np.float32)


def mixup(values: Float32s, share: Float32s) -> Float32s:
    """Each row mixed with the next one of the batch: `share` of itself, the rest of the other."""
    own = share.reshape(-1, *[1] * (values.ndim - 1))
    return own * values + (1 - own) * np.roll(values, -1, axis=0)


def label_matrix(cache: SignalCache, statements: tuple[str, ...]) -> Float32s:
    """float32 [record, statement] of 0 and 1."""
    return one_hot([row.codes for row in cache.rows], statements).astype(np.float32)
