"""Every backend against brute force in double precision: ids, scores and order."""

import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecgclip.errors import ConfigError
from ecgclip.retrieval.backends import faiss, flat
from ecgclip.retrieval.backends.registry import Backend, backend_class, open_backend

BACKENDS = list(Backend)


@pytest.fixture(autouse=True)
def _no_numpy_in_place_of_faiss(monkeypatch):
    monkeypatch.setattr(faiss, "_FEW_PAIRS", -1)


def unit(rng: np.random.Generator, n: int, dim: int) -> np.ndarray:
    vectors = rng.normal(size=(n, dim))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def truth(vectors: np.ndarray, queries: np.ndarray, k: int, allowed: np.ndarray | None = None):
    rows = np.arange(len(vectors)) if allowed is None else np.flatnonzero(allowed)
    scores = (queries.astype(np.float64) @ vectors[rows].T.astype(np.float64)).astype(np.float32)
    order = np.stack([np.lexsort((rows, -line)) for line in scores])[:, :k]
    return np.take_along_axis(scores, order, 1), rows[order]


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(("n", "dim", "q", "k"), [(1, 4, 1, 1), (300, 16, 5, 10), (2000, 64, 40, 100)])
def test_agrees_with_brute_force(backend, n, dim, q, k):
    rng = np.random.default_rng(n)
    vectors, queries = unit(rng, n, dim), unit(rng, q, dim)
    scores, rows = open_backend(backend, vectors).search(queries, k)
    true_scores, true_rows = truth(vectors, queries, k)
    assert scores.dtype == np.float32
    assert rows.dtype == np.int64
    np.testing.assert_array_equal(rows, true_rows)
    np.testing.assert_allclose(scores, true_scores, atol=2e-7)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("share", [0.0, 0.003, 0.1, 0.9])
def test_filter_agrees_with_brute_force(backend, share):
    rng = np.random.default_rng(7)
    vectors, queries = unit(rng, 1000, 32), unit(rng, 8, 32)
    allowed = rng.random(1000) < share
    scores, rows = open_backend(backend, vectors).search(queries, 20, allowed)
    assert rows.shape == scores.shape == (8, min(20, allowed.sum()))
    if allowed.any():
        np.testing.assert_array_equal(rows, truth(vectors, queries, 20, allowed)[1])


@pytest.mark.parametrize("backend", BACKENDS)
def test_equal_vectors_come_by_row_even_when_they_overflow_k(backend):
    rng = np.random.default_rng(3)
    vectors = np.repeat(unit(rng, 5, 48), 37, axis=0)[rng.permutation(185)]
    scores, rows = open_backend(backend, vectors).search(vectors[:6], 20)
    np.testing.assert_array_equal(rows, truth(vectors, vectors[:6], 20)[1])
    assert (np.diff(rows, axis=1) > 0).all()
    np.testing.assert_allclose(scores, 1, atol=1e-6)


@pytest.mark.parametrize("backend", BACKENDS)
def test_self_match_scores_one_and_k_beyond_n_is_shorter(backend):
    vectors = unit(np.random.default_rng(0), 30, 512)
    scores, rows = open_backend(backend, vectors).search(vectors, 99)
    assert rows.shape == (30, 30)
    np.testing.assert_array_equal(rows[:, 0], np.arange(30))
    np.testing.assert_allclose(scores[:, 0], 1, atol=1e-6)


@pytest.mark.parametrize("backend", BACKENDS)
def test_empty_index_and_no_queries(backend):
    vectors = unit(np.random.default_rng(0), 9, 8)
    assert open_backend(backend, vectors).search(vectors[:0], 3)[1].shape == (0, 3)
    assert open_backend(backend, vectors[:0]).search(vectors, 3)[1].shape == (9, 0)


@pytest.mark.parametrize("backend", BACKENDS)
def test_length_and_dim(backend):
    index = open_backend(backend, unit(np.random.default_rng(0), 9, 8))
    assert (len(index), index.dim) == (9, 8)


def test_flat_over_many_small_blocks(monkeypatch):
    monkeypatch.setattr(flat, "_ROW_BLOCK", 7)
    monkeypatch.setattr(flat, "_QUERY_BLOCK", 3)
    rng = np.random.default_rng(1)
    vectors = np.repeat(unit(rng, 50, 8), 2, axis=0)
    allowed = rng.random(100) < 0.5
    for mask in (None, allowed):
        _, rows = flat.FlatIndex(vectors).search(vectors[:20], 12, mask)
        np.testing.assert_array_equal(rows, truth(vectors, vectors[:20], 12, mask)[1])


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 60), st.integers(1, 12), st.integers(1, 70), st.integers(0, 2**32 - 1))
def test_flat_agrees_with_brute_force_for_any_size(n, distinct, k, seed):
    rng = np.random.default_rng(seed)
    vectors = unit(rng, distinct, 6)[rng.integers(0, distinct, n)]
    scores, rows = flat.FlatIndex(vectors).search(vectors[:3], k)
    true_scores, true_rows = truth(vectors, vectors[:3], k)
    np.testing.assert_array_equal(rows, true_rows)
    np.testing.assert_allclose(scores, true_scores, atol=2e-7)


def test_a_few_questions_over_a_small_index_need_no_faiss(monkeypatch):
    """And their answers are the same to the last bit."""
    rng = np.random.default_rng(5)
    vectors = np.repeat(unit(rng, 400, 24), 3, axis=0)
    monkeypatch.setattr(faiss, "_FEW_PAIRS", 4 * len(vectors))
    index, allowed = faiss.FaissIndex(vectors), rng.random(1200) < 0.3
    sizes = {count: [index.search(vectors[:count], 30, mask) for mask in (None, allowed)] for count in (4, 5)}
    monkeypatch.setattr(faiss, "_FEW_PAIRS", -1)
    for count, answers in sizes.items():
        for (scores, rows), mask in zip(answers, (None, allowed), strict=True):
            by_faiss = index.search(vectors[:count], 30, mask)
            np.testing.assert_array_equal(rows, by_faiss[1])
            np.testing.assert_array_equal(scores, by_faiss[0])


def test_a_few_questions_are_answered_without_the_package_and_many_name_the_command(monkeypatch):
    monkeypatch.setitem(sys.modules, "faiss", None)
    vectors = unit(np.random.default_rng(0), 50, 8)
    monkeypatch.setattr(faiss, "_FEW_PAIRS", 50)
    index = open_backend(Backend.FAISS, vectors)
    assert index.search(vectors[7:8], 1)[1].tolist() == [[7]]
    with pytest.raises(ConfigError, match="run pip install faiss-cpu, or use the backend flat"):
        index.search(vectors[:2], 1)


def test_an_uninstalled_package_is_found_without_importing_it(monkeypatch):
    for backend in Backend:
        backend_class(backend).check_installed()
    monkeypatch.setattr(faiss, "find_spec", lambda name: None)
    with pytest.raises(ConfigError, match="needs the package faiss-cpu, which is not installed"):
        faiss.FaissIndex.check_installed()
    flat.FlatIndex.check_installed()
