"""`VectorIndex`: what every search engine offers, and the registry of the engines there are."""

from enum import StrEnum
from numbers import Integral
from typing import Protocol

import numpy as np

from ecgclip.errors import ConfigError
from ecgclip.typing import Bools, Float32s, Rows, Vectors


class VectorIndex(Protocol):
    """Nearest neighbours by inner product among unit vectors: the cosine."""

    @property
    def dim(self) -> int: ...

    def __len__(self) -> int: ...

    def search(self, vectors: Vectors, k: int, allowed: Bools | None = None) -> tuple[Float32s, Rows]:
        """Best rows for each query, best first, equal scores by lower row.

        vectors: float32 [query, dim], unit norm. k: at least 1. allowed: bool [row], False = not to be found.
        Returns scores float32 and rows int64, both [query, min(k, rows allowed)].
        """
        ...


class Backend(StrEnum):
    """The engines, as the manifest of an index names them."""

    FLAT = "flat"
    FAISS = "faiss"


def open_backend(engine: Backend, vectors: Vectors) -> VectorIndex:
    """The engine over `vectors`: no engine reads a file of its own, which could say something else."""
    match engine:
        case Backend.FLAT:
            from ecgclip.retrieval.backends.flat import FlatIndex

            return FlatIndex(vectors)
        case Backend.FAISS:
            from ecgclip.retrieval.backends.faiss_flat import FaissIndex

            return FaissIndex(vectors)


def check_k(k: object) -> None:
    """ConfigError unless k is a whole number from 1 on; how many cases there are limits it later."""
    if isinstance(k, bool | np.bool_) or not isinstance(k, Integral):
        raise ConfigError(f"k is {str(k)[:40]!r}, a {type(k).__name__}; expected a whole number of cases")
    if k < 1:
        raise ConfigError(f"k is {str(k)[:40]}; expected 1 or more cases")
