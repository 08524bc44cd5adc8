"""`FaissIndex`: FAISS's flat index, always by inner product.

It is made from the vectors when it is first searched, and never read from a file: FAISS believes the sizes
that a file names, so that a crafted one ends the process or takes all memory, and a flat index holds nothing
but a copy of the vectors, which is as quick to make as to read. FAISS orders equal scores by chance: its
neighbours are settled in double precision like everyone's.
"""

from typing import Any

import numpy as np

from ecgclip.retrieval.backends.rescoring import ROUNDING, Pool, settle
from ecgclip.typing import Bools, Float32s, Rows, Vectors

_SPARE = 16
"""Neighbours asked beyond k, to see that the k-th place is not shared."""


def _faiss() -> Any:
    """FAISS, untyped: its stubs describe the C++ calls and not the numpy ones."""
    import faiss

    return faiss


class FaissIndex:
    """Search by a FAISS index over float32 [row, dim]."""

    def __init__(self, vectors: Vectors) -> None:
        self._vectors = vectors
        self._index = _faiss().IndexFlatIP(vectors.shape[1])
        self._index.add(np.ascontiguousarray(vectors))

    @property
    def dim(self) -> int:
        return int(self._vectors.shape[1])

    def __len__(self) -> int:
        return len(self._vectors)

    def search(self, vectors: Vectors, k: int, allowed: Bools | None = None) -> tuple[Float32s, Rows]:
        """See `VectorIndex.search`."""
        count = len(self) if allowed is None else int(allowed.sum())
        k = min(k, count)
        if k == 0 or len(vectors) == 0:
            return np.empty((len(vectors), k), np.float32), np.empty((len(vectors), k), np.int64)
        wide = min(k + _SPARE, count)
        while True:
            scores, rows = self._raw(vectors, wide, allowed)
            tied = scores[:, -1] >= scores[:, k - 1] - ROUNDING
            if wide == count or not tied.any():
                break
            wide = min(4 * wide, count)
        query = np.repeat(np.arange(len(vectors)), wide)
        return settle(Pool(query, rows.ravel()), vectors, self._vectors, k)

    def _raw(self, vectors: Vectors, k: int, allowed: Bools | None) -> tuple[Float32s, Rows]:
        faiss = _faiss()
        parameters = None
        if allowed is not None:
            bits = np.packbits(allowed, bitorder="little")
            parameters = faiss.SearchParameters(sel=faiss.IDSelectorBitmap(bits))
        scores, rows = self._index.search(np.ascontiguousarray(vectors), k, params=parameters)
        return scores, rows.astype(np.int64, copy=False)
