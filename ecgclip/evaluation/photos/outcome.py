"""`Outcome`: one photo of a known record, asked once by every method."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from ecgclip.errors import EcgClipError
from ecgclip.evaluation.photos.pictures import ecg_ids
from ecgclip.evaluation.photos.rankers import Ranker
from ecgclip.evaluation.photos.truth import Deviation

if TYPE_CHECKING:
    from ecgclip.engine.subject import Subject

KS: Final = (1, 5, 10)
Image = Path | npt.NDArray[np.uint8]
"""A file, or an RGB picture in memory."""
Read = Callable[[Image], "Subject"]
"""`ecgclip.engine.subject.read_subject`."""


@dataclass(frozen=True)
class Reading:
    """What the photo reader said: the subject, or none and the reason; confidence; milliseconds it took."""

    subject: "Subject | None"
    refused: str
    confidence: float
    read_ms: float
    warnings: tuple[str, ...] = ()

    @property
    def rotation_deg(self) -> float:
        return self.subject.input.rotation_deg if self.subject else float("nan")


def read_photo(read: Read, image: Image) -> Reading:
    """Read one photo; a file that cannot be read is refused with confidence 0."""
    start = perf_counter()
    try:
        subject = read(image)
    except EcgClipError as error:
        return Reading(None, str(error), 0.0, (perf_counter() - start) * 1e3)
    read_ms = (perf_counter() - start) * 1e3
    verdict = subject.input
    if verdict.accepted:
        return Reading(subject, "", verdict.confidence, read_ms, verdict.warnings)
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

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "Outcome":
        """Undoes `to_json`."""
        kept = cls(**values)
        return replace(kept, deviation=Deviation(**values["deviation"])) if values["deviation"] else kept


def ask(reading: Reading, rankers: Sequence[Ranker], ecg_id: str, photo: str, group: str) -> Outcome:
    """Let every method rank the cases for a photo that was read; the first method is timed."""
    subject = reading.subject
    ranks: dict[str, int | None] = {ranker.name: None for ranker in rankers}
    query_ms = None
    if subject is not None:
        start = perf_counter()
        first = rankers[0].rank(subject, max(KS))
        query_ms = reading.read_ms + (perf_counter() - start) * 1e3
        ranks[rankers[0].name] = _rank(first, ecg_id)
        for ranker in rankers[1:]:
            ranks[ranker.name] = _rank(ranker.rank(subject, max(KS)), ecg_id)
    return Outcome(photo, group, ranks, reading.refused, reading.confidence, reading.read_ms, query_ms)


def _rank(case_ids: Sequence[str], ecg_id: str) -> int | None:
    return next((rank for rank, case in enumerate(case_ids, 1) if ecg_id in ecg_ids([case])), None)
