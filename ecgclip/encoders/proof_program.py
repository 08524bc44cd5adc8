"""What runs in the box to try a model: its graphs looked through, then asked. See `proof`."""

import os
from pathlib import Path

# Before numpy is imported: threads of its own would reserve the memory that the model may have.
os.environ["OPENBLAS_NUM_THREADS"] = "1"

import numpy as np

from ecgclip.box.message import Facts, Payload
from ecgclip.encoders.graph_operators import LOOPS, operators
from ecgclip.encoders.runtime import IMAGE_GRAPH, TEXT_GRAPH, Runtime, Vectors
from ecgclip.errors import ModelError
from ecgclip.files import read_small

_MOST_BYTES = 2 << 30
"""Of a graph: what protobuf can hold."""
_REPORTS = ("sinus rhythm. normal ecg", "vorhofflimmern, linksschenkelblock " * 20)


class Program:
    """Answers nothing where the model of the folder behaves. Errors: ModelError, one line."""

    def answer(self, request: Facts, data: bytes) -> tuple[Facts, Payload]:
        folder = Path(request["folder"])
        for name in (IMAGE_GRAPH, TEXT_GRAPH):
            _straight(folder / name)
        runtime = Runtime(folder, threads=1, proven=True)
        tower = runtime.config.image
        pages = np.random.default_rng(0).integers(0, 256, (2, tower.height_px, tower.width_px), np.uint8)
        pages[0] = 0
        _check(runtime.embed_ink(pages), runtime.dim, folder / IMAGE_GRAPH)
        _check(runtime.embed_text(_REPORTS), runtime.dim, folder / TEXT_GRAPH)
        return {}, b""


def _straight(graph: Path) -> None:
    """ModelError where a graph has operators that may run for ever."""
    try:
        loops = operators(read_small(graph, _MOST_BYTES)) & LOOPS
    except OSError as error:
        raise ModelError(
            f"{graph}: cannot be read ({error.strerror or error}); copy the model anew"
        ) from None
    except ModelError as error:
        raise ModelError(f"{graph} is no readable ONNX graph ({error}); copy the model anew") from None
    if loops:
        raise ModelError(f"{graph} has the operator {min(loops)}; expected a tower without loops")


def _check(vectors: Vectors, dim: int, graph: Path) -> None:
    if vectors.shape != (2, dim) or not np.isfinite(vectors).all():
        raise ModelError(
            f"{graph} answers {vectors.dtype} {vectors.shape}; expected finite vectors of {dim} numbers"
        )
