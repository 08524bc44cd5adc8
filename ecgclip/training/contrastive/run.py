"""The contrastive stage from record sources to trained weights: what `ecgclip train contrastive` calls."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from shutil import copyfile

import numpy as np
from tqdm import tqdm

from ecgclip.encoders.settings import ModelConfig
from ecgclip.encoders.text import ReportTokenizer, train_tokenizer
from ecgclip.errors import RecordError
from ecgclip.records.source import RecordSource
from ecgclip.training.cache import SignalCache
from ecgclip.training.contrastive.loop import train
from ecgclip.training.contrastive.photo_views import READ, PhotoPool, build_pool, open_pool
from ecgclip.training.contrastive.settings import ContrastiveTraining
from ecgclip.training.contrastive.teachers import Teachers
from ecgclip.training.distributed import is_first, join_processes, rank_and_world, wait_for_all
from ecgclip.training.run_folder import Log, check_unfinished
from ecgclip.training.sources import prepared_cache
from ecgclip.training.texts import extra_texts
from ecgclip.training.towers.checkpoint import TOKENIZER, save_model
from ecgclip.training.towers.export import export_model


def run_contrastive_training(
    config: ContrastiveTraining,
    sources: Sequence[RecordSource],
    folders: Sequence[Path],
    out: Path,
    *,
    resume: bool = False,
) -> None:
    """Read the sources into `out/cache` (once), train, and write `out/model`, which `--model` takes.

    It holds torch weights (fp16) and ONNX graphs (int8). Beside it: `last` (averaged weights so far),
    `checkpoint.pt`, `train.toml`, `log.txt`, TensorBoard's `board`.

    folders: where the sources lie; PTB-XL's `scp_statements.csv` and a `reports_without_waveforms.csv`
    (columns report, scp_codes, strat_fold) there are read for the text tower.
    Errors: ConfigError where `out` holds a finished run.
    """
    check_unfinished(out / "model")
    join_processes()
    cache = prepared_cache(sources, out / "cache")
    pool = prepared_pool(cache, out / "cache", config)
    texts = extra_texts(folders, config.folds)
    reports = cache.reports(config.folds) + [text.text for text in texts]
    tokenizer = prepared_tokenizer(reports, config, out / TOKENIZER, resume)
    config = replace(config, model=prepared_model(config, tokenizer, cache))
    log = Log(out / "log.txt")
    if is_first():
        rows = cache.in_folds(config.folds)
        log(f"{len(rows)} records in folds {config.folds}, {len(texts)} further texts")
        if pool is not None:
            log(f"{np.count_nonzero(pool.state[rows] == READ)} photos of them were read")
    trained = train(config, cache, tokenizer, out, texts, pool, resume=resume, log=log)
    if is_first():
        save_model(trained, tokenizer, out / "model", half=True)
        export_model(trained, tokenizer, out / "model")
        log(f"wrote {out / 'model'}")


def prepared_model(
    config: ContrastiveTraining, tokenizer: ReportTokenizer, cache: SignalCache
) -> ModelConfig:
    """The model's shape: that of `init_from`, or the configured one with vocabulary and statements filled in.

    Statements are those that the teachers name, or, without teachers, the frequent ones of the records.
    """
    if config.init_from:
        return type(config.model).load(Path(config.init_from))
    statements = config.model.statements
    if not statements and config.distillation.teachers:
        statements = Teachers.load(config.distillation.teachers).statements
    return replace(
        config.model,
        statements=statements or cache.frequent_statements(config.folds),
        text=replace(config.model.text, vocabulary=tokenizer.tokenizer.get_vocab_size()),
    )


def prepared_tokenizer(
    reports: Sequence[str], config: ContrastiveTraining, path: Path, resume: bool
) -> ReportTokenizer:
    """The run's tokenizer, kept at `path`: that of `init_from`, or one trained on the reports.

    The first process trains it, unless the run is resumed, so that all processes use the same token ids.
    """
    if is_first() and not (resume and path.is_file()):
        path.parent.mkdir(parents=True, exist_ok=True)
        given = Path(config.init_from) / TOKENIZER if config.init_from else None
        if given and given.is_file():
            copyfile(given, path)
        else:
            train_tokenizer(reports, config.model.text.vocabulary).save(str(path))
    wait_for_all()
    return ReportTokenizer.load(path, config.model.text.max_tokens)


def prepared_pool(cache: SignalCache, folder: Path, config: ContrastiveTraining) -> PhotoPool | None:
    """The photo views of the training records, made by the first process; None where none are wanted.

    Errors: RecordError where not one of the photos could be read.
    """
    settings = config.photo_views
    if not settings.per_record:
        return None
    rows = cache.in_folds(config.folds)
    if is_first():
        # The other processes wait meanwhile, so their cores are free.
        workers = config.threads * rank_and_world()[1]
        with tqdm(total=len(rows) * settings.per_record, desc="photographing") as bar:
            build_pool(folder, rows, settings, workers=workers, on_progress=bar.update)
    wait_for_all()
    pool = open_pool(folder, cache, settings)
    if len(rows) and not (pool.state[rows] == READ).any():
        raise RecordError(
            f"none of the {len(rows) * settings.per_record} photos of the training records could be read;"
            " look at the records (`ecgclip render`), or train without photos (per_record = 0)"
        )
    return pool
