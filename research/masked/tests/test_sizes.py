import numpy as np

from ecgclip.training.cache import SignalCache
from research.masked.codebook import Codebook
from research.masked.data import PageMaker
from research.masked.labels import COLUMNS, LABELS, Labelled, Task
from research.masked.sizes import auroc_by_counts, counts
from research.masked.tests.small import small_codebook, small_config

LINE = Codebook(np.zeros(1, np.float32), np.ones((1, 1), np.float32), np.array([[0], [1], [2]], np.float32))


def test_counts_are_of_each_records_own_patches():
    patches = np.array([0, 0.1, 1, 1.9, 2, 2.2], np.float32)[:, None]
    assert counts(LINE, patches, 3).tolist() == [[2, 1, 0], [0, 0, 3]]


def test_drawings_unlike_each_other_are_told_by_their_codes(cache):
    config = small_config()
    # of each drawing two records a fold, each drawing a superclass of its own
    rows = [type(row)(row.case_id, None, 1 + i // 6, "", row.codes) for i, row in enumerate(cache.rows)]
    labels = np.zeros((len(rows), LABELS), np.bool_)
    labels[np.arange(len(rows)), np.arange(len(rows)) % 3] = True
    known = Labelled(SignalCache(cache.signals_mv, tuple(rows)), labels)
    maker = PageMaker(config, known.cache)
    codebook = small_codebook(maker)
    seen, fresh = (maker.descriptions(known.cache.in_folds(folds), 1) for folds in (config.folds, [9]))
    found = auroc_by_counts(codebook, maker, known, seen, fresh)
    assert found.value > 0.9
    assert labels[:, COLUMNS[Task.SUPERCLASS]].any(axis=0).sum() == 3
