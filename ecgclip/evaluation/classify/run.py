"""`run_classify`: the classification protocol from folders to a report."""

from collections.abc import Sequence
from functools import partial
from importlib import import_module
from pathlib import Path

import numpy as np

from ecgclip.engine.model import load_model
from ecgclip.engine.query_input import read_query
from ecgclip.errors import MissingExtraError
from ecgclip.evaluation.classify.labels import read_taxonomy
from ecgclip.evaluation.classify.photos import Photos
from ecgclip.evaluation.classify.protocol import ClassifyOptions, evaluate_classify
from ecgclip.evaluation.classify.results import ClassifyReport
from ecgclip.evaluation.classify.settings import ClassifySettings
from ecgclip.evaluation.photos.outcome import Reading
from ecgclip.evaluation.photos.protocol import read_simulated
from ecgclip.evaluation.photos.results import Results
from ecgclip.evaluation.photos.states import reader_state, record_digest
from ecgclip.evaluation.retrieval.baselines.signal_network import load_signal_features
from ecgclip.evaluation.retrieval.corpus import Method, Progress
from ecgclip.evaluation.statements import FILE_NAME, read_statements
from ecgclip.paper.page import CanonicalPage
from ecgclip.records.ecg import Ecg
from ecgclip.records.reading import open_source
from ecgclip.records.source import RecordSource
from ecgclip.simulation.photos import simulated_photo


def run_classify(
    data: Path,
    model_folder: str | Path | None,
    settings: ClassifySettings,
    *,
    seed: int = 0,
    on_progress: Progress | None = None,
) -> ClassifyReport:
    """The classification protocol on a PTB-XL folder with its `scp_statements.csv`.

    Errors: ConfigError for impossible settings, MissingExtraError without scikit-learn; RecordError and
    ModelError where data or model do not fit.
    """
    settings.check()
    try:
        import_module("sklearn")
    except ModuleNotFoundError:
        raise MissingExtraError("scikit-learn", "train") from None
    statements = read_statements(data / FILE_NAME)
    taxonomy = read_taxonomy(data / FILE_NAME, settings.label_sets)
    source = open_source(data, "ptbxl")
    more: list[Method] = []
    if settings.signal_network is not None:
        more.append(load_signal_features(settings.signal_network))
    challenge = settings.challenge
    strangers = open_source(challenge, "wfdb") if challenge is not None else None
    camera = partial(read_photos, source, Results(settings.results, reader_state(), {}), on_progress)
    photos = Photos(camera, settings.levels, settings.photos) if settings.levels else None
    return evaluate_classify(
        load_model(model_folder),
        source,
        statements,
        taxonomy,
        rng=np.random.default_rng(seed),
        options=ClassifyOptions(settings.draws, parts=settings.parts),
        more=more,
        strangers=strangers,
        photos=photos,
        on_progress=on_progress,
    )


def read_photos(
    source: RecordSource, results: Results, on_progress: Progress | None, level: str, case_ids: Sequence[str]
) -> list[CanonicalPage | None]:
    """The page of each case's simulated photo, None where refused; what `results` knows is not read."""
    pages: list[CanonicalPage | None] = []
    with results.notes(level) as notes:
        for done, case_id in enumerate(case_ids, 1):
            ecg = source.read(case_id.partition("/")[2])
            reading = notes.reading(f"{case_id} {record_digest(ecg)}", partial(_photographed, ecg, level))
            pages.append(reading.asked.page if reading.asked is not None else None)
            if on_progress:
                on_progress(done, len(case_ids))
    return pages


def _photographed(ecg: Ecg, level: str) -> Reading:
    return read_simulated(read_query, simulated_photo(ecg, level))
