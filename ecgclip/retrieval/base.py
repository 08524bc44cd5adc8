"""`VectorIndex`: what every search engine offers, and the registry of the engines there are."""

from enum import StrEnum
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

Vectors = npt.NDArray[np.float32]
Rows = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


class VectorIndex(Protocol):
    """Nearest neighbours by inner product among unit vectors: the cosine."""

    @property
    def dim(self) -> int: ...

    def __len__(self) -> int: ...

    def search(self, vectors: Vectors, k: int, allowed: Mask | None = None) -> tuple[Vectors, Rows]:
        """Best rows for each query, best first, equal scores by lower row.

        vectors: float32 [query, dim], unit norm. k: at least 1. allowed: bool [row], False = not to be found.
        Returns scores float32 and rows int64, both [query, min(k, rows allowed)].
        """
        ...


class EngineName(StrEnum):
    """The engines, as the manifest of an index names them."""

    FLAT = "flat"
    FAISS = "faiss"


def open_engine(engine: EngineName, vectors: Vectors, folder: Path) -> VectorIndex:
    """The engine over `vectors`; `folder` holds the files that `write_engine` made."""
    match engine:
        case EngineName.FLAT:
            from ecgclip.retrieval.flat import FlatIndex

            return FlatIndex(vectors)
        case EngineName.FAISS:
            from ecgclip.retrieval.faiss_index import FaissIndex

            return FaissIndex.read(vectors, folder)


def write_engine(engine: EngineName, vectors: Vectors, folder: Path) -> tuple[str, ...]:
    """Write what the engine keeps beside the vectors; returns the names of its files."""
    match engine:
        case EngineName.FLAT:
            return ()
        case EngineName.FAISS:
            from ecgclip.retrieval.faiss_index import FaissIndex

            return FaissIndex.write(vectors, folder)
