"""What runs in the box of `boxed_runtime`: a `Runtime` that answers requests from a pipe."""

import json
from pathlib import Path
from typing import Final

import numpy as np

from ecgclip.box.message import NOTHING, Facts, Payload
from ecgclip.encoders.model_files import IMAGE_GRAPH, TEXT_GRAPH, model_files
from ecgclip.encoders.runtime import Runtime
from ecgclip.errors import ModelError
from ecgclip.files import read_small

_MOST_BYTES: Final = 2 << 30
"""Largest graph in bytes: what protobuf can hold."""
_ELSEWHERE: Final = b"\x0a\x08location"
"""How a graph says that its weights lie in another file."""


class Program:
    """Answers `open` with a folder, then `ink` and `text`. Errors: ModelError, one line."""

    def __init__(self) -> None:
        self._runtime: Runtime | None = None

    def answer(self, request: Facts, data: bytes) -> tuple[Facts, Payload]:
        if request["do"] == "open":
            folder = Path(request["folder"])
            _check_whole(folder)
            self._runtime = Runtime(model_files(folder), request["threads"])
            return {}, NOTHING
        if self._runtime is None:
            raise ModelError("no model was opened")
        if request["do"] == "ink":
            vectors = self._runtime.embed_ink(np.frombuffer(data, np.uint8).reshape(request["shape"]))
        else:
            vectors = self._runtime.embed_text(json.loads(data))
        return {}, Payload.of(vectors.tobytes())


def _check_whole(folder: Path) -> None:
    """ModelError where a graph's weights lie elsewhere: the model's fingerprint would not cover them."""
    for graph in (folder / IMAGE_GRAPH, folder / TEXT_GRAPH):
        try:
            elsewhere = _ELSEWHERE in read_small(graph, _MOST_BYTES)
        except OSError as error:
            raise ModelError(
                f"{graph}: cannot be read ({error.strerror or error}); copy the model anew"
            ) from None
        if elsewhere:
            raise ModelError(f"{graph} keeps weights in another file; expected them in the graph")
