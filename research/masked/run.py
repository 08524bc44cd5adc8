"""From records to a folder of weights that `start` in a training configuration takes."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import torch

from ecgclip.encoders.text import ReportTokenizer
from ecgclip.records.source import RecordSource
from ecgclip.training.cache import SignalCache
from ecgclip.training.contrastive.run import prepared_model, prepared_tokenizer
from ecgclip.training.contrastive.settings import ContrastiveTraining
from ecgclip.training.run_folder import Log as FileLog
from ecgclip.training.sources import prepared_cache
from ecgclip.training.texts import extra_texts
from ecgclip.training.towers.checkpoint import save_model
from ecgclip.training.towers.model import EcgClip
from research.masked.codebook import Codebook, learn_codebook, quality
from research.masked.data import MaskedBatches, PageMaker
from research.masked.loop import Log, pretrain
from research.masked.model import MaskedTower
from research.masked.settings import MaskedTraining

CODEBOOK: Final = "codebook.safetensors"
START: Final = "start"
"""Folder inside the run's: the pre-trained image tower, the rest of the model at random."""


def run_pretraining(
    config: MaskedTraining,
    sources: Sequence[RecordSource],
    folders: Sequence[Path],
    out: Path,
    *,
    resume: bool = False,
) -> None:
    """Learn the vocabulary (once), pre-train, and write `out/start`.

    Beside it: `codebook.safetensors`, `checkpoint.pt`, `masked.toml`, `log.txt`, the records' `cache`.
    folders: where the sources lie; `start` brings the tokenizer that training on them would learn.
    """
    log = FileLog(out / "log.txt")
    cache = prepared_cache(sources, out / "cache")
    maker = PageMaker(config, cache)
    codebook = prepared_codebook(maker, out / CODEBOOK, resume, log)
    trained = pretrain(config, MaskedBatches(maker, codebook), out, resume=resume, log=log)
    write_start(trained, config, cache, folders, out)
    log(f"wrote {out / START}")


def prepared_codebook(maker: PageMaker, path: Path, resume: bool, log: Log) -> Codebook:
    """The run's vocabulary, learned on the training folds unless a resumed run has one already."""
    if resume and path.is_file():
        return Codebook.load(path)
    config = maker.config
    train, valid = maker.cache.in_folds(config.folds), maker.cache.in_folds([config.valid_fold])
    seen = maker.descriptions(train, config.vocabulary.views)
    codebook = learn_codebook(seen, config.vocabulary, config.seed)
    codebook.save(path)
    if len(valid):
        judged = quality(codebook, maker.descriptions(valid, 1))
        log(
            f"{len(codebook)} codes of {len(seen)} patches; held out: {judged.explained:.3f} of the "
            f"variance, {judged.used} codes used, entropy {math.log(judged.perplexity):.2f} nats"
        )
    return codebook


def write_start(
    trained: MaskedTower, config: MaskedTraining, cache: SignalCache, folders: Sequence[Path], out: Path
) -> None:
    """Write `out/start`: a whole model of the shape, statements and tokenizer that training would give it."""
    texts = extra_texts(folders, config.folds)
    reports = [row.report for row in cache.rows if row.fold in config.folds] + [text.text for text in texts]
    shape = ContrastiveTraining(model=config.model, folds=config.folds, valid_fold=config.valid_fold)
    tokenizer: ReportTokenizer = prepared_tokenizer(reports, shape, out / "tokenizer.json", resume=False)
    torch.manual_seed(config.seed)
    whole = EcgClip(prepared_model(shape, tokenizer, cache))
    whole.image.load_state_dict(trained.tower.state_dict())
    save_model(whole, tokenizer, out / START)
