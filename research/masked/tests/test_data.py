from typing import ClassVar

import numpy as np
import pytest

from ecgclip.encoders.preprocess import image_input
from ecgclip.errors import RecordError
from ecgclip.training.augment import augmented_view
from ecgclip.training.cache import CACHE_RATE_HZ
from ecgclip.training.settings import Augment
from research.masked.data import MaskedBatches, page_and_print
from research.masked.tests.small import small_batches, small_config


def signal(cache):
    return np.asarray(cache.signals_mv[0], np.float32)


def test_the_print_is_the_view_that_training_draws(cache):
    for seed in range(6):
        _, seen = page_and_print(signal(cache), Augment(), np.random.default_rng(seed))
        view = augmented_view(signal(cache), CACHE_RATE_HZ, Augment(), np.random.default_rng(seed))
        assert np.array_equal(seen, view)


def test_the_page_to_be_told_has_no_gaps_and_specks(cache):
    settings = Augment(probability=1, erase=1, speckle=1, blur=0)
    clean = Augment(probability=1, erase=0, speckle=0, blur=0)
    page, seen = page_and_print(signal(cache), settings, np.random.default_rng(2))
    spared, _ = page_and_print(signal(cache), clean, np.random.default_rng(2))
    assert np.array_equal(page, spared)
    assert (page != seen).any()


def test_a_batch_hides_the_ink_of_the_masked_tokens_and_keeps_their_codes(batches):
    config, tower = batches.maker.config, batches.maker.config.model.image
    rows = batches.rows[:5]
    batch = batches.batch(rows, 3)
    assert (batch.mask.sum(axis=1) == 51).all()
    for i, row in enumerate(rows):
        page, seen = batches.maker.pages(int(row), 3)
        assert np.array_equal(batch.codes[i], batches.codebook.encode(page[None], tower)[0])
        whole = image_input(seen[None], tower)[0, 0]
        blank = image_input(np.zeros_like(seen)[None], tower)[0, 0]
        grid = batch.mask[i].reshape(4, 32).repeat(64, axis=0).repeat(16, axis=1)
        assert np.array_equal(batch.pixels[i, 0], np.where(grid, blank, whole))
    assert config.masking.share == 0.4


class Listening(MaskedBatches):
    """Notes the rows of each batch."""

    heard: ClassVar[list[np.ndarray]] = []

    def batch(self, rows, epoch):
        self.heard.append(rows)
        return super().batch(rows, epoch)


def test_an_epoch_shows_every_record_once_in_another_order(batches):
    listening = Listening(batches.maker, batches.codebook)
    for epoch in range(2):
        list(listening.epoch(epoch))
    first, second = (np.concatenate(listening.heard[half : half + 4]) for half in (0, 4))
    assert np.array_equal(np.sort(first), np.sort(batches.rows))
    assert np.array_equal(np.sort(second), np.sort(batches.rows))
    assert not np.array_equal(first, second)


def test_each_epoch_shows_other_variants_and_the_same_when_asked_again(batches):
    first, second = (list(batches.epoch(epoch)) for epoch in range(2))
    assert len(first) == batches.steps_per_epoch == 4
    assert not np.array_equal(first[0].codes, second[0].codes)
    again = list(batches.epoch(1))
    for one, other in zip(second, again, strict=True):
        for name, value in vars(one).items():
            assert np.array_equal(value, vars(other)[name])


def test_the_validation_fold_looks_the_same_each_time(batches, cache):
    once, again = (list(batches.valid()) for _ in range(2))
    assert sum(len(batch.pixels) for batch in once) == len(cache.in_folds([9]))
    assert all(np.array_equal(a.pixels, b.pixels) for a, b in zip(once, again, strict=True))


def test_fewer_records_than_a_batch_are_an_error(cache):
    with pytest.raises(RecordError, match=r"48 records in the folds .* fewer than a batch of 49"):
        _ = small_batches(cache, small_config(batch_size=49)).steps_per_epoch
