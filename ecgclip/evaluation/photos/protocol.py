"""The photo protocol: is the very record that was photographed found, and is every picture read right?"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ecgclip.errors import RecordError
from ecgclip.evaluation.photos.gate import Judged, gate_scores, strip_scores
from ecgclip.evaluation.photos.outcome import Image, Outcome, Read, Reading, ask, read_photo
from ecgclip.evaluation.photos.pictures import Group, Picture, ecg_ids
from ecgclip.evaluation.photos.rankers import Ranker
from ecgclip.evaluation.photos.report import PhotosReport
from ecgclip.evaluation.photos.results import Kept
from ecgclip.evaluation.photos.scores import causes, found_scores, times, truth_scores
from ecgclip.evaluation.photos.truth import deviation
from ecgclip.evaluation.photos.turns import Turns, read_turns, turn_scores
from ecgclip.evaluation.simulated_photos import SimulatedPhoto

Tell = Callable[[str], None]
Upright = Callable[[Path], npt.NDArray[np.uint8]]
"""The pixels of a picture file, RGB, as its EXIF says they are to be seen."""


@dataclass(frozen=True, eq=False)
class Bench:
    """What photos are asked of: one reading serves all rankers; the first of them is the one that is timed.

    gallery: case_ids of the index.
    """

    read: Read
    pixels: Upright
    rankers: Sequence[Ranker]
    gallery: Sequence[str]

    def warm_up(self, image: Image) -> None:
        """Ask once before the clock runs: what is loaded once is no part of a query."""
        ask(read_photo(self.read, image), self.rankers, "", "", "")

    def ask(self, reading: Reading, case: str, photo: str, group: str) -> Outcome:
        """Rank the cases for a photo of a case."""
        (ecg_id,) = ecg_ids([case])
        return ask(reading, self.rankers, ecg_id, photo, group)


@dataclass(frozen=True)
class RealResults:
    """What became of the real pictures."""

    outcomes: list[Outcome] = field(default_factory=list)
    judged: list[Judged] = field(default_factory=list)
    turns: list[Turns] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)


def evaluate_real(bench: Bench, pictures: Sequence[Picture], tell: Tell) -> RealResults:
    """Read every picture once, ask for those of known records, and turn those that were accepted.

    Photos whose record the gallery lacks are judged and turned, but not asked.
    Errors: RecordError where there are photos of known records, but the gallery has none of them.
    """
    known = ecg_ids(bench.gallery)
    paired = [picture for picture in pictures if picture.ecg_id]
    asked = [picture for picture in paired if picture.ecg_id in known]
    if paired and not asked:
        raise RecordError(
            f"of {len(paired)} paired photos none has its record among {len(bench.gallery)} cases; "
            "build the index from the records that were photographed"
        )
    if asked:
        bench.warm_up(asked[0].path)
    results = RealResults(left_out=[p.path.name for p in paired if p not in asked])
    for picture in pictures:
        _add(results, bench, picture, picture in asked)
        tell(f"{picture.path.name}: {results.judged[-1].words or 'accepted'}")
    return results


def _add(results: RealResults, bench: Bench, picture: Picture, asked: bool) -> None:
    name = picture.path.name
    reading = read_photo(bench.read, picture.path)
    accepted = reading.subject is not None
    words = "; ".join(reading.warnings) if accepted else reading.refused
    judged = Judged(name, picture.group, picture.is_ecg, accepted, reading.confidence, words)
    results.judged.append(judged)
    if asked and picture.ecg_id:
        results.outcomes.append(bench.ask(reading, picture.ecg_id, name, picture.group))
    if picture.is_ecg and accepted:
        rgb = bench.pixels(picture.path)
        results.turns.append(read_turns(bench.read, rgb, reading, name, picture.stored_turn_deg))


def evaluate_level(
    bench: Bench,
    case_ids: Sequence[str],
    level: str,
    simulate: Callable[[str, str], SimulatedPhoto],
    kept: Kept,
) -> Iterator[Outcome]:
    """The outcomes of one level's simulated photos, one by one; those that are kept are not asked again."""
    for case_id in case_ids:
        if case_id not in kept.known:
            kept.add(_simulated(bench, case_id, level, simulate(case_id, level)))
        yield kept.known[case_id]


def _simulated(bench: Bench, case_id: str, level: str, taken: SimulatedPhoto) -> Outcome:
    reading = read_photo(bench.read, taken.photo.image)
    outcome = bench.ask(reading, case_id, case_id, level)
    page = reading.subject.page if reading.subject else None
    if page is None:
        return outcome
    return replace(outcome, deviation=deviation(page, taken.photo.to_page, taken.layout.label))


def summarise(
    real: RealResults,
    simulated: Sequence[Outcome],
    *,
    source: str,
    gallery: int,
    rng: np.random.Generator,
) -> PhotosReport:
    """All figures with their intervals."""
    outcomes = (*real.outcomes, *simulated)
    sheets = [one for one in real.judged if one.group != Group.PARTIAL]
    strips = [one for one in real.judged if one.group == Group.PARTIAL]
    both = len({one.is_ecg for one in sheets}) == 2
    return PhotosReport(
        source,
        gallery,
        len(real.left_out),
        found_scores(outcomes),
        truth_scores(simulated, rng),
        causes(outcomes),
        times(outcomes, rng),
        turn_scores(real.turns) if real.turns else None,
        gate_scores(sheets, rng) if both else None,
        strip_scores(strips) if strips else None,
        outcomes,
        tuple(real.judged),
    )
