"""`VectorIndex`: what every backend offers."""

from numbers import Integral
from typing import Protocol

import numpy as np

from ecgclip.errors import ConfigError
from ecgclip.typing import Bools, Float32s, Rows, Vectors


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
