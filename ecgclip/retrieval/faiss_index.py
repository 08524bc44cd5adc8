"""`FaissIndex`: FAISS's flat index, always by inner product.

Wrappers that build with L2 and call it cosine return other scores; `read` refuses a file of another metric.
FAISS orders equal scores by chance: its neighbours are settled in double precision like everyone's.
"""

from pathlib import Path
from typing import Any

import numpy as np

from ecgclip.errors import IndexStoreError
from ecgclip.retrieval.base import Mask, Rows, Vectors
from ecgclip.retrieval.exact import ROUNDING, Pool, settle

FILE = "index.faiss"
_SPARE = 16
"""Neighbours asked beyond k, to see that the k-th place is not shared."""


def _faiss() -> Any:
    """FAISS, untyped: its stubs describe the C++ calls and not the numpy ones."""
    import faiss

    return faiss


class FaissIndex:
    """Search by a FAISS index over the same rows as `vectors` (float32 [row, dim], may be a memory map)."""

    def __init__(self, vectors: Vectors, index: Any = None) -> None:
        faiss = _faiss()
        self._vectors = vectors
        self._index = index
        if index is None:
            self._index = faiss.IndexFlatIP(vectors.shape[1])
            self._index.add(np.ascontiguousarray(vectors))

    @classmethod
    def read(cls, vectors: Vectors, folder: Path) -> "FaissIndex":
        """Open `index.faiss` in the folder; IndexStoreError where it does not fit the vectors."""
        faiss = _faiss()
        try:
            index = faiss.read_index(str(folder / FILE))
        except RuntimeError as error:
            raise IndexStoreError(
                f"{folder / FILE} cannot be read by FAISS; build the index anew with build-index"
            ) from error
        found = (index.ntotal, index.d, index.metric_type)
        if found != (*vectors.shape, faiss.METRIC_INNER_PRODUCT):
            raise IndexStoreError(
                f"{folder / FILE} holds {index.ntotal} x {index.d} vectors of metric {index.metric_type}; "
                f"expected {vectors.shape[0]} x {vectors.shape[1]} by inner product; "
                "build the index anew with build-index"
            )
        return cls(vectors, index)

    @classmethod
    def write(cls, vectors: Vectors, folder: Path) -> tuple[str, ...]:
        """Write `index.faiss` over the vectors."""
        faiss = _faiss()
        try:
            faiss.write_index(cls(vectors)._index, str(folder / FILE))
        except RuntimeError as error:
            raise OSError(f"FAISS could not write {folder / FILE}: {str(error).splitlines()[0]}") from error
        return (FILE,)

    @property
    def dim(self) -> int:
        return int(self._vectors.shape[1])

    def __len__(self) -> int:
        return len(self._vectors)

    def search(self, vectors: Vectors, k: int, allowed: Mask | None = None) -> tuple[Vectors, Rows]:
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

    def _raw(self, vectors: Vectors, k: int, allowed: Mask | None) -> tuple[Vectors, Rows]:
        faiss = _faiss()
        parameters = None
        if allowed is not None:
            bits = np.packbits(allowed, bitorder="little")
            parameters = faiss.SearchParameters(sel=faiss.IDSelectorBitmap(bits))
        scores, rows = self._index.search(np.ascontiguousarray(vectors), k, params=parameters)
        return scores, rows.astype(np.int64, copy=False)
