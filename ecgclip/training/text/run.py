"""From a trained model and records to the same model with another text tower."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ecgclip.config import save_config
from ecgclip.errors import RecordError
from ecgclip.records.source import RecordSource
from ecgclip.training.contrastive.run import Log, check_unfinished, known_cache, prepared_cache
from ecgclip.training.contrastive.texts import reports_without_recordings, statement_names
from ecgclip.training.contrastive.validate import embed_rows
from ecgclip.training.text.loop import best_blend, learn
from ecgclip.training.text.material import material
from ecgclip.training.text.questions import questions_of
from ecgclip.training.text.settings import TextStage
from ecgclip.training.text.validate import Figures
from ecgclip.training.towers.checkpoint import load_model, save_model
from ecgclip.training.towers.export import export_model


def run_text_stage(
    config: TextStage,
    model: Path,
    sources: Sequence[RecordSource],
    folders: Sequence[Path],
    out: Path,
    *,
    cache: Path | None = None,
) -> Figures:
    """Train the text tower further and write `out/model`, which `--model` takes; returns held-out figures.

    model: folder that training wrote (`last` or `model`); the image tower leaves as it came.
    cache: an earlier run's of the same sources, instead of reading them into `out/cache`.
    """
    check_unfinished(out / "model")
    log = Log(out / "log.txt")
    tower, tokenizer = load_model(model)
    known = known_cache(sources, cache) if cache else prepared_cache(sources, out / "cache")
    vectors = embed_rows(tower, known, np.arange(len(known.rows)))
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


def further_reports(folders: Sequence[Path], config: TextStage) -> list[str]:
    """Reports of the training folds without a recording."""
    paths = [folder / "reports_without_waveforms.csv" for folder in folders]
    found = [reports_without_recordings(path, config.folds) for path in paths if path.is_file()]
    return [report.text for reports in found for report in reports]
