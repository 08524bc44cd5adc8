"""Batches of signals: varied as for a drawing, some mixed with one another."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ecgclip.training.cache import CACHE_RATE_HZ, SignalCache
from ecgclip.training.contrastive.augment import vary_signal
from ecgclip.training.contrastive.settings import Augment
from ecgclip.training.signal.settings import SignalTraining

Signals = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class SignalBatch:
    """signals_mv: float32 [n, 12, 1000]; labels: float32 [n, statement], between 0 and 1 where mixed."""

    signals_mv: Signals
    labels: npt.NDArray[np.float32]


def batches(
    config: SignalTraining, cache: SignalCache, labels: npt.NDArray[np.float32], epoch: int
) -> Iterator[SignalBatch]:
    """The batches of an epoch, the same for the same (seed, epoch). labels: [record, statement]."""
    rng = np.random.default_rng([config.seed, epoch])
    order = rng.permutation(cache.in_folds(config.folds))
    for start in range(0, len(order) - config.batch_size + 1, config.batch_size):
        rows = order[start : start + config.batch_size]
        signals = np.stack(
            [varied(np.asarray(cache.signals_mv[row], np.float32), config.augment, rng) for row in rows]
        )
        share = mixing_shares(len(rows), config.mixed, config.mixing, rng)
        yield SignalBatch(mixed(signals, share), mixed(labels[rows], share))


def varied(signal_mv: Signals, settings: Augment, rng: np.random.Generator) -> Signals:
    """Other seconds, gain, wander, noise, lost leads; 0 where nothing is recorded."""
    return np.nan_to_num(vary_signal(signal_mv, CACHE_RATE_HZ, settings, rng))


def mixing_shares(
    count: int, chance: float, concentration: float, rng: np.random.Generator
) -> npt.NDArray[np.float32]:
    """How much of each record stays, 1 or from Beta(concentration, concentration) but at least a half."""
    share = rng.beta(concentration, concentration, count)
    share = np.maximum(share, 1 - share)
    return np.where(rng.random(count) < chance, share, 1).astype(np.float32)


def mixed(values: Signals, share: npt.NDArray[np.float32]) -> Signals:
    """Each row with the next one of the batch: share of itself, the rest of the other."""
    own = share.reshape(-1, *[1] * (values.ndim - 1))
    return own * values + (1 - own) * np.roll(values, -1, axis=0)
