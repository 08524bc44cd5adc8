"""Re-ranking against a slow, plain reading of the same formula, and against known distortions."""

import numpy as np
import pytest

from ecgclip.retrieval import rerank as module
from ecgclip.retrieval.rerank import CHANCE, TRACING_SHARE, fuse, rerank


def beats(rng: np.random.Generator) -> np.ndarray:
    """Four rows of spikes and waves at one heart rate, float32 [4, 1000]."""
    interval = rng.uniform(60, 110)
    times = rng.uniform(0, 60) + np.cumsum(interval * (1 + 0.03 * rng.normal(size=16)))
    at = np.arange(1000)[:, None]
    shapes = [(0, 2.0, 1.0), (-16, 5.0, 0.15), (28, 7.0, 0.3)]
    rows = [
        sum(
            height * rng.normal() * np.exp(-0.5 * ((at - times - shift) / width) ** 2).sum(1)
            for shift, width, height in shapes
        )
        for _ in range(4)
    ]
    return np.array(rows, np.float32)


def distorted(traces: np.ndarray, offset_s: float, stretch: float) -> np.ndarray:
    """Read at times moved by an offset and stretched about the middle; NaN beyond the ends."""
    at = np.arange(1000.0)
    source = 499.5 + (at - 499.5) * (1 + stretch) + offset_s * 100
    return np.stack([np.interp(source, at, row, np.nan, np.nan) for row in traces]).astype(np.float32)


@pytest.fixture(scope="module")
def gallery() -> np.ndarray:
    rng = np.random.default_rng(5)
    return np.stack([beats(rng) for _ in range(60)])


def moving_mean(rows: np.ndarray, half: int) -> np.ndarray:
    """Of what is known within `half` samples; NaN stays NaN."""
    out = np.full_like(rows, np.nan)
    for row, t in zip(*np.nonzero(~np.isnan(rows)), strict=True):
        out[row, t] = np.nanmean(rows[row, max(0, t - half) : t + half + 1])
    return out


def slow(query: np.ndarray, candidate: np.ndarray) -> float:
    """The documented score, one hypothesis after the other, in double precision."""

    def prepared(traces: np.ndarray) -> np.ndarray:
        clipped = np.clip(traces.astype(np.float64), -3, 3)
        level = clipped - moving_mean(clipped, 60)
        return moving_mean(moving_mean(level, 2), 2)

    q, c = prepared(query), np.pad(prepared(candidate), ((0, 0), (45, 45)), constant_values=np.nan)
    best = -1.0
    for stretch in np.linspace(-0.03, 0.03, 13):
        drifts = np.round(stretch * ((np.arange(8) + 0.5) * 125 - 500)).astype(int)
        for offset in range(-30, 31):
            moved = np.concatenate(
                [c[:, 45 + i * 125 + offset + d :][:, :125] for i, d in enumerate(drifts)], axis=1
            )
            both = ~np.isnan(q) & ~np.isnan(moved)
            counts = both.sum(axis=1)
            left, right = np.where(both, q, 0), np.where(both, moved, 0)
            energy = (left**2).sum(1) * (right**2).sum(1)
            correlation = (left * right).sum(1) / np.sqrt(np.maximum(energy, 1e-6))
            weights = np.where(counts >= 100, counts, 0)
            best = max(best, float((correlation * weights).sum() / max(weights.sum(), 1)))
    return best


def test_agrees_with_the_slow_formula_where_parts_are_missing(gallery):
    query = distorted(gallery[0], 0.1, 0.01)
    query[1, 300:] = np.nan
    query[2, :950] = np.nan
    candidates = gallery[:3].copy()
    candidates[0, 3, 200:500] = np.nan
    candidates[2, 0] = np.nan
    truth = [slow(query, candidate) for candidate in candidates]
    np.testing.assert_allclose(rerank(query, candidates), truth, atol=2e-5)


def test_a_trace_is_its_own_best_match_with_correlation_one(gallery):
    likeness = rerank(gallery[7], gallery)
    assert likeness.dtype == np.float32
    assert likeness.argmax() == 7
    np.testing.assert_allclose(likeness[7], 1, atol=1e-5)


def test_the_opposite_trace_is_no_match(gallery):
    assert rerank(-gallery[7], gallery[7:8])[0] < 0.5


@pytest.mark.parametrize("offset_s", [-0.28, 0.0, 0.13, 0.28])
@pytest.mark.parametrize("stretch", [-0.028, -0.011, 0.004, 0.03])
def test_offset_and_stretch_are_undone(gallery, offset_s, stretch):
    likeness = rerank(distorted(gallery[7], offset_s, stretch), gallery)
    assert likeness.argmax() == 7
    assert likeness[7] > 0.9


def test_a_crumpled_dark_photo_still_finds_its_record(gallery):
    rng = np.random.default_rng(0)
    found = 0
    for i, traces in enumerate(gallery):
        query = 0.8 * distorted(traces, rng.uniform(-0.2, 0.2), rng.uniform(-0.02, 0.02))
        query += 0.05 * rng.normal(size=query.shape) + 0.4 * np.sin(np.arange(1000) / rng.uniform(80, 200))
        query[rng.integers(4)] = np.nan
        query[:, rng.integers(700) :][:, :200] = np.nan
        query[rng.integers(4), rng.integers(1000, size=15)] = 8.0
        found += rerank(query.astype(np.float32), gallery).argmax() == i
    assert found == len(gallery)


def test_nothing_read_says_nothing(gallery):
    nothing = np.full((4, 1000), np.nan, np.float32)
    np.testing.assert_array_equal(rerank(nothing, gallery[:3]), 0)
    np.testing.assert_array_equal(rerank(gallery[0], np.stack([nothing, nothing])), 0)
    np.testing.assert_array_equal(rerank(np.zeros((4, 1000), np.float32), gallery[:3]), 0)
    assert rerank(gallery[0], gallery[:0]).shape == (0,)


def test_chunks_change_nothing(gallery, monkeypatch):
    whole = rerank(gallery[3], gallery)
    monkeypatch.setattr(module, "_CHUNK", 7)
    np.testing.assert_allclose(rerank(gallery[3], gallery), whole, atol=1e-5)


def test_fusing_keeps_the_order_where_traces_say_nothing():
    scores = np.array([0.9, 0.5, -0.2], np.float32)
    for correlation in (-1, 0, CHANCE):
        fused = fuse(scores, np.full(3, correlation, np.float32))
        np.testing.assert_allclose(fused, scores * (1 - TRACING_SHARE), atol=1e-6)


def test_fusing_gives_the_same_page_one_and_half_the_evidence_half_its_share():
    fused = fuse(np.ones(2, np.float32), np.array([1.0, (1 + CHANCE) / 2], np.float32))
    np.testing.assert_allclose(fused, [1.0, 1 - TRACING_SHARE / 2], atol=1e-6)


def test_a_true_tracing_is_not_lost_among_crowded_cosines():
    cosines = np.array([0.935, 0.998], np.float32)
    assert fuse(cosines, np.array([0.85, 0.68], np.float32)).argmax() == 0
