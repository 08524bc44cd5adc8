from dataclasses import replace

import numpy as np
import pytest

from ecgclip.errors import RecordError
from ecgclip.paper.traces import record_traces
from ecgclip.retrieval.rerank import rerank
from ecgclip.simulation.ecg import SyntheticSource
from ecgclip.training.cache import build_cache, open_cache
from ecgclip.training.contrastive.photo_views import (
    READ,
    REFUSED,
    WAITING,
    build_pool,
    open_pool,
    photo_traces,
    prepared_files,
)
from ecgclip.training.contrastive.settings import PhotoViews

SETTINGS = PhotoViews(per_record=2, level="S1", seed=3)
ROWS = np.array([0, 2])


@pytest.fixture(scope="module")
def source():
    return SyntheticSource(3, 0)


@pytest.fixture(scope="module")
def folder(tmp_path_factory, source):
    folder = tmp_path_factory.mktemp("cache")
    build_cache((source.read(name) for name in source.ids), folder)
    build_pool(folder, ROWS, SETTINGS)
    return folder


def test_the_views_are_what_the_reader_finds_on_photos_of_the_prints(folder, source):
    pool = open_pool(folder, open_cache(folder), SETTINGS)
    assert (pool.state[ROWS] == READ).sum() >= 3
    everyone = np.stack([record_traces(source.read(name)) for name in source.ids])
    for row in ROWS:
        for view in np.flatnonzero(pool.state[row] == READ):
            likeness = rerank(pool.traces_mv[row, view].astype(np.float32), everyone)
            assert likeness.argmax() == row
            assert likeness[row] > 0.8


def test_records_that_were_not_asked_for_have_no_view(folder):
    pool = open_pool(folder, open_cache(folder), SETTINGS)
    assert (pool.state[1] == WAITING).all()
    assert pool.view(1, np.random.default_rng(0)) is None


def test_a_killed_run_goes_on_where_it_was_and_comes_to_the_same(folder):
    pool = prepared_files(folder, open_cache(folder), SETTINGS)
    before, state = pool.traces_mv.copy(), pool.state.copy()
    pool.traces_mv[2] = 0
    pool.state[2, 1] = WAITING
    told = []
    again = build_pool(folder, ROWS, SETTINGS, on_progress=lambda: told.append(1))
    assert len(told) == 1
    assert np.array_equal(again.state, state)
    assert np.array_equal(again.traces_mv[2, 1], before[2, 1], equal_nan=True)
    assert (again.traces_mv[2, 0] == 0).all()  # was not read again
    pool.traces_mv[2] = before[2]


def test_processes_read_the_same_as_one(folder, tmp_path, source):
    build_cache((source.read(name) for name in source.ids), tmp_path)
    one, two = (
        open_pool(folder, open_cache(folder), SETTINGS),
        build_pool(tmp_path, ROWS, SETTINGS, workers=2),
    )
    assert np.array_equal(one.state, two.state)
    assert np.array_equal(one.traces_mv, two.traces_mv, equal_nan=True)


def test_other_settings_begin_anew(tmp_path, source):
    cache = build_cache((source.read(name) for name in source.ids), tmp_path)
    prepared_files(tmp_path, cache, SETTINGS).state[:] = REFUSED
    assert (prepared_files(tmp_path, cache, SETTINGS).state == REFUSED).all()
    others = replace(SETTINGS, seed=4)
    with pytest.raises(RecordError, match="no photos of these records and settings"):
        open_pool(tmp_path, cache, others)
    assert (prepared_files(tmp_path, cache, others).state == WAITING).all()


def test_as_many_other_records_begin_anew(tmp_path, source):
    cache = build_cache((source.read(name) for name in source.ids), tmp_path)
    prepared_files(tmp_path, cache, SETTINGS).state[:] = READ
    another = SyntheticSource(3, 7)
    cache = build_cache((another.read(name) for name in another.ids), tmp_path)
    with pytest.raises(RecordError, match="no photos of these records"):
        open_pool(tmp_path, cache, SETTINGS)
    assert (prepared_files(tmp_path, cache, SETTINGS).state == WAITING).all()


def test_who_only_opens_the_views_changes_nothing(folder):
    """Processes that train together open them at the same time."""
    files = sorted(folder.glob("photographs.*"))
    before = [(file.read_bytes(), file.stat().st_mtime_ns) for file in files]
    pool = open_pool(folder, open_cache(folder), SETTINGS)
    with pytest.raises(ValueError, match="read-only"):
        pool.state[:] = WAITING
    assert [(file.read_bytes(), file.stat().st_mtime_ns) for file in files] == before


def test_only_views_that_were_read_are_drawn(folder):
    pool = open_pool(folder, open_cache(folder), SETTINGS)
    pool = type(pool)(pool.traces_mv, np.array([[REFUSED, READ], [WAITING] * 2, [REFUSED] * 2], np.uint8))
    drawn = [pool.view(0, np.random.default_rng(seed)) for seed in range(8)]
    assert all(
        np.array_equal(view, pool.traces_mv[0, 1].astype(np.float32), equal_nan=True) for view in drawn
    )
    assert pool.view(2, np.random.default_rng(0)) is None


def test_a_refused_photo_has_no_view(monkeypatch, source):
    from ecgclip.photo.rectify import rectify

    blank = rectify(np.full((600, 800, 3), 255, np.uint8))
    monkeypatch.setattr("ecgclip.training.contrastive.photo_views.rectify", lambda image: blank)
    assert photo_traces(source.read(source.ids[0]), "S1", np.random.default_rng(0)) is None
