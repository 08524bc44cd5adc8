"""`Outcome`: one photo of a known record, searched for once by every method."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final, Self

from ecgclip.errors import EcgClipError
from ecgclip.evaluation.photos.deviation import Deviation, deviation
from ecgclip.evaluation.photos.pictures import ecg_ids
from ecgclip.evaluation.photos.rankers import Ranker
from ecgclip.simulation.photos import SimulatedPhoto
from ecgclip.typing import Rgb

if TYPE_CHECKING:
    from ecgclip.engine.query_input import QueryInput

KS: Final = (1, 5, 10)
Image = Path | Rgb
"""A file, or an RGB picture in memory."""
Read = Callable[[Image], "QueryInput"]
"""`ecgclip.engine.query_input.read_query`."""


@dataclass(frozen=True)
class Reading:
    """The photo reader's result for one photo.

    query_input: what was read, None where the photo was refused; refused: why, "" where accepted.
    read_ms: milliseconds from the file or the picture in memory to the canonical page or the refusal.
    deviation: of accepted simulated photos.
    """

    query_input: "QueryInput | None"
    refused: str
    confidence: float
    read_ms: float
    warnings: tuple[str, ...] = ()
    deviation: Deviation | None = None

    @property
    def rotation_deg(self) -> float:
        return self.query_input.input.rotation_deg if self.query_input else float("nan")


def read_photo(read: Read, image: Image) -> Reading:
    """Read one photo; a file that cannot be read is refused with confidence 0."""
    start = perf_counter()
    try:
        query_input = read(image)
    except EcgClipError as error:
        return Reading(None, str(error), 0.0, (perf_counter() - start) * 1e3)
    read_ms = (perf_counter() - start) * 1e3
    verdict = query_input.input
    if verdict.accepted:
        return Reading(query_input, "", verdict.confidence, read_ms, verdict.warnings)
    reason = verdict.reason or "no reason was given"
    return Reading(None, reason, verdict.confidence, read_ms, verdict.warnings)


def read_simulated(read: Read, taken: SimulatedPhoto) -> Reading:
    """Read a simulated photo and compare what was read with its true geometry."""
    reading = read_photo(read, taken.photo.image)
    page = reading.query_input.photo if reading.query_input else None
    if page is None:
        return reading
    return replace(reading, deviation=deviation(page, taken.photo.to_page, taken.layout.label))


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

    @property
    def first_rank(self) -> int | None:
        """The rank by the first method, the engine."""
        return next(iter(self.ranks.values()))

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """Undoes `asdict`."""
        found = values["deviation"]
        return cls(**{**values, "deviation": Deviation(**found) if found is not None else None})


@dataclass(frozen=True)
class Ranking:
    """The first case_ids that a method found, best first, and the milliseconds it took."""

    case_ids: tuple[str, ...]
    ms: float

    def rank(self, ecg_id: str) -> int | None:
        """The rank of a record, from 1; None where it is not among the cases."""
        return next((rank for rank, case in enumerate(self.case_ids, 1) if ecg_id in ecg_ids([case])), None)


def rank_photo(ranker: Ranker, query_input: "QueryInput") -> Ranking:
    """Let a method rank the cases for a photo that was accepted."""
    start = perf_counter()
    found = ranker.rank(query_input, max(KS))
    return Ranking(found, (perf_counter() - start) * 1e3)


def outcome(
    reading: Reading, rankings: Mapping[str, Ranking | None], ecg_id: str, photo: str, group: str
) -> Outcome:
    """The outcome of a photo; rankings: by method, the timed one first; None where the photo was refused."""
    ranks = {name: ranking.rank(ecg_id) if ranking else None for name, ranking in rankings.items()}
    first = next(iter(rankings.values()))
    query_ms = reading.read_ms + first.ms if first else None
    return Outcome(
        photo, group, ranks, reading.refused, reading.confidence, reading.read_ms, query_ms, reading.deviation
    )
