"""`FaissIndex`: the default backend, FAISS's exact flat index by inner product.

FAISS's index is made from the vectors when it is first needed, and never read from a file: FAISS believes the
sizes that a file names, so that a crafted one ends the process or takes all memory. A flat index holds
nothing but a copy of the vectors, which is as quick to make as to read.

A few questions over a small index are answered by numpy: importing FAISS takes 25 ms and starting its threads
some more, while numpy compares a vector with 100,000 others in 5 ms. Answers are the same, since both rescore
their candidates exactly.
"""

from importlib.util import find_spec
from threading import Lock
from typing import Any, Final

import numpy as np

from ecgclip.errors import ConfigError
from ecgclip.retrieval.backends.base import ROUNDING, Candidates
from ecgclip.retrieval.backends.flat import FlatIndex
from ecgclip.typing import Bools, Float32s, Rows, Vectors

_FEW_PAIRS: Final = 200_000
"""Pairs of a query and an allowed row: up to so many are compared by numpy."""
_SPARE: Final = 16
"""Neighbours requested beyond k, to see whether others share the score of the k-th."""


class FaissIndex:
    """Search by FAISS over float32 [row, dim], in any number of threads."""

    def __init__(self, vectors: Vectors) -> None:
        self._vectors = vectors
        self._flat = FlatIndex(vectors)
        self._lock = Lock()
        self._index: Any = None

    @staticmethod
    def check_installed() -> None:
        """See `VectorIndex.check_installed`."""
        if find_spec("faiss") is None:
            raise _missing()

    @property
    def dim(self) -> int:
        return self._flat.dim

    def __len__(self) -> int:
        return len(self._flat)

    def search(self, vectors: Vectors, k: int, allowed: Bools | None = None) -> tuple[Float32s, Rows]:
        """See `VectorIndex.search`."""
        count = len(self) if allowed is None else int(allowed.sum())
        k = min(k, count)
        if k == 0 or len(vectors) * count <= _FEW_PAIRS:
            return self._flat.search(vectors, k, allowed)
        wide = min(k + _SPARE, count)
        while True:
            scores, rows = self._nearest(vectors, wide, allowed)
            tied = scores[:, -1] >= scores[:, k - 1] - ROUNDING
            if wide == count or not tied.any():
                break
            wide = min(4 * wide, count)
        query = np.repeat(np.arange(len(vectors)), wide)
        return Candidates(query, rows.ravel()).best(vectors, self._vectors, k)

    def _nearest(self, vectors: Vectors, k: int, allowed: Bools | None) -> tuple[Float32s, Rows]:
        """The rows that FAISS finds; it rounds scores and orders equal ones by chance."""
        faiss = _faiss()
        parameters = None
        if allowed is not None:
            bits = np.packbits(allowed, bitorder="little")
            parameters = faiss.SearchParameters(sel=faiss.IDSelectorBitmap(bits))
        scores, rows = self._faiss_index().search(np.ascontiguousarray(vectors), k, params=parameters)
        return scores, rows.astype(np.int64, copy=False)

    def _faiss_index(self) -> Any:
        with self._lock:
            if self._index is None:
                index = _faiss().IndexFlatIP(self.dim)
                index.add(np.ascontiguousarray(self._vectors))
                self._index = index
            return self._index


def _faiss() -> Any:
    """FAISS, untyped: its stubs describe the C++ calls and not the numpy ones."""
    try:
        import faiss
    except ImportError:
        raise _missing() from None
    return faiss


def _missing() -> ConfigError:
    return ConfigError(
        "the backend faiss needs the package faiss-cpu, which is not installed; "
        "run pip install faiss-cpu, or use the backend flat"
    )
