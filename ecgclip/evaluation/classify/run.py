"""`run_classify`: the classification protocol from folders to results."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Final

from ecgclip.engine.model import load_model
from ecgclip.engine.query_input import read_query
from ecgclip.errors import ConfigError, MissingExtraError
from ecgclip.evaluation.bootstrap import generator
from ecgclip.evaluation.classify.labels import CODE_SIX_SET, read_taxonomy
from ecgclip.evaluation.classify.photos import Photos
from ecgclip.evaluation.classify.protocol import evaluate_classify
from ecgclip.evaluation.classify.results import ClassifyResults
from ecgclip.evaluation.classify.settings import ClassifySettings, Part
from ecgclip.evaluation.photos.outcome import read_simulated
from ecgclip.evaluation.retrieval.baselines.signal_network import load_signal_features
from ecgclip.evaluation.retrieval.corpus import Method, Progress
from ecgclip.evaluation.statements import read_statements, statements_file
from ecgclip.paper.page import CanonicalPage
from ecgclip.records.reading import open_source
from ecgclip.records.source import RecordSource
from ecgclip.simulation.photos import simulated_photo

CODE_SIX: Final = "code-six"
"""Probes and zero-shot of the six statements nearest to those of CODE."""


def run_classify(
    data: str | Path,
    model: str | Path | None = None,
    settings: ClassifySettings | None = None,
    *,
    part: str | None = None,
    seed: int = 0,
    on_progress: Progress | None = None,
) -> ClassifyResults:
    """`ecgclip evaluate classify`: train on folds 1-8 of a PTB-XL folder or a table, test on fold 9.

    model: a folder or name, None for the shipped weights. part: probe, zero-shot or subgroups, to be measured
    alone; code-six for probes and zero-shot of the six classes nearest to CODE's.
    Errors: ConfigError for impossible settings, MissingExtraError without scikit-learn; RecordError and
    ModelError where data or model do not fit.
    """
    settings = settings or ClassifySettings()
    settings = settings if part is None else narrowed(settings, part)
    settings.check()
    rng = generator(seed)
    try:
        import_module("sklearn")
    except ModuleNotFoundError:
        raise MissingExtraError("scikit-learn", "train") from None
    table = statements_file(data)
    statements, taxonomy = read_statements(table), read_taxonomy(table, settings.label_sets)
    source, network = open_source(data), settings.signal_network
    more: list[Method] = [load_signal_features(network)] if network is not None else []
    external = open_source(settings.challenge, "wfdb") if settings.challenge is not None else None
    read = partial(read_photos, source, on_progress)
    results = evaluate_classify(
        load_model(model),
        source,
        statements,
        taxonomy,
        rng=rng,
        settings=settings,
        more=more,
        external=external,
        photos=Photos(read, settings.levels, settings.photos) if settings.levels else None,
        on_progress=on_progress,
    )
    return replace(results, protocol=part or results.protocol)


def narrowed(settings: ClassifySettings, part: str) -> ClassifySettings:
    """The settings with one part alone; ConfigError for an unknown one."""
    if part == CODE_SIX:
        return replace(settings, parts=(Part.PROBE, Part.ZERO_SHOT), label_sets=(CODE_SIX_SET,))
    if part not in list(Part):
        raise ConfigError(f"part {part!r} is unknown; expected {', '.join(Part)} or {CODE_SIX}")
    return replace(settings, parts=(Part(part),))


def read_photos(
    source: RecordSource, on_progress: Progress | None, level: str, case_ids: Sequence[str]
) -> list[CanonicalPage | None]:
    """The page of each case's simulated photo, None where it was refused."""
    pages: list[CanonicalPage | None] = []
    for done, case_id in enumerate(case_ids, 1):
        ecg = source.read(case_id.partition("/")[2])
        reading = read_simulated(read_query, simulated_photo(ecg, level))
        pages.append(reading.query_input.page if reading.query_input is not None else None)
        if on_progress:
            on_progress(done, len(case_ids))
    return pages
