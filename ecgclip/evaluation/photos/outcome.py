"""`Outcome`: one photo of a known record, asked once by every method."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from ecgclip.errors import EcgClipError
from ecgclip.evaluation.photos.pictures import ecg_ids
from ecgclip.evaluation.photos.rankers import Ranker
from ecgclip.evaluation.photos.truth import Deviation

if TYPE_CHECKING:
    from ecgclip.engine.query_input import QueryInput

KS: Final = (1, 5, 10)
Image = Path | npt.NDArray[np.uint8]
"""A file, or an RGB picture in memory."""
Read = Callable[[Image], "QueryInput"]
"""`ecgclip.engine.query_input.read_query`."""


@dataclass(frozen=True)
class Reading:
    """What the photo reader said: the asked, or none and the reason; confidence; milliseconds it took.

    deviation: of accepted simulated photos.
    """

    asked: "QueryInput | None"
    refused: str
    confidence: float
    read_ms: float
    warnings: tuple[str, ...] = ()
    deviation: Deviation | None = None

    @property
    def rotation_deg(self) -> float:
        return self.asked.input.rotation_deg if self.asked else float("nan")


def read_photo(read: Read, image: Image) -> Reading:
    """Read one photo; a file that cannot be read is refused with confidence 0."""
    start = perf_counter()
    try:
        asked = read(image)
    except EcgClipError as error:
        return Reading(None, str(error), 0.0, (perf_counter() - start) * 1e3)
    read_ms = (perf_counter() - start) * 1e3
    verdict = asked.input
    if verdict.accepted:
        return Reading(asked, "", verdict.confidence, read_ms, verdict.warnings)
    reason = verdict.reason or "no reason was given"
    return Reading(None, reason, verdict.confidence, read_ms, verdict.warnings)


@dataclass(frozen=True)
class Outcome:
    """One photo of a known record.

    ranks: by method, from 1, of its record; None where it is not among the first 10, as when it was refused.
    read_ms: from the file or the picture in memory to the canonical page; query_ms: to the answer of the
    first method, nothing where the photo was refused. deviation: of accepted simulated photos.
    """

    photo: str
    group: str
    ranks: Mapping[str, int | None]
    refused: str
    confidence: float
    read_ms: float
    query_ms: float | None
    deviation: Deviation | None = None


@dataclass(frozen=True)
class Ranking:
    """The first case_ids that a method found, best first, and the milliseconds it took."""

    case_ids: tuple[str, ...]
    ms: float

    def rank(self, ecg_id: str) -> int | None:
        """Of a record, from 1; None where it is not among them."""
        return next((rank for rank, case in enumerate(self.case_ids, 1) if ecg_id in ecg_ids([case])), None)


def rank_photo(ranker: Ranker, asked: "QueryInput") -> Ranking:
    """Let a method rank the cases for a photo that was accepted."""
    start = perf_counter()
    found = ranker.rank(asked, max(KS))
    return Ranking(found, (perf_counter() - start) * 1e3)


def outcome(
    reading: Reading, rankings: Mapping[str, Ranking | None], ecg_id: str, photo: str, group: str
) -> Outcome:
    """What became of a photo; rankings: by method, the one that is timed first; None where it was refused."""
    ranks = {name: ranking.rank(ecg_id) if ranking else None for name, ranking in rankings.items()}
    first = next(iter(rankings.values()))
    query_ms = reading.read_ms + first.ms if first else None
    return Outcome(
        photo, group, ranks, reading.refused, reading.confidence, reading.read_ms, query_ms, reading.deviation
    )
