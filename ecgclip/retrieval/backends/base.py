"""What backends share: the protocol `VectorIndex`, and the exact scores that make their answers equal.

Matrix products in single precision differ in the last bit with the place of a row in its block, so the order
of equal vectors would depend on chance. `Candidates` therefore scores the few candidates of a query again in
double precision, one row at a time, and orders them by score, then row.
"""

from dataclasses import dataclass
from numbers import Integral
from typing import Protocol

import numpy as np

from ecgclip.errors import ConfigError
from ecgclip.typing import Bools, Float32s, Rows, Vectors

ROUNDING = np.float32(1e-5)
"""More than the error of a float32 inner product of two unit vectors of a thousand numbers."""
_CHUNK = 1 << 14
"""Pairs scored at once: 64 MB in double precision at 512 numbers a vector."""


class VectorIndex(Protocol):
    """Nearest neighbours by inner product among unit vectors: the cosine."""

    def __init__(self, vectors: Vectors) -> None:
        """vectors: float32 [row, dim] in memory; no backend reads a file that could say something else."""

    @staticmethod
    def check_installed() -> None:
        """ConfigError with the command that installs what is missing; imports nothing."""

    @property
    def dim(self) -> int: ...

    def __len__(self) -> int: ...

    def search(self, vectors: Vectors, k: int, allowed: Bools | None = None) -> tuple[Float32s, Rows]:
        """Best rows for each query, best first, equal scores by lower row.

        vectors: float32 [query, dim], unit norm. k: at least 1. allowed: bool [row], False = not to be found.
        Returns scores float32 and rows int64, both [query, min(k, rows allowed)].
        """
        ...


def check_k(k: object) -> None:
    """ConfigError unless k is a whole number from 1 on; how many cases there are limits it later."""
    if isinstance(k, bool | np.bool_) or not isinstance(k, Integral):
        raise ConfigError(f"k is {str(k)[:40]!r}, a {type(k).__name__}; expected a whole number of cases")
    if k < 1:
        raise ConfigError(f"k is {str(k)[:40]}; expected 1 or more cases")


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
