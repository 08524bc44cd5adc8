"""The photo protocol: is the very record that was photographed found, and is every picture read right?"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self, TypeVar

import numpy as np

from ecgclip.errors import RecordError
from ecgclip.evaluation.photos.gate import Judged, gate_scores, strip_scores
from ecgclip.evaluation.photos.orientation import QuarterTurns, orientation_scores, read_turns
from ecgclip.evaluation.photos.outcome import (
    Outcome,
    Ranking,
    Read,
    Reading,
    outcome,
    rank_photo,
    read_photo,
    read_simulated,
)
from ecgclip.evaluation.photos.pictures import PictureGroup, RealPicture, ecg_ids, quarter_turned
from ecgclip.evaluation.photos.rankers import Ranker
from ecgclip.evaluation.photos.results import PhotosResults
from ecgclip.evaluation.photos.saved_run import Saved, digest
from ecgclip.evaluation.photos.scores import causes, found_scores, times, truth_scores
from ecgclip.simulation.photos import SimulatedPhoto
from ecgclip.typing import Rgb

if TYPE_CHECKING:
    from ecgclip.engine.query_input import QueryInput

T = TypeVar("T")
Log = Callable[[str], None]
Pixels = Callable[[Path], Rgb]
"""The pixels of a picture file, RGB, as its EXIF says they are to be seen."""
Simulate = Callable[[str, str], SimulatedPhoto]
"""case_id and level -> the simulated photo."""
_READING: Final = "reading"


@dataclass(frozen=True, eq=False)
class Bench:
    """The reader and the rankers that are measured; the first ranker is the one that is timed.

    gallery: case_ids of the index. warm: which of them have run once already.
    """

    read: Read
    pixels: Pixels
    rankers: Sequence[Ranker]
    gallery: Sequence[str]
    warm: set[str] = field(default_factory=set)

    def reading(self, take: Callable[[], Reading]) -> Reading:
        """Read a photo in a warm process."""
        return self._warmed(_READING, take)

    def ask(self, reading: Reading, case: str, photo: str, group: str) -> Outcome:
        """Let every ranker look for the case of a photo that was read."""
        (ecg_id,) = ecg_ids([case])
        query_input = reading.query_input
        rankings = {
            ranker.name: self._ranking(ranker, query_input) if query_input is not None else None
            for ranker in self.rankers
        }
        return outcome(reading, rankings, ecg_id, photo, group)

    def _ranking(self, ranker: Ranker, query_input: "QueryInput") -> Ranking:
        return self._warmed(ranker.name, lambda: rank_photo(ranker, query_input))

    def _warmed(self, kind: str, make: Callable[[], T]) -> T:
        """The first of each kind is made twice: what is loaded once is no part of a query's time."""
        if kind not in self.warm:
            make()
            self.warm.add(kind)
        return make()


@dataclass(frozen=True)
class RealPhoto:
    """The result of a real picture; outcome: of known records; turns: of accepted sheets."""

    judged: Judged
    outcome: Outcome | None = None
    turns: QuarterTurns | None = None

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Self:
        """Undoes `asdict`."""
        outcome, turns = values["outcome"], values["turns"]
        return cls(
            Judged(**values["judged"]),
            Outcome.from_json(outcome) if outcome is not None else None,
            QuarterTurns.from_json(turns) if turns is not None else None,
        )


@dataclass(frozen=True)
class RealResults:
    """The results of the real pictures; left_out: photos whose record the gallery lacks."""

    photos: tuple[RealPhoto, ...] = ()
    left_out: int = 0

    @property
    def outcomes(self) -> list[Outcome]:
        return [photo.outcome for photo in self.photos if photo.outcome is not None]

    @property
    def judged(self) -> list[Judged]:
        return [photo.judged for photo in self.photos]

    @property
    def turns(self) -> list[QuarterTurns]:
        return [photo.turns for photo in self.photos if photo.turns is not None]


def evaluate_real(bench: Bench, pictures: Sequence[RealPicture], log: Log, saved: Saved) -> RealResults:
    """Read every picture once, search for those of known records, and turn those that were accepted.

    Photos whose record the gallery lacks are judged and turned, but not searched for. Saved pictures are not
    read again.
    Errors: RecordError where there are photos of known records, but the gallery has none of them.
    """
    known = ecg_ids(bench.gallery)
    paired = [picture for picture in pictures if picture.ecg_id]
    searched = [picture for picture in paired if picture.ecg_id in known]
    if paired and not searched:
        raise RecordError(
            f"of {len(paired)} paired photos none has its record among {len(bench.gallery)} cases; "
            "build the index from the records that were photographed"
        )
    photos = []
    for picture in pictures:
        key = f"{picture.path.name} {digest(picture.path.read_bytes())}"
        if key in saved.known:
            photos.append(RealPhoto.from_json(saved.known[key]))
        else:
            photos.append(_real_photo(bench, picture, picture in searched))
            saved.add(key, asdict(photos[-1]))
        log(f"{picture.path.name}: {photos[-1].judged.words or 'accepted'}")
    return RealResults(tuple(photos), len(paired) - len(searched))


def _real_photo(bench: Bench, picture: RealPicture, has_record: bool) -> RealPhoto:
    name = picture.path.name
    reading = bench.reading(lambda: read_photo(bench.read, picture.path))
    accepted = reading.query_input is not None
    words = "; ".join(reading.warnings) if accepted else reading.refused
    judged = Judged(name, picture.group, picture.is_ecg, accepted, reading.confidence, words)
    found, turns = None, None
    if has_record and picture.ecg_id:
        found = bench.ask(reading, picture.ecg_id, name, picture.group)
    if picture.is_ecg and accepted:
        take = lambda turn: read_photo(bench.read, quarter_turned(bench.pixels(picture.path), turn))
        turns = read_turns(take, reading, name, picture.stored_turn_deg)
    return RealPhoto(judged, found, turns)


def evaluate_level(
    bench: Bench, case_ids: Sequence[str], level: str, simulate: Simulate, saved: Saved
) -> Iterator[Outcome]:
    """The outcomes of one level's simulated photos, one by one; what is saved is not made again."""
    for case_id in case_ids:
        if case_id in saved.known:
            yield Outcome.from_json(saved.known[case_id])
            continue
        take = lambda case_id=case_id: read_simulated(bench.read, simulate(case_id, level))
        found = bench.ask(bench.reading(take), case_id, case_id, level)
        saved.add(case_id, asdict(found))
        yield found


def summarise(
    real: RealResults,
    simulated: Sequence[Outcome],
    *,
    source: str,
    gallery: int,
    rng: np.random.Generator,
) -> PhotosResults:
    """All figures with their intervals."""
    outcomes = (*real.outcomes, *simulated)
    sheets = [one for one in real.judged if one.group != PictureGroup.PARTIAL]
    strips = [one for one in real.judged if one.group == PictureGroup.PARTIAL]
    both = len({one.is_ecg for one in sheets}) == 2
    return PhotosResults(
        source,
        gallery,
        real.left_out,
        found_scores(outcomes),
        truth_scores(simulated, rng),
        causes(outcomes),
        times(outcomes, rng),
        orientation_scores(real.turns) if real.turns else None,
        gate_scores(sheets, rng) if both else None,
        strip_scores(strips) if strips else None,
        outcomes,
        tuple(real.judged),
    )
