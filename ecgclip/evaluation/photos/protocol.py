"""The photo protocol: is the very record that was photographed found, and is every picture read right?"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ecgclip.errors import RecordError
from ecgclip.evaluation.photos.gate import Judged, gate_scores, strip_scores
from ecgclip.evaluation.photos.outcome import Outcome, Read, Reading, outcome, read_photo
from ecgclip.evaluation.photos.pictures import Group, Picture, ecg_ids, quarter_turned
from ecgclip.evaluation.photos.rankers import Ranker
from ecgclip.evaluation.photos.report import PhotosReport
from ecgclip.evaluation.photos.results import Notes, digest
from ecgclip.evaluation.photos.scores import causes, found_scores, times, truth_scores
from ecgclip.evaluation.photos.truth import deviation
from ecgclip.evaluation.photos.turns import Turns, read_turns, turn_scores
from ecgclip.simulation.photos import SimulatedPhoto

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

    def ask(self, reading: Reading, case: str, photo: str, group: str, notes: Notes, key: str) -> Outcome:
        """Rank the cases for a photo of a case."""
        (ecg_id,) = ecg_ids([case])
        asked = reading.asked
        rankings = {
            ranker.name: notes.ranking(key, ranker, asked) if asked is not None else None
            for ranker in self.rankers
        }
        return outcome(reading, rankings, ecg_id, photo, group)


@dataclass(frozen=True)
class RealResults:
    """What became of the real pictures."""

    outcomes: list[Outcome] = field(default_factory=list)
    judged: list[Judged] = field(default_factory=list)
    turns: list[Turns] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)


def evaluate_real(bench: Bench, pictures: Sequence[Picture], tell: Tell, notes: Notes) -> RealResults:
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
    results = RealResults(left_out=[p.path.name for p in paired if p not in asked])
    for picture in pictures:
        _add(results, bench, picture, picture in asked, notes)
        tell(f"{picture.path.name}: {results.judged[-1].words or 'accepted'}")
    return results


def _add(results: RealResults, bench: Bench, picture: Picture, asked: bool, notes: Notes) -> None:
    name = picture.path.name
    key = f"{name} {digest(picture.path.read_bytes())}"
    reading = notes.reading(key, lambda: read_photo(bench.read, picture.path))
    accepted = reading.asked is not None
    words = "; ".join(reading.warnings) if accepted else reading.refused
    judged = Judged(name, picture.group, picture.is_ecg, accepted, reading.confidence, words)
    results.judged.append(judged)
    if asked and picture.ecg_id:
        results.outcomes.append(bench.ask(reading, picture.ecg_id, name, picture.group, notes, key))
    if picture.is_ecg and accepted:
        take = lambda turn: notes.reading(f"{key} turned {turn}", lambda: _read_turned(bench, picture, turn))
        results.turns.append(read_turns(take, reading, name, picture.stored_turn_deg))


def _read_turned(bench: Bench, picture: Picture, turn_deg: int) -> Reading:
    return read_photo(bench.read, quarter_turned(bench.pixels(picture.path), turn_deg))


@dataclass(frozen=True)
class Camera:
    """Takes simulated photos: of a case_id at a level. record: case_id -> digest of its signal."""

    simulate: Callable[[str, str], SimulatedPhoto]
    record: Callable[[str], str]


def evaluate_level(
    bench: Bench, case_ids: Sequence[str], level: str, camera: Camera, notes: Notes
) -> Iterator[Outcome]:
    """The outcomes of one level's simulated photos, one by one; what is noted of them is not made again."""
    for case_id in case_ids:
        key = f"{case_id} {camera.record(case_id)}"
        reading = notes.reading(key, partial(_read_simulated, bench, camera, case_id, level))
        yield bench.ask(reading, case_id, case_id, level, notes, key)


def _read_simulated(bench: Bench, camera: Camera, case_id: str, level: str) -> Reading:
    return read_simulated(bench.read, camera.simulate(case_id, level))


def read_simulated(read: Read, taken: SimulatedPhoto) -> Reading:
    """What is read of a simulated photo, and how far from the truth."""
    reading = read_photo(read, taken.photo.image)
    page = reading.asked.photo if reading.asked else None
    if page is None:
        return reading
    return replace(reading, deviation=deviation(page, taken.photo.to_page, taken.layout.label))


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
