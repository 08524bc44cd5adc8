"""From a configuration and record sources to trained weights: what `ecgclip train` calls."""

import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from hashlib import blake2b
from pathlib import Path
from shutil import copyfile
from typing import Final

import numpy as np
import torch
import torch.distributed as dist
from tqdm import tqdm

from ecgclip.encoders.settings import ModelConfig
from ecgclip.encoders.text import ReportTokenizer, train_tokenizer
from ecgclip.errors import ConfigError, RecordError
from ecgclip.files import one_line
from ecgclip.records.ecg import Ecg, content_hash
from ecgclip.records.source import RecordSource, Skipped, made_or_skipped
from ecgclip.training.cache import SignalCache, build_cache, open_cache
from ecgclip.training.contrastive.data import LabelledText
from ecgclip.training.contrastive.loop import train
from ecgclip.training.contrastive.photographs import READ, PhotoPool, build_pool, open_pool
from ecgclip.training.contrastive.settings import TrainConfig
from ecgclip.training.contrastive.teachers import Teachers
from ecgclip.training.contrastive.texts import reports_without_recordings, statement_names
from ecgclip.training.device import process_backend, training_device
from ecgclip.training.towers.checkpoint import TOKENIZER, save_model
from ecgclip.training.towers.export import export_model

MARK: Final = "sources.json"
"""Beside a cache: what it was read from."""
MIN_RECORDS_PER_STATEMENT = 5
"""Rarer statements get no output of the training head."""
PREPARATION = timedelta(days=2)
"""How long processes wait for the first, which reads and photographs all records; torch's own patience ends
after 10 to 30 minutes.
"""


def run_training(
    config: TrainConfig,
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
    (columns report, scp_codes, strat_fold) there serve the text tower.
    Errors: ConfigError where `out` holds a finished run.
    """
    check_unfinished(out / "model")
    join_processes()
    cache = prepared_cache(sources, out / "cache")
    pool = prepared_pool(cache, out / "cache", config)
    texts = extra_texts(folders, config.folds)
    reports = [row.report for row in cache.rows if row.fold in config.folds] + [text.text for text in texts]
    tokenizer = prepared_tokenizer(reports, config, out / "tokenizer.json", resume)
    config = replace(config, model=prepared_model(config, tokenizer, cache))
    log = Log(out / "log.txt")
    if is_first():
        rows = cache.in_folds(config.folds)
        log(f"{len(rows)} records in folds {config.folds}, {len(texts)} further texts")
        if pool is not None:
            log(f"{np.count_nonzero(pool.state[rows] == READ)} photographs of them were read")
    trained = train(config, cache, tokenizer, out, texts, pool, resume=resume, log=log)
    if is_first():
        save_model(trained, tokenizer, out / "model", half=True)
        export_model(trained, tokenizer, out / "model")
        log(f"wrote {out / 'model'}")


def check_unfinished(result: Path) -> None:
    """ConfigError where a run has ended with this result: hours of work are not written over."""
    if result.exists():
        raise ConfigError(
            f"{result.parent} holds a finished run ({result.name}); give another --out, or delete it first"
        )


def join_processes() -> None:
    """Join the other processes where torchrun started several."""
    if int(os.environ.get("WORLD_SIZE", "1")) > 1 and not dist.is_initialized():
        if (device := training_device()).type == "cuda":
            torch.cuda.set_device(device)
        dist.init_process_group(process_backend(), timeout=PREPARATION)


def is_first() -> bool:
    """Whether this process is the one that writes."""
    return not dist.is_initialized() or dist.get_rank() == 0


def prepared_model(config: TrainConfig, tokenizer: ReportTokenizer, cache: SignalCache) -> ModelConfig:
    """The model's shape: that of the weights to begin with, or the configured one with what the data adds.

    Statements are those that the teachers name, or, without teachers, the frequent ones of the records.
    """
    if config.start:
        return type(config.model).load(Path(config.start))
    statements = config.model.statements
    if not statements and config.teaching.teachers:
        statements = Teachers.load(config.teaching.teachers).statements
    return replace(
        config.model,
        statements=statements or frequent_statements(cache, config.folds),
        text=replace(config.model.text, vocabulary=tokenizer.tokenizer.get_vocab_size()),
    )


def prepared_tokenizer(
    reports: Sequence[str], config: TrainConfig, path: Path, resume: bool
) -> ReportTokenizer:
    """The run's tokenizer: that of the weights to begin with, or learned once.

    Every process and a resumed run number words alike.
    """
    if is_first() and not (resume and path.is_file()):
        path.parent.mkdir(parents=True, exist_ok=True)
        given = Path(config.start) / TOKENIZER if config.start else None
        if given and given.is_file():
            copyfile(given, path)
        else:
            train_tokenizer(reports, config.model.text.vocabulary).save(str(path))
    if dist.is_initialized():
        dist.barrier()
    return ReportTokenizer.load(path, config.model.text.max_tokens)


def prepared_cache(sources: Sequence[RecordSource], folder: Path) -> SignalCache:
    """The cache in `folder`, built by the first process where it is missing or of other sources.

    Sources are the same by their names, the names of their records and the content of the first record.
    """
    first = is_first()
    mark, found = folder / MARK, fingerprint(sources) if first else ""
    if first and not (mark.is_file() and mark.read_text("utf-8") == found):
        mark.unlink(missing_ok=True)
        total = sum(len(source.ids) for source in sources)
        with tqdm(total=total, desc="reading records") as bar:
            build_cache(readable(sources, bar.update), folder)
        mark.write_text(found, "utf-8")
    if dist.is_initialized():
        dist.barrier()
    return open_cache(folder)


def known_cache(sources: Sequence[RecordSource], folder: Path) -> SignalCache:
    """An earlier run's cache; RecordError where it is not of these sources, and it stays as it is."""
    mark = folder / MARK
    if not (mark.is_file() and mark.read_text("utf-8") == fingerprint(sources)):
        raise RecordError(
            f"{folder} is not the cache of these sources; expected that of a run on them, or no --cache"
        )
    return open_cache(folder)


def prepared_pool(cache: SignalCache, folder: Path, config: TrainConfig) -> PhotoPool | None:
    """The photographed views of the training records, made by the first process; None where none are due.

    Errors: RecordError where not one of them could be read.
    """
    settings = config.photographs
    if not settings.views:
        return None
    rows = cache.in_folds(config.folds)
    if is_first():
        # The other processes wait meanwhile: their cores help.
        workers = config.threads * (dist.get_world_size() if dist.is_initialized() else 1)
        with tqdm(total=len(rows) * settings.views, desc="photographing") as bar:
            build_pool(folder, rows, settings, workers=workers, on_progress=bar.update)
    if dist.is_initialized():
        dist.barrier()
    pool = open_pool(folder, cache, settings)
    if len(rows) and not (pool.state[rows] == READ).any():
        raise RecordError(
            f"none of the {len(rows) * settings.views} photographs of the training records could be read;"
            " look at the records (`ecgclip render`), or train without photographs (views = 0)"
        )
    return pool


def fingerprint(sources: Sequence[RecordSource]) -> str:
    """JSON: name, number and digest of the records' names, content hash of the first, for each source."""
    return json.dumps(
        [
            [
                source.name,
                len(source.ids),
                blake2b("\n".join(source.ids).encode(), digest_size=16).hexdigest(),
                next((content_hash(ecg) for ecg in readable([source])), ""),
            ]
            for source in sources
        ]
    )


def readable(
    sources: Sequence[RecordSource], on_progress: Callable[[], object] = lambda: None
) -> Iterator[Ecg]:
    """Every record that can be read; the others are named on stderr."""
    for source in sources:
        for record_id in source.ids:
            on_progress()
            read = made_or_skipped(record_id, partial(source.read, record_id))
            if isinstance(read, Skipped):
                print(one_line(f"left out {source.name}/{record_id}: {read.reason}"), file=sys.stderr)
            else:
                yield read


def extra_texts(folders: Sequence[Path], folds: tuple[int, ...]) -> list[LabelledText]:
    """Reports without a recording, and as many draws of statement names as one text in five."""
    reports: list[LabelledText] = []
    names: list[LabelledText] = statement_names()
    for folder in folders:
        path = folder / "reports_without_waveforms.csv"
        if path.is_file():
            reports += reports_without_recordings(path, folds)
        names += statement_names(folder / "scp_statements.csv")
    copies = max(1, len(reports) // 4 // len(names))
    return reports + names * copies


def frequent_statements(cache: SignalCache, folds: tuple[int, ...]) -> tuple[str, ...]:
    """Statements of at least `MIN_RECORDS_PER_STATEMENT` training records, in alphabetical order."""
    counts: dict[str, int] = {}
    for index in cache.in_folds(folds):
        for code in cache.rows[index].codes:
            counts[code] = counts.get(code, 0) + 1
    return tuple(sorted(code for code, count in counts.items() if count >= MIN_RECORDS_PER_STATEMENT))


class Log:
    """Lines to stderr and to a file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)

    def __call__(self, line: str) -> None:
        print(line, file=sys.stderr, flush=True)
        with self.path.open("a") as file:
            file.write(line + "\n")
