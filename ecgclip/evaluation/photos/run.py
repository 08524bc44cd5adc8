"""`run_photos`: the photo protocol from folders to results."""

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
from ecgclip.evaluation.bootstrap import generator
from ecgclip.evaluation.photos.options import PhotoOptions
from ecgclip.evaluation.photos.outcome import Outcome
from ecgclip.evaluation.photos.pictures import RealPicture, read_pictures
from ecgclip.evaluation.photos.protocol import (
    Bench,
    Log,
    RealResults,
    evaluate_level,
    evaluate_real,
    summarise,
)
from ecgclip.evaluation.photos.rankers import EmbeddingAlone, TracesAlone, WholeEngine, random_ink
from ecgclip.evaluation.photos.results import PhotosResults
from ecgclip.evaluation.photos.saved_run import SavedRun, digest, open_run
from ecgclip.evaluation.photos.worst_photos import (
    Candidate,
    real_candidates,
    save_contact_sheets,
    severity,
    sheet_row,
    summary,
)
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
from ecgclip.typing import Ink

QUERY_FOLD: Final = 9
"""Its records are photographed by the simulated camera."""
_REAL: Final = "real"
"""The group of the real pictures among the saved results."""


def run_photos(
    data: str | Path,
    model: str | Path | None = None,
    options: PhotoOptions | None = None,
    *,
    gallery: str | Path | None = None,
    index: str | Path | None = None,
    seed: int = 0,
    on_progress: Progress | None = None,
    log: Log = lambda words: None,
) -> PhotosResults:
    """`ecgclip evaluate photos`: the whole engine, its embedding and its traces alone, the random encoder.

    data: a folder with photos.csv, the pictures and the photographed records in signals/.
    model: a folder or name, None for the shipped weights.
    gallery: a PTB-XL folder, by default `ptbxl` beside the data. It and the photographed records are indexed
    at `index`, or in a temporary folder.
    on_progress: counts simulated photos; log: takes a line about every picture and level.
    Errors: ConfigError for impossible options, RecordError, ModelError, IndexStoreError.
    """
    folder = Path(data)
    prior = Path(gallery) if gallery is not None else folder.resolve().parent / "ptbxl"
    signals = _signals(folder)
    options = options or PhotoOptions()
    options.check()
    rng = generator(seed)
    pictures = read_pictures(folder) if options.real else ()
    weights = load_model(model)
    with _index_folder(index) as place:
        sources = (open_source(prior, "ptbxl"), open_source(signals, "wfdb"))
        for source in sources:
            log(f"indexing {source.name}")
            build_index(source, place, weights)
        with closing(open_index(place, weights)) as bundle:
            run = _Run(weights, bundle, {source.name: source for source in sources}, options, seed)
            bench, saved_run = run.bench()
            with saved_run.group(_REAL) as saved:
                real = evaluate_real(bench, pictures, log, saved)
            simulated = run.simulated(bench, saved_run, on_progress, log)
            run.save_sheets(pictures, real, simulated, log)
            name = f"{prior.name} + {signals.name}"
            return summarise(real, simulated, source=name, gallery=len(bundle), rng=rng)


@dataclass(frozen=True, eq=False)
class _Run:
    """The model, index and sources that a run uses."""

    model: Model
    bundle: Bundle
    sources: Mapping[str, RecordSource]
    options: PhotoOptions
    seed: int

    def bench(self) -> tuple[Bench, SavedRun]:
        """What is measured, and the folder in which the outcomes are saved."""
        case_ids = tuple(case.case_id for case in self.bundle.cases)
        traces = self.bundle.traces(range(len(case_ids)))
        rankers = (
            WholeEngine(Engine(self.model, self.bundle)),
            EmbeddingAlone(self.model, self.bundle),
            TracesAlone(case_ids, traces, rerank),
            random_ink(tuple(self.sources.values()), np.random.default_rng(self.seed)),
        )
        gallery = digest(*case_ids, np.ascontiguousarray(traces).tobytes())
        depends_on = {"model": self.model.hash, "gallery": gallery, "seed": str(self.seed)}
        bench = Bench(read_query, lambda path: load(path).rgb, rankers, case_ids)
        return bench, open_run(self.options.results, depends_on)

    def simulated(
        self, bench: Bench, saved_run: SavedRun, on_progress: Progress | None, log: Log
    ) -> list[Outcome]:
        """The outcomes of all levels."""
        case_ids = self._query_cases()
        outcomes: list[Outcome] = []
        levels = self.options.levels if case_ids else ()
        for level in levels:
            start = perf_counter()
            with saved_run.group(level) as saved:
                for outcome in evaluate_level(bench, case_ids, level, self._simulate, saved):
                    outcomes.append(outcome)
                    if on_progress:
                        on_progress(len(outcomes), len(levels) * len(case_ids))
            log(_level_line(level, outcomes[-len(case_ids) :], perf_counter() - start))
        return outcomes

    def save_sheets(
        self, pictures: Sequence[RealPicture], real: RealResults, simulated: Sequence[Outcome], log: Log
    ) -> None:
        """Write the contact sheets that the options name."""
        if self.options.contact_sheet is None:
            return
        engine = Engine(self.model, self.bundle)
        candidates = [*real_candidates(pictures, real), *map(self._candidate, simulated)]
        show = lambda candidate: sheet_row(candidate, engine, self._draw_case)
        for file in save_contact_sheets(self.options.contact_sheet, candidates, show):
            log(f"wrote {file}")

    def _query_cases(self) -> list[str]:
        own = [case for case in self.bundle.cases if case.case_id.partition("/")[0] in self.sources]
        fold = [case.case_id for case in own if case.fold == QUERY_FOLD]
        wanted = len(fold) if self.options.simulated is None else min(self.options.simulated, len(fold))
        return [fold[i] for i in np.linspace(0, len(fold) - 1, wanted).round().astype(int)] if wanted else []

    def _candidate(self, outcome: Outcome) -> Candidate:
        image = partial(self._image, outcome.photo, outcome.group)
        return Candidate(outcome.photo, outcome.group, severity(outcome), summary(outcome), image)

    def _image(self, case_id: str, level: str) -> Ink:
        return self._simulate(case_id, level).photo.image

    def _simulate(self, case_id: str, level: str) -> SimulatedPhoto:
        return simulated_photo(self._read(case_id), level)

    def _draw_case(self, case_id: str) -> Ink:
        return ink_page(self._read(case_id), CANONICAL, CANONICAL_PX_PER_MM)

    def _read(self, case_id: str) -> Ecg:
        source, _, record_id = case_id.partition("/")
        return self.sources[source].read(record_id)


def _level_line(level: str, outcomes: Sequence[Outcome], seconds: float) -> str:
    first = sum(outcome.first_rank == 1 for outcome in outcomes)
    refused = sum(bool(outcome.refused) for outcome in outcomes)
    return f"{level}: {len(outcomes)} photos, {first} found first, {refused} refused, {seconds:.0f} s"


def _signals(folder: Path) -> Path:
    signals = folder / "signals"
    if not signals.is_dir():
        raise RecordError(f"{signals} is missing; expected the records of the photos there, as WFDB files")
    return signals


@contextmanager
def _index_folder(index: str | Path | None) -> Iterator[Path]:
    if index is not None:
        yield Path(index)
        return
    with tempfile.TemporaryDirectory(prefix="ecgclip-") as folder:
        yield Path(folder) / "index"
