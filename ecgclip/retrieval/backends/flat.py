"""`FlatIndex`: exhaustive search with numpy; the truth that other backends are tested against."""

from collections.abc import Iterator

import numpy as np

from ecgclip.retrieval.backends.base import ROUNDING, Candidates
from ecgclip.typing import Bools, Float32s, Rows, Vectors

_QUERY_BLOCK = 512
_ROW_BLOCK = 16384
"""512 x 16,384 scores are 32 MB: no product grows with the square of the index."""
_FEW = 4
"""Up to so many queries one thread is as fast as the BLAS, since memory is the limit. On a busy machine the
threads of the BLAS also wait for each other: 130 ms were measured instead of 0.1 at 2,700 x 512."""


class FlatIndex:
    """Search over float32 [row, dim] as it lies."""

    def __init__(self, vectors: Vectors) -> None:
        self._vectors = vectors

    @staticmethod
    def check_installed() -> None:
        """See `VectorIndex.check_installed`; numpy is always there."""

    @property
    def dim(self) -> int:
        return int(self._vectors.shape[1])

    def __len__(self) -> int:
        return len(self._vectors)

    def search(self, vectors: Vectors, k: int, allowed: Bools | None = None) -> tuple[Float32s, Rows]:
        """See `VectorIndex.search`."""
        rows = None if allowed is None else np.flatnonzero(allowed)
        k = min(k, len(self) if rows is None else len(rows))
        parts = [
            self._search_block(vectors[start : start + _QUERY_BLOCK], k, rows)
            for start in range(0, max(len(vectors), 1), _QUERY_BLOCK)
        ]
        return np.concatenate([p[0] for p in parts]), np.concatenate([p[1] for p in parts])

    def _search_block(self, queries: Vectors, k: int, rows: Rows | None) -> tuple[Float32s, Rows]:
        if k == 0 or len(queries) == 0:
            return np.empty((len(queries), k), np.float32), np.empty((len(queries), k), np.int64)
        floor = np.full(len(queries), -np.inf, np.float32)
        found: list[tuple[Rows, Rows, Vectors]] = []
        for block_rows, block in self._blocks(rows):
            scores = _scores(queries, block)
            if len(block) >= k:
                floor = np.maximum(floor, np.partition(scores, -k, axis=1)[:, -k])
            query, column = np.nonzero(scores >= (floor - ROUNDING)[:, None])
            found.append((query, block_rows[column], scores[query, column]))
        query, row, score = (np.concatenate([part[i] for part in found]) for i in range(3))
        near = score >= (floor - ROUNDING)[query]
        return Candidates(query[near], row[near].astype(np.int64)).best(queries, self._vectors, k)

    def _blocks(self, rows: Rows | None) -> Iterator[tuple[Rows, Vectors]]:
        count = len(self) if rows is None else len(rows)
        for start in range(0, count, _ROW_BLOCK):
            stop = min(start + _ROW_BLOCK, count)
            if rows is None:
                yield np.arange(start, stop), self._vectors[start:stop]
            else:
                yield rows[start:stop], self._vectors[rows[start:stop]]


def _scores(queries: Vectors, block: Vectors) -> Vectors:
    """Inner products, float32 [query, row]."""
    if len(queries) > _FEW:
        products: Vectors = queries @ block.T
        return products
    return np.stack([np.einsum("ij,j->i", block, query) for query in queries])
