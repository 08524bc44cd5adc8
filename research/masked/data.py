"""Batches of pages with hidden pieces and the codes of those pieces; no labels, no words.

Every random choice comes from (seed, epoch, record), so that a resumed run sees what the unbroken one would.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ecgclip.encoders.preprocess import image_input
from ecgclip.errors import RecordError
from ecgclip.paper.raster import ink_page
from ecgclip.records.ecg import Ecg
from ecgclip.training.augment import moved, vary_ink, vary_signal
from ecgclip.training.cache import CACHE_RATE_HZ, SignalCache
from ecgclip.training.settings import Augment
from ecgclip.typing import Bools, Float32s, Ink, Int64s
from research.masked.codebook import Codebook
from research.masked.masks import hidden, random_mask
from research.masked.patches import described, patches, token_grid
from research.masked.settings import MaskedTraining

_VOCABULARY_EPOCH = 10**6
"""No epoch of training: the pages that the vocabulary is learned from are drawn for it alone."""


@dataclass(frozen=True, eq=False)
class MaskedBatch:
    """pixels: float32 [n, 1, y, x] without what is hidden; mask: bool, codes: int64, both [n, token]."""

    pixels: Float32s
    mask: Bools
    codes: Int64s


def page_and_print(signal_mv: Float32s, settings: Augment, rng: np.random.Generator) -> tuple[Ink, Ink]:
    """A varied page, and the same with gaps, blur and specks, from which the first has to be guessed.

    Codes of spoilt ink would teach the tower to foresee specks.
    """
    if rng.random() >= settings.probability:
        plain = ink_page(Ecg(signal_mv, CACHE_RATE_HZ))
        return plain, plain
    signal = vary_signal(signal_mv, CACHE_RATE_HZ, settings, rng)
    line_mm = round(rng.uniform(*settings.line_mm), 1)
    page = moved(ink_page(Ecg(signal, CACHE_RATE_HZ), line_mm=line_mm), settings, rng)
    return page, vary_ink(page, settings, rng)


@dataclass(frozen=True, eq=False)
class PageMaker:
    """Draws pages of records: `epoch` and `row` decide which variant."""

    config: MaskedTraining
    cache: SignalCache

    def pages(self, row: int, epoch: int) -> tuple[Ink, Ink]:
        rng = np.random.default_rng([self.config.seed, epoch, row])
        return page_and_print(np.asarray(self.cache.signals_mv[row], np.float32), self.config.augment, rng)

    def descriptions(self, fold_rows: Int64s, views: int) -> Float32s:
        """All patches of `views` variants of the records, float32 [patch, pixel]."""
        tower = self.config.model.image
        return np.concatenate(
            [
                described(patches(self.pages(int(row), _VOCABULARY_EPOCH + view)[0][None], tower))
                for row in fold_rows
                for view in range(views)
            ]
        )


@dataclass(frozen=True, eq=False)
class MaskedBatches:
    """Draws the batches of the epochs."""

    maker: PageMaker
    codebook: Codebook

    @property
    def rows(self) -> Int64s:
        return self.maker.cache.in_folds(self.maker.config.folds)

    @property
    def steps_per_epoch(self) -> int:
        """Full batches; RecordError where there is none."""
        steps = len(self.rows) // self.maker.config.batch_size
        if steps == 0:
            raise RecordError(
                f"{len(self.rows)} records in the folds {self.maker.config.folds}, fewer than a batch of "
                f"{self.maker.config.batch_size}; give more data or a smaller batch_size"
            )
        return steps

    def unmasked_pages(self) -> Iterator[Tensor]:
        """The training folds' pages once more, nothing hidden: float32 [n, 1, y, x]."""
        size, tower = self.maker.config.batch_size, self.maker.config.model.image
        order = np.random.default_rng(self.maker.config.seed).permutation(self.rows)
        for step in range(self.steps_per_epoch):
            rows = order[step * size : (step + 1) * size]
            ink = [self.maker.pages(int(row), _VOCABULARY_EPOCH)[1] for row in rows]
            yield torch.from_numpy(image_input(np.stack(ink), tower))

    def epoch(self, epoch: int) -> Iterator[MaskedBatch]:
        """The batches of an epoch; incomplete last ones are left for another epoch's order."""
        size = self.maker.config.batch_size
        order = np.random.default_rng([self.maker.config.seed, epoch]).permutation(self.rows)
        for step in range(self.steps_per_epoch):
            yield self.batch(order[step * size : (step + 1) * size], epoch)

    def valid(self) -> Iterator[MaskedBatch]:
        """The validation fold, the same pages and masks at each look."""
        rows, size = self.maker.cache.in_folds([self.maker.config.valid_fold]), self.maker.config.batch_size
        for start in range(0, len(rows), size):
            yield self.batch(rows[start : start + size], _VOCABULARY_EPOCH)

    def batch(self, rows: Int64s, epoch: int) -> MaskedBatch:
        config = self.maker.config
        tower, grid = config.model.image, token_grid(config.model.image)
        pairs = [self.maker.pages(int(row), epoch) for row in rows]
        masks = [
            random_mask(*grid, config.masking, np.random.default_rng([config.seed, epoch, int(row), 1]))
            for row in rows
        ]
        seen = [hidden(pair[1], mask, tower.token_px) for pair, mask in zip(pairs, masks, strict=True)]
        codes = self.codebook.encode(np.stack([pair[0] for pair in pairs]), tower)
        return MaskedBatch(image_input(np.stack(seen), tower), np.stack(masks), codes)
