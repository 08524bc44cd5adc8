"""Metrics against scikit-learn, closed forms and plain loops."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, ndcg_score, roc_auc_score

from ecgclip.evaluation import metrics


def unit_rows(rng, count, dim=6):
    rows = rng.normal(size=(count, dim)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def recall_at(similarity, right, k):
    return metrics.hits_at(metrics.first_hit_rank(similarity, right), k).mean()


def macro_auroc(labels, scores):
    return metrics.macro_auroc_weighted(labels, scores, np.ones((1, len(labels))))[0]


def test_recall_counts_the_ranks_of_a_known_matrix():
    similarity = np.array([[0.9, 0.5, 0.1], [0.8, 0.2, 0.5], [0.3, 0.2, 0.4]])
    own = np.eye(3, dtype=bool)
    assert metrics.first_hit_rank(similarity, own).tolist() == [0, 2, 0]
    found = [recall_at(similarity, own, k) for k in (1, 2, 3)]
    assert found == pytest.approx([200 / 3, 200 / 3, 100])


@given(st.integers(0, 10_000))
def test_first_hit_rank_is_the_place_in_a_stable_sort(seed):
    rng = np.random.default_rng(seed)
    similarity = rng.integers(0, 4, (5, 9)).astype(float)  # many ties
    right = rng.random((5, 9)) < 0.3
    for row, (values, wanted) in enumerate(zip(similarity, right, strict=True)):
        order = sorted(range(9), key=lambda i: (-values[i], i))
        places = [place for place, i in enumerate(order) if wanted[i]]
        assert metrics.first_hit_rank(similarity, right)[row] == (places[0] if places else 9)


def test_collapsed_recall_counts_any_case_with_the_same_words():
    reports = ["normal", "afib", "normal"]
    similarity = np.array([[0.1, 0.2, 0.9], [0.1, 0.9, 0.2], [0.1, 0.9, 0.2]])
    same = metrics.same_text(reports, reports)
    assert same.tolist() == [[True, False, True], [False, True, False], [True, False, True]]
    assert recall_at(similarity, np.eye(3, dtype=bool), 1) == pytest.approx(100 / 3)
    assert recall_at(similarity, same, 1) == pytest.approx(200 / 3)


def test_same_text_tells_apart_what_differs_in_one_letter():
    assert metrics.same_text(["sr.", "sr"], ["sr"]).tolist() == [[False], [True]]


def test_jaccard_is_shared_over_united():
    a = np.array([[1, 1, 0], [0, 0, 0]], bool)
    b = np.array([[1, 0, 1], [1, 1, 0], [0, 0, 0]], bool)
    assert metrics.jaccard(a, b) == pytest.approx(np.array([[1 / 3, 1, 0], [0, 0, 0]]))


@given(st.integers(0, 10_000), st.integers(1, 40))
def test_ndcg_agrees_with_scikit_learn(seed, k):
    rng = np.random.default_rng(seed)
    similarity, relevance = rng.normal(size=(6, 30)), rng.random((6, 30)).round(1)
    expected = ndcg_score(relevance, similarity, k=k)
    assert metrics.ndcg_per_query(similarity, relevance, k).mean() == pytest.approx(expected, abs=1e-12)


def test_ndcg_leaves_out_queries_to_which_nothing_is_relevant():
    relevance = np.array([[0.0, 0.0], [0.0, 1.0]])
    values = metrics.ndcg_per_query(np.array([[1.0, 0.0], [1.0, 0.0]]), relevance)
    assert np.isnan(values[0])
    assert values[1] == pytest.approx(1 / np.log2(3))


def test_average_precision_agrees_with_scikit_learn():
    rng = np.random.default_rng(3)
    similarity, right = rng.normal(size=(8, 25)), rng.random((8, 25)) < 0.3
    expected = [average_precision_score(r, s) for r, s in zip(right, similarity, strict=True)]
    assert metrics.average_precision_per_query(similarity, right) == pytest.approx(expected)


def test_precision_is_the_share_of_right_rows_on_top():
    similarity = np.array([[3.0, 2.0, 1.0], [3.0, 2.0, 1.0]])
    right = np.array([[True, False, True], [False, False, False]])
    values = metrics.precision_per_query(similarity, right, 2)
    assert values[0] == 0.5
    assert np.isnan(values[1])


def test_knn_scores_are_the_softmax_weighted_votes():
    similarity = np.array([[0.9, 0.8, 0.0]])
    labels = np.array([[True, False], [False, True], [True, True]])
    first = 1 / (1 + np.exp(-0.1 / 0.05))
    assert metrics.knn_scores(similarity, labels, k=2) == pytest.approx(np.array([[first, 1 - first]]))


@given(st.integers(0, 10_000), st.booleans())
def test_macro_auroc_agrees_with_scikit_learn(seed, tied):
    rng = np.random.default_rng(seed)
    labels = rng.random((40, 3)) < 0.4
    labels[:2] = [[True] * 3, [False] * 3]
    scores = rng.normal(size=(40, 3)).round(0 if tied else 9)
    assert macro_auroc(labels, scores) == pytest.approx(roc_auc_score(labels, scores), abs=1e-12)


def test_macro_auroc_leaves_out_labels_that_all_or_none_have():
    labels = np.array([[True, True, False], [False, True, False]])
    assert macro_auroc(labels, np.array([[1.0, 0, 0], [0.0, 0, 0]])) == 1.0
    assert np.isnan(macro_auroc(labels[:, 1:], np.zeros((2, 2))))


def test_auroc_weights_are_repetitions_of_queries():
    rng = np.random.default_rng(5)
    labels, scores = rng.random(30) < 0.5, rng.normal(size=30).round(1)
    weights = rng.integers(0, 4, (6, 30)).astype(np.float32)
    expected = [roc_auc_score(np.repeat(labels, w), np.repeat(scores, w)) for w in weights.astype(int)]
    assert metrics.auroc_weighted(labels, scores, weights) == pytest.approx(expected)


def test_chance_is_one_half_and_a_perfect_order_is_one():
    rng = np.random.default_rng(0)
    labels = rng.random(20_000) < 0.3
    assert macro_auroc(labels[:, None], rng.random((20_000, 1))) == pytest.approx(0.5, abs=0.02)
    assert macro_auroc(labels[:, None], labels[:, None].astype(float)) == 1.0


def test_cosine_of_a_vector_with_itself_is_one():
    rows = unit_rows(np.random.default_rng(0), 7)
    similarity = metrics.cosine(rows, rows)
    assert similarity.dtype == np.float32
    assert np.diag(similarity) == pytest.approx(np.ones(7), abs=1e-6)


def test_ties_go_to_the_lower_row():
    assert metrics.top_k(np.array([[0.5, 1.0, 1.0, 0.5]]), 9).tolist() == [[1, 2, 0, 3]]
