"""The towers as ONNX graphs: what queries, indexing and embedding use, without torch."""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ecgclip.encoders.model_files import IMAGE_GRAPH, TEXT_GRAPH, TOKENIZER, ModelFiles
from ecgclip.encoders.preprocess import image_input
from ecgclip.onnx_graph import open_graph, run_graph
from ecgclip.typing import Array, Uint8s, Vectors

if TYPE_CHECKING:
    from ecgclip.encoders.text import ReportTokenizer

PAGES = 1
"""Pages per call. More are no quicker, their activations leave the cache; and alone, a page's vector does not
depend on its neighbours, with which it would share the range of its 8-bit activations."""
REPORTS = 32


class Runtime:
    """Both towers of a model that is trusted; each graph is loaded when it is first used.

    threads: 0 = as many as cores. They share a single page; of several, each thread embeds its own: a quarter
    more pages a second.
    Errors: ModelError where a graph is damaged.
    """

    def __init__(self, files: ModelFiles, threads: int = 0) -> None:
        self.files = files
        self.threads = threads or os.cpu_count() or 1

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
        """Canonical ink, uint8 [n, 256, 512] or a whole multiple -> unit-norm float32 [n, dim]."""

        def vectors(graph: Any, start: int) -> Vectors:
            pixels = image_input(ink[start : start + PAGES], self.files.config.image)
            return run_graph(graph, {"pixels": pixels}, self.folder / IMAGE_GRAPH)

        starts = range(0, len(ink), PAGES)
        if self.threads == 1 or len(starts) < 2:
            return unit_norm([vectors(self._image, start) for start in starts], self.dim)
        each = partial(vectors, self._image_of_many)
        with ThreadPoolExecutor(self.threads) as pool:
            return unit_norm(list(pool.map(each, starts)), self.dim)

    def embed_text(self, reports: Sequence[str]) -> Vectors:
        """Reports or questions -> unit-norm float32 [n, dim] in the same space."""
        parts = []
        for start in range(0, len(reports), REPORTS):
            ids, mask = self._tokenizer(reports[start : start + REPORTS])
            parts.append(run_graph(self._text, {"ids": ids, "mask": mask}, self.folder / TEXT_GRAPH))
        return unit_norm(parts, self.dim)

    @cached_property
    def _image(self) -> Any:
        return open_graph(self.folder / IMAGE_GRAPH, self.threads)

    @cached_property
    def _image_of_many(self) -> Any:
        """For threads that each embed pages of their own."""
        return open_graph(self.folder / IMAGE_GRAPH, 1)

    @cached_property
    def _text(self) -> Any:
        return open_graph(self.folder / TEXT_GRAPH, self.threads)

    @cached_property
    def _tokenizer(self) -> "ReportTokenizer":
        from ecgclip.encoders.text import ReportTokenizer

        return ReportTokenizer.load(self.folder / TOKENIZER, self.files.config.text.max_tokens)


def unit_norm(parts: Sequence[Array], dim: int) -> Vectors:
    """Join batches of vectors into float32 [n, dim] of norm 1."""
    if not parts:
        return np.zeros((0, dim), np.float32)
    vectors = np.concatenate(parts).astype(np.float32, copy=False)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors
