"""Our metrics beside ir-measures (trec_eval) and scikit-learn, on drawn data with ties.

The peers break ties each in their own way: trec_eval takes the later name first, scikit-learn averages over
all orders. So trec_eval is given our order of ties as its scores, which is what an exact index returns.
"""

import ir_measures
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ir_measures import AP, RR, P, R, nDCG
from sklearn.metrics import average_precision_score, ndcg_score, roc_auc_score

from ecgclip.evaluation import metrics

QUERIES, GALLERY = 5, 30
seeds = st.integers(0, 10_000)


def drawn(seed):
    """(similarity of few values, graded relevance 0 to 4), each query with something relevant."""
    rng = np.random.default_rng(seed)
    similarity = rng.integers(0, 6, (QUERIES, GALLERY)).astype(float)
    relevance = rng.choice(5, (QUERIES, GALLERY), p=[0.6, 0.1, 0.1, 0.1, 0.1])
    relevance[:, 7] = 2
    return similarity, relevance


def trec(measure, similarity, relevance):
    """The measure for each query, ties in the order of the gallery."""
    rank = np.argsort(np.argsort(-similarity, axis=1, kind="stable"), axis=1)
    rows = range(similarity.shape[1])
    run = {f"q{q}": {f"d{d}": -float(r[d]) for d in rows} for q, r in enumerate(rank)}
    right = {f"q{q}": {f"d{d}": int(r[d]) for d in rows} for q, r in enumerate(relevance)}
    found = {one.query_id: one.value for one in ir_measures.iter_calc([measure], right, run)}
    return [found[f"q{q}"] for q in range(len(similarity))]


@settings(max_examples=25, deadline=None)
@given(seeds)
def test_trec_eval_says_the_same(seed):
    similarity, relevance = drawn(seed)
    right = relevance > 0
    ours = [
        (nDCG @ 10, metrics.ndcg_per_query(similarity, relevance, 10)),
        (P @ 10, metrics.precision_per_query(similarity, right, 10)),
        (R @ 10, metrics.recall_per_query(similarity, right, 10)),
        (AP, metrics.average_precision_per_query(similarity, right)),
        (RR, 1 / (1 + metrics.first_hit_rank(similarity, right))),
    ]
    for measure, values in ours:
        assert values == pytest.approx(trec(measure, similarity, relevance), abs=1e-9), str(measure)


@given(seeds)
def test_a_hit_is_a_recall_above_nothing(seed):
    similarity, relevance = drawn(seed)
    hit = metrics.hit_per_query(similarity, relevance > 0, 3)
    recall = metrics.recall_per_query(similarity, relevance > 0, 3)
    assert np.array_equal(hit == 1, recall > 0)


@settings(max_examples=10, deadline=None)
@given(seeds)
def test_scikit_learns_average_over_ties_is_the_mean_over_shuffled_galleries(seed):
    """nDCG with ties: ours in the gallery's order, averaged over drawn orders, comes to scikit-learn's."""
    similarity, relevance = drawn(seed)
    rng = np.random.default_rng(seed)
    orders = [rng.permutation(GALLERY) for _ in range(400)]
    ours = np.mean([metrics.ndcg_per_query(similarity[:, o], relevance[:, o]) for o in orders], axis=0)
    assert ours.mean() == pytest.approx(ndcg_score(relevance, similarity, k=10), abs=0.02)


@given(seeds)
def test_scikit_learn_says_the_same_without_ties(seed):
    similarity, relevance = drawn(seed)
    similarity = similarity + np.linspace(0.5, 0, GALLERY)
    assert metrics.ndcg_per_query(similarity, relevance).mean() == pytest.approx(
        ndcg_score(relevance, similarity, k=10)
    )
    right = relevance > 0
    expected = [average_precision_score(r, s) for r, s in zip(right, similarity, strict=True)]
    assert metrics.average_precision_per_query(similarity, right) == pytest.approx(expected)


@given(seeds)
def test_auroc_with_ties_is_that_of_scikit_learn(seed):
    similarity, relevance = drawn(seed)
    labels, scores = relevance.T > 0, similarity.T  # 30 cases, 5 labels
    ours = metrics.macro_auroc_weighted(labels, scores, np.ones((1, GALLERY)))[0]
    each = [
        roc_auc_score(labels[:, c], scores[:, c]) for c in range(QUERIES) if 0 < labels[:, c].sum() < GALLERY
    ]
    assert ours == pytest.approx(np.mean(each))


@given(seeds)
def test_collapsing_is_the_same_as_a_loop_over_the_groups(seed):
    similarity, relevance = drawn(seed)
    group = np.random.default_rng(seed).integers(0, 9, GALLERY)
    near, mean = metrics.collapsed(similarity, relevance, group)
    names = list(dict.fromkeys(group.tolist()))
    assert near.shape == mean.shape == (QUERIES, len(names))
    for column, name in enumerate(names):
        members = group == name
        assert near[:, column] == pytest.approx(similarity[:, members].max(axis=1))
        assert mean[:, column] == pytest.approx(relevance[:, members].mean(axis=1))
    alone = metrics.collapsed(similarity, relevance, np.arange(GALLERY))
    assert np.array_equal(alone[0], similarity)
    assert np.array_equal(alone[1], relevance)
