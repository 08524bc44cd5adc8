"""Retrieval scores from a similarity matrix, one value per query wherever the score is a mean.

`similarity` is always float [query, gallery], larger is more similar; ties go to the lower gallery row, as an
exact index returns them. Per-query functions return what `bootstrap` resamples.
"""

from collections.abc import Sequence

import numpy as np

from ecgclip.typing import Bools, Float64s, Floats, Int64s, Integers

RECALL_KS = (1, 5, 10)
NEIGHBOURS = 20
TEMPERATURE = 0.05


def cosine(queries: Floats, gallery: Floats) -> Floats:
    """Similarity of unit-norm vectors [query, dim] and [gallery, dim]."""
    return np.asarray(queries, np.float32) @ np.asarray(gallery, np.float32).T


def top_k(similarity: Floats, k: int) -> Int64s:
    """Gallery rows of the k most similar, best first, int64 [query, min(k, gallery)]."""
    best: Int64s = np.argsort(-similarity, axis=1, kind="stable")[:, :k]
    return best


def first_hit_rank(similarity: Floats, right: Bools) -> Int64s:
    """Rank from 0 of the best right row, int64 [query]; the size of the gallery where no row is right.

    right: bool [query, gallery], the rows that count as found.
    """
    masked = np.where(right, similarity, -np.inf)
    best_row = masked.argmax(axis=1)
    best = np.take_along_axis(masked, best_row[:, None], axis=1)
    earlier = np.arange(similarity.shape[1]) < best_row[:, None]
    ahead = (similarity > best) | ((similarity == best) & earlier)
    ranks: Int64s = np.where(right.any(axis=1), ahead.sum(axis=1), similarity.shape[1])
    return ranks


def ratio(parts: Floats, wholes: Floats | Integers, empty: float = np.nan) -> Float64s:
    """parts / wholes, elementwise, and `empty` where the whole is 0."""
    result = np.full(np.shape(parts), empty, np.float64)
    np.divide(parts, wholes, out=result, where=wholes > 0)
    return result


def hits_at(ranks: Int64s, k: int) -> Float64s:
    """100 where the rank is among the first k, else 0, [query]: its mean is recall at k in percent."""
    return np.where(ranks < k, 100.0, 0.0)


def same_text(queries: Sequence[str], gallery: Sequence[str]) -> Bools:
    """Which texts are the same word for word, bool [query, gallery]."""
    _, numbers = np.unique(np.array([*queries, *gallery], dtype=object).astype(str), return_inverse=True)
    same: Bools = numbers[: len(queries), None] == numbers[None, len(queries) :]
    return same


def jaccard(queries: Bools, gallery: Bools) -> Float64s:
    """Shared over united labels, [query, gallery], 0 where neither has any; inputs bool [n, label]."""
    a, b = queries.astype(np.float64), gallery.astype(np.float64)
    shared = a @ b.T
    united = a.sum(1)[:, None] + b.sum(1)[None] - shared
    return ratio(shared, united, empty=0.0)


def ndcg_per_query(similarity: Floats, relevance: Floats, k: int = 10) -> Float64s:
    """Normalised discounted cumulative gain of the first k, [query]; NaN where nothing is relevant.

    relevance: [query, gallery], graded, not negative; the gain is the relevance itself.
    """
    k = min(k, similarity.shape[1])
    discount = 1 / np.log2(np.arange(2, k + 2))
    gain = np.take_along_axis(relevance, top_k(similarity, k), axis=1) @ discount
    best = -np.sort(np.partition(-relevance, k - 1, axis=1)[:, :k], axis=1) @ discount
    return ratio(gain, best)


def precision_per_query(similarity: Floats, right: Bools, k: int = 10) -> Float64s:
    """Share of right rows among the first k, [query]; NaN where no row is right."""
    found = np.take_along_axis(right, top_k(similarity, k), axis=1).mean(axis=1)
    return np.where(right.any(axis=1), found, np.nan)


def recall_per_query(similarity: Floats, right: Bools, k: int = 10) -> Float64s:
    """Share of all right rows that are among the first k, [query]; NaN where no row is right."""
    found = np.take_along_axis(right, top_k(similarity, k), axis=1).sum(axis=1)
    return ratio(found, right.sum(axis=1))


def hit_per_query(similarity: Floats, right: Bools, k: int = 10) -> Float64s:
    """1 where a right row is among the first k, else 0, [query]; NaN where no row is right."""
    return np.where(right.any(axis=1), hits_at(first_hit_rank(similarity, right), k) / 100, np.nan)


def average_precision_per_query(similarity: Floats, right: Bools) -> Float64s:
    """Mean over the right rows of the precision at their rank, [query]; NaN where no row is right."""
    ordered = np.take_along_axis(right, top_k(similarity, similarity.shape[1]), axis=1)
    precision = np.cumsum(ordered, axis=1) / np.arange(1, ordered.shape[1] + 1)
    return ratio((precision * ordered).sum(axis=1), ordered.sum(axis=1))


def collapsed(similarity: Floats, relevance: Floats, group: Int64s) -> tuple[Float64s, Float64s]:
    """Each group of gallery rows as one: as similar as its nearest row, as relevant as its rows on average.

    group: int [gallery], equal numbers for what is one and the same to the reader.
    Returns similarity and relevance, [query, group], in the order of the groups' first rows.
    """
    _, first = np.unique(group, return_index=True)
    order = np.argsort(group, kind="stable")
    starts = np.flatnonzero(np.concatenate([[True], np.diff(group[order]) != 0]))
    nearest = np.maximum.reduceat(similarity[:, order].astype(np.float64), starts, axis=1)
    total = np.add.reduceat(relevance[:, order].astype(np.float64), starts, axis=1)
    by_row = np.argsort(first)
    mean = total / np.diff(np.append(starts, len(group)))
    return nearest[:, by_row], mean[:, by_row]


def knn_scores(
    similarity: Floats, gallery_labels: Bools, k: int = NEIGHBOURS, temperature: float = TEMPERATURE
) -> Float64s:
    """Label scores voted by the k nearest, weighted by softmax(similarity / temperature), [query, label].

    gallery_labels: bool [gallery, label].
    """
    nearest = top_k(similarity, k)
    value = np.take_along_axis(similarity, nearest, axis=1)
    weight = np.exp((value - value.max(axis=1, keepdims=True)) / temperature)
    weight /= weight.sum(axis=1, keepdims=True)
    votes: Float64s = np.einsum("qk,qkc->qc", weight, gallery_labels[nearest].astype(np.float64))
    return votes


def auroc_weighted(labels: Bools, scores: Floats, weights: Floats) -> Float64s:
    """Area under the ROC curve under each row of weights, [resample]; NaN where one class has no weight.

    labels: bool [query]; scores: [query], ties count one half; weights: [resample, query], not negative.
    """
    order = np.argsort(scores, kind="stable")
    starts = np.flatnonzero(np.concatenate([[True], np.diff(scores[order]) != 0]))
    ordered = weights[:, order].astype(np.float64)
    positive = np.add.reduceat(ordered * labels[order], starts, axis=1)
    negative = np.add.reduceat(ordered * ~labels[order], starts, axis=1)
    below = np.cumsum(negative, axis=1) - negative
    won = (positive * (below + negative / 2)).sum(axis=1)
    return ratio(won, positive.sum(axis=1) * negative.sum(axis=1))


def macro_auroc_weighted(labels: Bools, scores: Floats, weights: Floats) -> Float64s:
    """Mean AUROC over the labels of which both classes have weight, [resample]; NaN where there is none.

    labels: bool [query, label]; scores: [query, label]; weights: [resample, query].
    """
    each = np.stack(
        [auroc_weighted(labels[:, c], scores[:, c], weights) for c in range(labels.shape[1])], axis=1
    )
    known = ~np.isnan(each)
    return ratio(np.where(known, each, 0.0).sum(axis=1), known.sum(axis=1))
