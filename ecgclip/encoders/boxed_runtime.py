"""`BoxedRuntime`: the towers of a model of unknown origin, run in a box (`ecgclip.box`).

Its graphs are programs: they may allocate a terabyte, never end, or return something else than vectors,
perhaps for certain pages only.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from threading import Lock
from typing import Final

import numpy as np

from ecgclip.box.limits import MEMORY_MB, SECONDS, Limits, current_limits
from ecgclip.box.message import Facts, Payload
from ecgclip.box.parent import Box, BoxError, OutOfTime, ProgramError
from ecgclip.encoders.model_files import ModelFiles
from ecgclip.errors import ModelError
from ecgclip.paper.geometry import CANONICAL, MODEL_PX_PER_MM
from ecgclip.typing import Uint8s, Vectors

_MEMORY_SHARE: Final = 1.4
"""Memory limit, as a multiple of that of a decoder: ONNX Runtime and its copy of the weights need more."""
_AT_ONCE: Final = 32
"""Pages or reports in one request: a model 100 times as slow as the shipped one still meets the limits."""
_MOST_BYTES: Final = 1 << 26
"""Largest answer of the box, in bytes."""
_TOLERANCE: Final = 1e-3


class BoxedRuntime:
    """As `Runtime`, for a folder of unknown origin; each request keeps to the limits or is a ModelError."""

    def __init__(self, files: ModelFiles, threads: int = 0) -> None:
        """Try the model at once, with a blank page and a report. threads: 0 = as many as cores."""
        self.files = files
        self.threads = threads
        usual = current_limits()
        self._limits = Limits(usual.seconds, int(usual.memory_mb * _MEMORY_SHARE))
        self._lock = Lock()
        self._box: Box | None = None
        self.embed_ink(np.zeros((1, *CANONICAL.size_px(MODEL_PX_PER_MM)), np.uint8))
        self.embed_text(["sinus rhythm. normal ecg"])

    @property
    def folder(self) -> Path:
        return self.files.folder

    @property
    def dim(self) -> int:
        return self.files.config.dim

    @property
    def hash(self) -> str:
        return self.files.hash

    def embed_ink(self, ink: Uint8s) -> Vectors:
        """See `Runtime.embed_ink`."""
        parts = (ink[start : start + _AT_ONCE] for start in range(0, len(ink), _AT_ONCE))
        return self._joined(
            [self._vectors({"do": "ink", "shape": part.shape}, part.tobytes(), len(part)) for part in parts]
        )

    def embed_text(self, reports: Sequence[str]) -> Vectors:
        """See `Runtime.embed_text`."""
        parts = (list(reports[start : start + _AT_ONCE]) for start in range(0, len(reports), _AT_ONCE))
        return self._joined(
            [self._vectors({"do": "text"}, json.dumps(part).encode(), len(part)) for part in parts]
        )

    def _joined(self, parts: Sequence[Vectors]) -> Vectors:
        return np.concatenate([np.empty((0, self.dim), np.float32), *parts])

    def _vectors(self, request: Facts, data: bytes, count: int) -> Vectors:
        with self._lock:
            answer = self._request(request, Payload.of(data), _MOST_BYTES)
        if len(answer) != 4 * count * self.dim:
            found, expected = len(answer), f"{count} vectors of {self.dim} numbers"
            raise ModelError(f"{self.folder}: this model answers {found} bytes; expected {expected}")
        vectors = np.frombuffer(answer, np.float32).reshape(count, self.dim)
        if not (np.abs(np.linalg.norm(vectors, axis=1) - 1) < _TOLERANCE).all():
            raise ModelError(f"{self.folder}: this model answers vectors without a direction; give another")
        return vectors.copy()

    def _request(self, request: Facts, data: Payload, most_bytes: int) -> bytes:
        try:
            if self._box is None:
                self._box = Box("ecgclip.encoders.runtime_program", self._limits, lasting=True)
                self._box.ask({"do": "open", "folder": str(self.folder.absolute()), "threads": self.threads})
            return self._box.ask(request, data, most_bytes)[1]
        except ProgramError as error:
            self._box = None
            raise ModelError(str(error)) from None
        except BoxError as error:
            self._box = None
            raise self._refusal(error) from None
        except OSError as error:
            raise ModelError(f"{self.folder}: no process can be started for this model ({error})") from error

    def _refusal(self, error: BoxError) -> ModelError:
        if isinstance(error, OutOfTime):
            words = f"takes more than {self._limits.seconds:g} s for {_AT_ONCE} pages or reports"
            return ModelError(f"{self.folder}: this model {words}; give another, or allow more by {SECONDS}")
        words = f"needs more than {self._limits.memory_mb} MB, or its graphs are damaged"
        return ModelError(f"{self.folder}: this model {words}; give another, or allow more by {MEMORY_MB}")
