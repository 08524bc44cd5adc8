"""Signatures find the traces they were made of, moved, incomplete and noisy, as brute force says."""

import numpy as np
import pytest

from ecgclip.retrieval.signature import SIGNATURE_DIM, nearest_by_signature, signatures


@pytest.fixture(scope="module")
def gallery() -> np.ndarray:
    """Rows of spikes at rates, heights and places of their own, float32 [200, 4, 1000] in mV."""
    rng = np.random.default_rng(2)
    at = np.arange(1000)
    found = []
    for _ in range(200):
        beats = rng.uniform(0, 60) + np.cumsum(rng.uniform(60, 110) * (1 + 0.05 * rng.normal(size=16)))
        shape = np.exp(-0.5 * ((at[:, None] - beats) / rng.uniform(1.5, 4)) ** 2).sum(1)
        wave = np.exp(-0.5 * ((at[:, None] - beats - 28) / 7) ** 2).sum(1)
        found.append(rng.normal(size=(4, 1)) * shape + 0.3 * rng.normal(size=(4, 1)) * wave)
    return np.array(found, np.float32)


def moved(traces: np.ndarray, samples: int) -> np.ndarray:
    out = np.full_like(traces, np.nan)
    if samples >= 0:
        out[:, samples:] = traces[:, : 1000 - samples]
    else:
        out[:, :samples] = traces[:, -samples:]
    return out


@pytest.mark.parametrize("samples", [-30, -17, 0, 4, 30])
def test_moved_noisy_half_blank_traces_find_their_own(gallery, samples):
    rng, made = np.random.default_rng(samples + 99), signatures(gallery)
    first = 0
    for row in range(0, 200, 10):
        query = moved(gallery[row], samples) + rng.normal(0, 0.1, (4, 1000)).astype(np.float32)
        query[rng.integers(4)] = np.nan
        first += nearest_by_signature(query, made, 1)[0] == row
    assert first >= 18


def test_similarity_is_that_of_the_traces_themselves(gallery):
    """The inner product of random signs is that of what they were applied to, but for 1 / sqrt(128)."""
    from ecgclip.retrieval.signature import _coarse

    flat = _coarse(gallery).reshape(200, -1)
    exact = flat / np.linalg.norm(flat, axis=1, keepdims=True)
    bytes_ = signatures(gallery).astype(float)
    unit = bytes_ / np.linalg.norm(bytes_, axis=1, keepdims=True)
    error = (unit @ unit.T - exact @ exact.T)[~np.eye(200, dtype=bool)]
    assert np.sqrt((error**2).mean()) < 1.1 / np.sqrt(SIGNATURE_DIM)
    assert abs(error.mean()) < 0.03


def test_the_order_is_that_of_the_best_offset_by_brute_force(gallery):
    from ecgclip.retrieval.signature import _coarse, _projected

    made, query = signatures(gallery), gallery[3]
    coarse = _coarse(query[None])[0]
    views = []
    for step in range(-8, 9):
        view = np.zeros_like(coarse)
        low, high = max(0, -step), min(250, 250 - step)
        view[:, low:high] = coarse[:, low + step : high + step]
        views.append(view)
    scores = (made.astype(np.float32) @ _projected(np.stack(views)).T).max(axis=1)
    assert nearest_by_signature(query, made, 20).tolist() == np.argsort(-scores, kind="stable")[:20].tolist()


def test_the_signs_never_change():
    """An index keeps its signatures: other signs would find nothing in it."""
    ramp = np.sin(np.arange(4000) / 9).reshape(1, 4, 1000).astype(np.float32)
    assert signatures(ramp)[0, :8].tolist() == [6, 22, 26, -4, 1, -15, 28, 44]


def test_only_allowed_rows_are_named_and_no_more_than_there_are(gallery):
    made = signatures(gallery)
    allowed = np.zeros(200, bool)
    allowed[[5, 9, 150]] = True
    found = nearest_by_signature(gallery[9], made, 10, allowed)
    assert found[0] == 9
    assert sorted(found.tolist()) == [5, 9, 150]


def test_silence_and_nothing_have_signatures_too():
    assert not signatures(np.full((2, 4, 1000), np.nan, np.float32)).any()
    assert signatures(np.empty((0, 4, 1000), np.float32)).shape == (0, SIGNATURE_DIM)
    unknown = np.full((4, 1000), np.nan, np.float32)
    assert nearest_by_signature(unknown, np.zeros((3, SIGNATURE_DIM), np.int8), 2).tolist() == [0, 1]
