"""Rescore candidate neighbours exactly, so that every backend returns the same rows in the same order.

Matrix products in single precision differ in the last bit with the place of a row in its block, so the order
of equal vectors would depend on chance. The few candidates are scored again in double precision, one row at a
time, and ordered by score, then row.
"""

from dataclasses import dataclass

import numpy as np

from ecgclip.typing import Float32s, Rows, Vectors

ROUNDING = np.float32(1e-5)
"""More than the error of a float32 inner product of two unit vectors of a thousand numbers."""
_CHUNK = 1 << 14
"""Pairs scored at once: 64 MB in double precision at 512 numbers a vector."""


@dataclass(frozen=True, eq=False)
class Candidates:
    """Pairs of a query and a row that may be its neighbour. queries, rows: int64 [pair], numbers of each."""

    queries: Rows
    rows: Rows

    def best(self, queries: Vectors, vectors: Vectors, k: int) -> tuple[Float32s, Rows]:
        """Scores float32 and rows int64 [query, k], best first; each query has at least k candidates."""
        scores = self._exact_scores(queries, vectors)
        order = np.lexsort((self.rows, -scores, self.queries))
        starts = np.searchsorted(self.queries[order], np.arange(len(queries)))
        best = order[starts[:, None] + np.arange(k)]
        return scores[best], self.rows[best]

    def _exact_scores(self, queries: Vectors, vectors: Vectors) -> Float32s:
        """float32 [pair]."""
        scores = np.empty(len(self.rows), np.float32)
        for start in range(0, len(scores), _CHUNK):
            part = slice(start, start + _CHUNK)
            left, right = queries[self.queries[part]], vectors[self.rows[part]]
            scores[part] = np.einsum("ij,ij->i", left.astype(np.float64), right.astype(np.float64))
        return scores
