"""`run_photos`: the photo protocol from folders to a report."""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Final

import numpy as np

from ecgclip.engine.model import Model, load_model
from ecgclip.engine.query import Engine, open_index
from ecgclip.engine.query_input import read_query
from ecgclip.errors import RecordError
from ecgclip.evaluation.photos.exhibits import (
    Candidate,
    Ink,
    exhibit,
    said,
    save_contact_sheets,
    severity,
)
from ecgclip.evaluation.photos.options import PhotoOptions
from ecgclip.evaluation.photos.outcome import Outcome
from ecgclip.evaluation.photos.pictures import Picture, read_pictures
from ecgclip.evaluation.photos.protocol import (
    Bench,
    Camera,
    RealResults,
    Tell,
    evaluate_level,
    evaluate_real,
    summarise,
)
from ecgclip.evaluation.photos.random_ink import random_ink
from ecgclip.evaluation.photos.rankers import EmbeddingAlone, WholeEngine
from ecgclip.evaluation.photos.report import PhotosReport
from ecgclip.evaluation.photos.results import Results
from ecgclip.evaluation.photos.states import ranker_states, reader_state, record_digest
from ecgclip.evaluation.photos.traces_alone import TracesAlone
from ecgclip.evaluation.retrieval.corpus import Progress
from ecgclip.indexing.build import build_index
from ecgclip.paper.geometry import CANONICAL, CANONICAL_PX_PER_MM
from ecgclip.paper.raster import ink_page
from ecgclip.photo.loading.load import load
from ecgclip.records.ecg import Ecg
from ecgclip.records.reading import open_source
from ecgclip.records.source import RecordSource
from ecgclip.retrieval.rerank import rerank
from ecgclip.retrieval.store.bundle import Bundle
from ecgclip.simulation.photos import SimulatedPhoto, simulated_photo

QUERY_FOLD: Final = 9
"""Its records are photographed by the simulated camera."""
_REAL: Final = "real"
"""Name of the real pictures' files among the results."""


def run_photos(
    folder: Path,
    gallery: Path,
    model_folder: str | Path | None,
    index: Path | None,
    options: PhotoOptions,
    *,
    seed: int = 0,
    on_progress: Progress | None = None,
    tell: Tell = lambda words: None,
) -> PhotosReport:
    """The photo protocol by the whole engine, by each of its judges alone and by the random encoder.

    folder: photos.csv, the pictures and the photographed records in signals/; gallery: a PTB-XL folder.
    on_progress: counts simulated photos; tell: a line about every picture and level.
    """
    signals = _signals(folder)
    options.check()
    pictures = read_pictures(folder) if options.real else ()
    model = load_model(model_folder)
    with _folder(index) as place:
        sources = (open_source(gallery, "ptbxl"), open_source(signals, "wfdb"))
        for source in sources:
            tell(f"indexing {source.name}")
            build_index(source, place, model)
        with closing(open_index(place, model)) as bundle:
            desk = _Desk(model, bundle, {source.name: source for source in sources}, options, seed)
            bench, results = desk.bench()
            with results.notes(_REAL) as notes:
                real = evaluate_real(bench, pictures, tell, notes)
            simulated = desk.simulated(bench, results, on_progress, tell)
            desk.show(pictures, real, simulated, tell)
            rng = np.random.default_rng(seed)
            name = f"{gallery.name} + {signals.name}"
            return summarise(real, simulated, source=name, gallery=len(bundle), rng=rng)


@dataclass(frozen=True, eq=False)
class _Desk:
    """Everything that is open during a run."""

    model: Model
    bundle: Bundle
    sources: Mapping[str, RecordSource]
    options: PhotoOptions
    seed: int

    def bench(self) -> tuple[Bench, Results]:
        """What the photos are asked of, and the folder where the answers are kept."""
        case_ids = tuple(case.case_id for case in self.bundle.cases)
        traces = self.bundle.traces(range(len(case_ids)))
        rankers = (
            WholeEngine(Engine(self.model, self.bundle)),
            EmbeddingAlone(self.model, self.bundle),
            TracesAlone(case_ids, traces, rerank),
            random_ink(tuple(self.sources.values()), np.random.default_rng(self.seed)),
        )
        states = ranker_states(self.model.hash, case_ids, traces, self.seed)
        results = Results(self.options.results, reader_state(), states)
        return Bench(read_query, lambda path: load(path).rgb, rankers, case_ids), results

    def simulated(
        self, bench: Bench, results: Results, on_progress: Progress | None, tell: Tell
    ) -> list[Outcome]:
        """The outcomes of all levels."""
        case_ids = self._query_cases()
        camera = Camera(self.simulate, lambda case_id: record_digest(self._read(case_id)))
        outcomes: list[Outcome] = []
        levels = self.options.levels if case_ids else ()
        for level in levels:
            start = perf_counter()
            with results.notes(level) as notes:
                for outcome in evaluate_level(bench, case_ids, level, camera, notes):
                    outcomes.append(outcome)
                    if on_progress:
                        on_progress(len(outcomes), len(levels) * len(case_ids))
            tell(_level_line(level, outcomes[-len(case_ids) :], perf_counter() - start))
        return outcomes

    def simulate(self, case_id: str, level: str) -> SimulatedPhoto:
        return simulated_photo(self._read(case_id), level)

    def _read(self, case_id: str) -> Ecg:
        source, _, record_id = case_id.partition("/")
        return self.sources[source].read(record_id)

    def show(
        self, pictures: Sequence[Picture], real: RealResults, simulated: Sequence[Outcome], tell: Tell
    ) -> None:
        """Write the contact sheets that were asked for."""
        if self.options.contact_sheet is None:
            return
        engine = Engine(self.model, self.bundle)
        candidates = [*real_candidates(pictures, real), *self._simulated_candidates(simulated)]
        show = lambda candidate: exhibit(candidate, engine, self.draw_case)
        for file in save_contact_sheets(self.options.contact_sheet, candidates, show):
            tell(f"wrote {file}")

    def draw_case(self, case_id: str) -> Ink:
        return ink_page(self._read(case_id), CANONICAL, CANONICAL_PX_PER_MM)

    def _query_cases(self) -> list[str]:
        own = [case for case in self.bundle.cases if case.case_id.partition("/")[0] in self.sources]
        fold = [case.case_id for case in own if case.fold == QUERY_FOLD]
        wanted = len(fold) if self.options.simulated is None else min(self.options.simulated, len(fold))
        return [fold[i] for i in np.linspace(0, len(fold) - 1, wanted).round().astype(int)] if wanted else []

    def _simulated_candidates(self, outcomes: Sequence[Outcome]) -> list[Candidate]:
        return [
            Candidate(o.photo, o.group, severity(o), said(o), partial(self._image, o.photo, o.group))
            for o in outcomes
        ]

    def _image(self, case_id: str, level: str) -> Ink:
        return self.simulate(case_id, level).photo.image


def real_candidates(pictures: Sequence[Picture], real: RealResults) -> list[Candidate]:
    """The real pictures: photos of known records by their rank, all others by the gate's judgement."""
    outcomes = {outcome.photo: outcome for outcome in real.outcomes}
    turned = {turns.photo: sum(turns.right) for turns in real.turns}
    found = []
    for picture, judged in zip(pictures, real.judged, strict=True):
        outcome = outcomes.get(judged.photo)
        badness = (
            severity(outcome) if outcome else 4 * int(_misjudged(picture, judged.accepted, judged.words))
        )
        words = said(outcome) if outcome else "accepted" if judged.accepted else "refused"
        right = turned.get(judged.photo)
        if right is not None:
            words += f", {right} of 4 turns right"
            badness = max(badness, int(right < 4))
        found.append(Candidate(judged.photo, judged.group, badness, words, partial(_path, picture)))
    return found


def _misjudged(picture: Picture, accepted: bool, words: str) -> bool:
    """Whole sheets must be accepted, pictures that are none refused, strips not accepted in silence."""
    if picture.is_ecg:
        return not accepted
    return accepted and not (picture.is_strip and words)


def _path(picture: Picture) -> Path:
    return picture.path


def _level_line(level: str, outcomes: Sequence[Outcome], seconds: float) -> str:
    first = sum(next(iter(outcome.ranks.values())) == 1 for outcome in outcomes)
    refused = sum(bool(outcome.refused) for outcome in outcomes)
    return f"{level}: {len(outcomes)} photos, {first} found first, {refused} refused, {seconds:.0f} s"


def _signals(folder: Path) -> Path:
    signals = folder / "signals"
    if not signals.is_dir():
        raise RecordError(f"{signals} is missing; expected the records of the photos there, as WFDB files")
    return signals


@contextmanager
def _folder(kept: Path | None) -> Iterator[Path]:
    if kept is not None:
        yield kept
        return
    with tempfile.TemporaryDirectory(prefix="ecgclip-") as folder:
        yield Path(folder) / "index"
