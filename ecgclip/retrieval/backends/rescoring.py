"""Settle a pool of likely neighbours into the exact order that every engine must return.

Matrix products in single precision differ in the last bit with the place of a row in its block, so equal
vectors would come in an order by chance. The few candidates are scored again in double precision, one row
at a time, and ordered by score, then row.
"""

from dataclasses import dataclass

import numpy as np

from ecgclip.typing import Float32s, Float64s, Rows, Vectors

ROUNDING = np.float32(1e-5)
"""More than the error of a float32 inner product of two unit vectors of a thousand numbers."""
_CHUNK = 1 << 14
"""Pairs scored at once: 64 MB in double precision at 512 numbers a vector."""


@dataclass(frozen=True, eq=False)
class Pool:
    """Candidates of all queries: one entry a pair. queries, rows: int64 [pair]."""

    queries: Rows
    rows: Rows


def settle(pool: Pool, queries: Vectors, vectors: Vectors, k: int) -> tuple[Float32s, Rows]:
    """The best `k` of each query, float32 and int64 [query, k]; the pool holds at least k for each."""
    scores = _pair_scores(pool, queries, vectors)
    order = np.lexsort((pool.rows, -scores, pool.queries))
    starts = np.searchsorted(pool.queries[order], np.arange(len(queries)))
    best = order[starts[:, None] + np.arange(k)]
    return scores[best], pool.rows[best]


def _pair_scores(pool: Pool, queries: Vectors, vectors: Vectors) -> Vectors:
    scores = np.empty(len(pool.rows), np.float32)
    for start in range(0, len(scores), _CHUNK):
        part = slice(start, start + _CHUNK)
        left: Float64s = queries[pool.queries[part]].astype(np.float64)
        scores[part] = np.einsum("ij,ij->i", left, vectors[pool.rows[part]].astype(np.float64))
    return scores
