"""The backends there are, by the names that `--backend` and the manifest of an index use."""

from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from ecgclip.retrieval.backends.base import VectorIndex
    from ecgclip.typing import Vectors


class Backend(StrEnum):
    """A way to search the vectors of an index; all give the same answers."""

    FLAT = "flat"
    FAISS = "faiss"


DEFAULT: Final = Backend.FAISS
"""The backend of a new index."""


def backend_class(backend: Backend) -> "type[VectorIndex]":
    """The class of a backend; only its module is imported."""
    match backend:
        case Backend.FLAT:
            from ecgclip.retrieval.backends.flat import FlatIndex

            return FlatIndex
        case Backend.FAISS:
            from ecgclip.retrieval.backends.faiss import FaissIndex

            return FaissIndex


def open_backend(backend: Backend, vectors: "Vectors") -> "VectorIndex":
    """A backend over `vectors`, float32 [row, dim]."""
    return backend_class(backend)(vectors)
