"""`run`: one protocol on one folder, from paths to a report; what `ecgclip evaluate` calls."""

from collections.abc import Callable
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, assert_never

import numpy as np

from ecgclip.errors import ConfigError
from ecgclip.evaluation.corpus import Progress
from ecgclip.evaluation.photos.report import PhotosReport
from ecgclip.evaluation.retrieval_report import RetrievalReport

if TYPE_CHECKING:
    from ecgclip.evaluation.photos.options import PhotoOptions

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
    photos: "PhotoOptions | None" = None,
    seed: int = 0,
    on_progress: Progress | None = None,
    tell: Callable[[str], None] = lambda words: None,
) -> Report:
    """Evaluate a model (the shipped one where no folder is given) on `data`.

    retrieval: `data` is a PTB-XL folder; fold 9 asks, folds 1-8 answer.
    photos: `data` holds photos.csv, the photos, and their own records in signals/. The gallery is those and
    the PTB-XL folder `gallery` (default: `ptbxl` beside `data`), built at `index`, or in a temporary folder.
    Simulated photos of its fold 9 are asked as `photos` says. `tell` is given lines about what is done.
    Errors: ConfigError for an unknown protocol, RecordError, ModelError, IndexStoreError.
    """
    match protocol_of(protocol):
        case Protocol.RETRIEVAL:
            return run_retrieval(Path(data), model_folder, seed, on_progress)
        case Protocol.PHOTOS:
            from ecgclip.evaluation.photos.options import PhotoOptions
            from ecgclip.evaluation.photos.run import run_photos

            folder = Path(data)
            prior = Path(gallery) if gallery is not None else folder.resolve().parent / "ptbxl"
            kept = Path(index) if index is not None else None
            return run_photos(
                folder,
                prior,
                model_folder,
                kept,
                photos or PhotoOptions(),
                seed=seed,
                on_progress=on_progress,
                tell=tell,
            )
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
