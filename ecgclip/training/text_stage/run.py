"""From a trained model and records to the same model with another text tower."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ecgclip.config import save_config
from ecgclip.encoders.checkpoint import load_model, save_model
from ecgclip.encoders.export import export_model
from ecgclip.encoders.model import EcgClip
from ecgclip.errors import RecordError
from ecgclip.records.source import RecordSource
from ecgclip.training.cache import SignalCache
from ecgclip.training.run import Log, prepared_cache
from ecgclip.training.text_stage.loop import best_blend, learn
from ecgclip.training.text_stage.material import Vectors, material
from ecgclip.training.text_stage.questions import questions_of
from ecgclip.training.text_stage.settings import TextStage
from ecgclip.training.text_stage.validate import Figures
from ecgclip.training.texts import reports_without_recordings, statement_names
from ecgclip.training.validate import embed_rows


def run_text_stage(
    config: TextStage,
    model: Path,
    sources: Sequence[RecordSource],
    folders: Sequence[Path],
    out: Path,
    *,
    cache: Path | None = None,
    pages: Path | None = None,
) -> Figures:
    """Train the text tower further and write `out/model`, which `--model` takes; returns held-out figures.

    model: folder that training wrote (`last` or `model`); the image tower leaves as it came.
    cache: an earlier run's, instead of reading the sources into `out/cache`. pages: .npy of the page
    embeddings, [record of the cache, dim]; without it they are computed and kept as `out/pages.npy`.
    """
    log = Log(out / "log.txt")
    tower, tokenizer = load_model(model)
    known = prepared_cache(sources, cache or out / "cache")
    dim = tower.config.dim
    vectors = (
        checked_pages(pages, len(known.rows), dim) if pages else page_vectors(tower, known, out / "pages.npy")
    )
    records, held_out = (material(known, vectors, folds) for folds in (config.folds, (config.valid_fold,)))
    if not records.codes or not held_out.codes:
        raise RecordError(
            f"{len(records.codes)} records in folds {config.folds}, {len(held_out.codes)} in fold "
            f"{config.valid_fold}; expected some in both, such as PTB-XL's"
        )
    save_config(config, out / "text_stage.toml")
    described: list[Path | None] = [folder / "scp_statements.csv" for folder in folders]
    names = [name for path in described or [None] for name in statement_names(path)]
    questions = questions_of(records.reports, records.codes, names)
    if not questions.names:
        raise RecordError("no training record has an SCP statement; expected such as {'AFIB': 100.0}")
    further = further_reports(folders, config)
    log(f"{len(records.codes)} records, {len(further)} further reports, {len(questions.names)} names")
    log(f"{len(questions.pieces)} pieces of reports")
    learned = learn(tower, tokenizer, records, questions, further, config, log)
    best, found = best_blend(tower, learned, tokenizer, held_out, log)
    save_model(best, tokenizer, out / "model", half=True)
    export_model(best, tokenizer, out / "model")
    log(f"wrote {out / 'model'}: {found}")
    return found


def page_vectors(model: EcgClip, cache: SignalCache, path: Path) -> Vectors:
    """The clean pages of all records as the image tower sees them, [record, dim], kept at `path`."""
    vectors = embed_rows(model, cache, np.arange(len(cache.rows)))
    path.parent.mkdir(parents=True, exist_ok=True)
    np.save(path, vectors)
    return vectors


def checked_pages(path: Path, count: int, dim: int) -> Vectors:
    """Page embeddings that were kept; RecordError where they are of other records or another model."""
    vectors = np.load(path)
    if vectors.shape != (count, dim):
        raise RecordError(f"{path} holds {vectors.shape}; expected ({count}, {dim}): leave out --pages")
    return np.asarray(vectors, np.float32)


def further_reports(folders: Sequence[Path], config: TextStage) -> list[str]:
    """Reports of the training folds without a recording."""
    paths = [folder / "reports_without_waveforms.csv" for folder in folders]
    found = [reports_without_recordings(path, config.folds) for path in paths if path.is_file()]
    return [report.text for reports in found for report in reports]
