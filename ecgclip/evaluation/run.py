"""`run`: one protocol on one folder, from paths to a report; what `ecgclip evaluate` calls."""

import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from difflib import get_close_matches
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import assert_never

import numpy as np

from ecgclip.errors import ConfigError, RecordError
from ecgclip.evaluation.corpus import Progress
from ecgclip.evaluation.photos_report import PhotosReport
from ecgclip.evaluation.retrieval_report import RetrievalReport

Report = RetrievalReport | PhotosReport
"""Both have `.table()` for people and `.to_json()` for machines."""


class Protocol(StrEnum):
    """What can be evaluated."""

    RETRIEVAL = "retrieval"
    PHOTOS = "photos"


def protocol_of(name: str) -> Protocol:
    """The protocol of that name; ConfigError naming the nearest for an unknown one."""
    try:
        return Protocol(name)
    except ValueError:
        near = get_close_matches(name, list(Protocol), n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise ConfigError(f"protocol {name!r} is unknown; expected {' or '.join(Protocol)}{hint}") from None


def run(
    protocol: str,
    model_folder: str | Path | None,
    data: str | Path,
    *,
    gallery: str | Path | None = None,
    index: str | Path | None = None,
    seed: int = 0,
    on_progress: Progress | None = None,
) -> Report:
    """Evaluate a model (the shipped one where no folder is given) on `data`.

    retrieval: `data` is a PTB-XL folder; fold 9 asks, folds 1-8 answer.
    photos: `data` holds photos.csv, the photos, and their own records in signals/. The gallery is those and
    the PTB-XL folder `gallery` (default: `ptbxl` beside `data`), built at `index`, or in a temporary folder.
    Errors: ConfigError for an unknown protocol, RecordError, ModelError, IndexStoreError.
    """
    match protocol_of(protocol):
        case Protocol.RETRIEVAL:
            return run_retrieval(Path(data), model_folder, seed, on_progress)
        case Protocol.PHOTOS:
            folder = Path(data)
            prior = Path(gallery) if gallery is not None else folder.resolve().parent / "ptbxl"
            kept = Path(index) if index is not None else None
            return run_photos(folder, prior, model_folder, kept, seed)
        case unknown:
            assert_never(unknown)


def run_retrieval(
    data: Path, model_folder: str | Path | None, seed: int, on_progress: Progress | None = None
) -> RetrievalReport:
    """The retrieval protocol on a PTB-XL folder with its `scp_statements.csv`."""
    from ecgclip.engine.model import load_model
    from ecgclip.evaluation.retrieval_protocol import evaluate_retrieval
    from ecgclip.evaluation.statements import FILE_NAME, read_statements
    from ecgclip.records.reading import open_source

    statements = read_statements(data / FILE_NAME)
    return evaluate_retrieval(
        load_model(model_folder),
        open_source(data, "ptbxl"),
        statements,
        rng=np.random.default_rng(seed),
        on_progress=on_progress,
    )


def run_photos(
    folder: Path, gallery: Path, model_folder: str | Path | None, index: Path | None, seed: int = 0
) -> PhotosReport:
    """The photo protocol by the whole engine, by each of its judges alone and by the random encoder."""
    signals = _signals(folder)
    from ecgclip.engine import Engine
    from ecgclip.engine.model import load_model
    from ecgclip.engine.query import open_index
    from ecgclip.engine.subject import read_subject
    from ecgclip.evaluation.photo_rankers import EmbeddingAlone, TracesAlone, WholeEngine, random_ink
    from ecgclip.evaluation.photos_protocol import evaluate_photos
    from ecgclip.indexing import build_index
    from ecgclip.records.reading import open_source
    from ecgclip.retrieval.rerank import rerank

    model = load_model(model_folder)
    with _folder(index) as place:
        sources = (open_source(gallery, "ptbxl"), open_source(signals, "wfdb"))
        for source in sources:
            build_index(source, place, model)
        with closing(open_index(place, model)) as bundle:
            # A page is rectified once for all ablations; the engine rectifies on its own, as users time it.
            read = lru_cache(maxsize=2)(read_subject)
            rankers = (
                WholeEngine(Engine(model, bundle)),
                EmbeddingAlone(read, model, bundle),
                TracesAlone(read, model, bundle, rerank),
                random_ink(read, sources, np.random.default_rng(seed)),
            )
            case_ids = [case.case_id for case in bundle.cases]
            return evaluate_photos(rankers, folder, case_ids, source=f"{gallery.name} + {signals.name}")


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
