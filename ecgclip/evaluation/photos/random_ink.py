"""`RandomInk`: rank the gallery by the random encoder of the ink."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from ecgclip.evaluation.metrics import cosine, top_k
from ecgclip.evaluation.retrieval.baselines.random_encoder import RandomEncoder
from ecgclip.paper.coverage import read_shown
from ecgclip.records.source import RecordSource, Skipped, made_or_skipped

if TYPE_CHECKING:
    from ecgclip.engine.query_input import QueryInput

Vectors = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class RandomInk:
    """The random encoder: what a well rectified page is worth before anything is learned.

    vectors: float32 [case, dim], unit norm, of the cases named by case_ids.
    """

    encoder: RandomEncoder
    vectors: Vectors
    case_ids: tuple[str, ...]
    name: str = RandomEncoder.name

    def rank(self, asked: "QueryInput", k: int) -> tuple[str, ...]:
        similarity = cosine(self.encoder.embed_pages([asked.page]), self.vectors)
        return tuple(self.case_ids[row] for row in top_k(similarity, k)[0])


def random_ink(sources: Sequence[RecordSource], rng: np.random.Generator) -> RandomInk:
    """The random encoder over all records of the sources that can be read."""
    encoder = RandomEncoder(rng)
    vectors: list[Vectors] = []
    case_ids: list[str] = []
    for source in sources:
        for record_id in source.ids:
            ecg = made_or_skipped(record_id, partial(read_shown, source, record_id))
            if isinstance(ecg, Skipped):
                continue  # not in the index either: build_index lists it as skipped
            vectors.append(encoder.features([ecg]))
            case_ids.append(ecg.case_id)
    return RandomInk(encoder, np.concatenate(vectors), tuple(case_ids))
