"""`TracesAlone`: rank the whole gallery by its traces; no vector has a say."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from ecgclip.engine.query_input import QueryInput

Traces = npt.NDArray[np.float32]
Likeness = Callable[[Traces, Traces], npt.NDArray[np.floating]]
"""Traces of the query [4, 1000] and of candidates [n, 4, 1000] -> likeness [n], `retrieval.rerank.rerank`."""


@dataclass(frozen=True, eq=False)
class TracesAlone:
    """Most alike traces of the whole gallery.

    case_ids: of all cases; traces: theirs, [case, 4, 1000] in mV at 100 Hz.
    """

    case_ids: tuple[str, ...]
    traces: Traces
    likeness: Likeness
    name: str = "traces alone"

    def rank(self, asked: "QueryInput", k: int) -> tuple[str, ...]:
        alike = self.likeness(asked.page.traces_mv, self.traces)
        return tuple(self.case_ids[row] for row in np.argsort(-alike, kind="stable")[:k])
