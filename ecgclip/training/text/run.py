"""The text stage from a trained model and record sources to the model with another text tower."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ecgclip.config import save_config
from ecgclip.errors import RecordError
from ecgclip.records.source import RecordSource
from ecgclip.training.run_folder import Log, check_unfinished
from ecgclip.training.sources import known_cache, prepared_cache
from ecgclip.training.text.data import text_data
from ecgclip.training.text.loop import best_blend, learn
from ecgclip.training.text.questions import questions_of
from ecgclip.training.text.settings import FILE, TextTraining
from ecgclip.training.text.validate import TextScores
from ecgclip.training.texts import further_reports, statement_names
from ecgclip.training.towers.checkpoint import load_model, save_model
from ecgclip.training.towers.export import export_model
from ecgclip.training.validate import embed_pages


def run_text_training(
    config: TextTraining,
    model: Path,
    sources: Sequence[RecordSource],
    folders: Sequence[Path],
    out: Path,
    *,
    cache: Path | None = None,
) -> TextScores:
    """Fine-tune the text tower and write `out/model`, which `--model` takes; returns its held-out scores.

    model: folder of a trained model (a run's `last` or `model`); its image tower stays as it is.
    folders: where the sources lie, as in the contrastive stage.
    cache: an earlier run's of the same sources, instead of reading them into `out/cache`.
    Errors: ConfigError where `out` holds a finished run; RecordError where folds or statements are missing.
    """
    check_unfinished(out / "model")
    log = Log(out / "log.txt")
    tower, tokenizer = load_model(model)
    known = known_cache(sources, cache) if cache else prepared_cache(sources, out / "cache")
    pages = embed_pages(tower, known, np.arange(len(known.rows)))
    records, held_out = (text_data(known, pages, folds) for folds in (config.folds, (config.valid_fold,)))
    if not records.codes or not held_out.codes:
        raise RecordError(
            f"{len(records.codes)} records in folds {config.folds}, {len(held_out.codes)} in fold "
            f"{config.valid_fold}; expected some in both, such as PTB-XL's"
        )
    save_config(config, out / FILE)
    named: list[Path | None] = [*folders]
    names = [name for folder in named or [None] for name in statement_names(folder)]
    questions = questions_of(records.reports, records.codes, names)
    if not questions.names:
        raise RecordError("no training record has an SCP statement; expected such as {'AFIB': 100.0}")
    further = [report.text for report in further_reports(folders, config.folds)]
    log(f"{len(records.codes)} records, {len(further)} further reports, {len(questions.names)} names")
    log(f"{len(questions.pieces)} pieces of reports")
    learned = learn(tower, tokenizer, records, questions, further, config, log)
    best, found = best_blend(tower, learned, tokenizer, held_out, log)
    save_model(best, tokenizer, out / "model", half=True)
    export_model(best, tokenizer, out / "model")
    log(f"wrote {out / 'model'}: {found}")
    return found
