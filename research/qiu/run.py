"""From a configuration and record sources to a trained model, in one process."""

from collections.abc import Sequence
from pathlib import Path

from ecgclip.records.source import RecordSource
from ecgclip.training.contrastive.run import prepared_pool, prepared_tokenizer
from ecgclip.training.run_folder import Log
from ecgclip.training.sources import prepared_cache
from ecgclip.training.texts import extra_texts
from ecgclip.training.towers.checkpoint import save_model
from ecgclip.training.towers.export import export_model
from research.qiu.settings import RowConfig
from research.qiu.training import shaped, train


def run_training(
    config: RowConfig,
    sources: Sequence[RecordSource],
    folders: Sequence[Path],
    out: Path,
    *,
    resume: bool = False,
) -> None:
    """As `ecgclip.training.contrastive.run.run_training`."""
    cache = prepared_cache(sources, out / "cache")
    pool = prepared_pool(cache, out / "cache", config)
    texts = extra_texts(folders, config.folds)
    reports = [row.report for row in cache.rows if row.fold in config.folds] + [text.text for text in texts]
    tokenizer = prepared_tokenizer(reports, config, out / "tokenizer.json", resume)
    config = shaped(config, tokenizer, cache)
    trained = train(config, cache, tokenizer, out, texts, pool, resume=resume, log=Log(out / "log.txt"))
    save_model(trained, tokenizer, out / "model", half=True)
    export_model(trained, tokenizer, out / "model")
