"""From records to a trained signal network: what `python -m ecgclip.training.signal` calls."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from ecgclip.config import save_config
from ecgclip.errors import ConfigError, RecordError
from ecgclip.evaluation.statements import one_hot
from ecgclip.records.source import RecordSource
from ecgclip.training.cache import SignalCache
from ecgclip.training.contrastive.loop import check_records
from ecgclip.training.contrastive.losses import neighbour_loss, statement_loss
from ecgclip.training.contrastive.run import (
    MIN_RECORDS_PER_STATEMENT,
    Log,
    check_unfinished,
    frequent_statements,
    prepared_cache,
)
from ecgclip.training.contrastive.validate import label_ndcg, statement_matrix
from ecgclip.training.signal.batches import SignalBatch, batches
from ecgclip.training.signal.settings import FILE, SignalTraining
from ecgclip.training.towers.signal_network import WEIGHTS, SignalNetwork
from ecgclip.training.towers.signal_settings import SignalModel

NEIGHBOUR_SCALE = 10.0


def run_signal_training(config: SignalTraining, sources: Sequence[RecordSource], out: Path) -> SignalNetwork:
    """Read the sources into `out/cache` (once), train, write the averaged network and `signal.toml` to `out`.

    Errors: RecordError where the records are fewer than a batch, or no statement is frequent enough;
    ConfigError where `out` holds a finished run.
    """
    check_unfinished(out / WEIGHTS)
    cache = prepared_cache(sources, out / "cache")
    config = with_statements(config, cache)
    log = Log(out / "log.txt")
    network = train_signal(config, cache, log)
    network.save(out)
    save_config(config, out / FILE)
    log(f"wrote {out}")
    return network


def with_statements(config: SignalTraining, cache: SignalCache) -> SignalTraining:
    """The settings with the statements to name: the configured ones, or the frequent ones of the records."""
    records = len(cache.in_folds(config.folds))
    check_records(records, config.folds, config.batch_size)
    statements = config.model.statements or frequent_statements(cache, config.folds)
    if not statements:
        raise RecordError(
            f"no SCP code stands in {MIN_RECORDS_PER_STATEMENT} or more of the {records} records in "
            f"the folds {config.folds}; expected statements to learn from"
        )
    return replace(config, model=replace(config.model, statements=statements))


def train_signal(config: SignalTraining, cache: SignalCache, log: Log) -> SignalNetwork:
    """The averaged network after `config.epochs` epochs, in evaluation mode; config: `with_statements`."""
    torch.manual_seed(config.seed)
    torch.set_num_threads(config.threads)
    statements = config.model.statements
    network = begun(config.model, config.start).train()
    mean = get_ema_multi_avg_fn(config.ema_decay)  # type: ignore[no-untyped-call]
    average = AveragedModel(network, multi_avg_fn=mean, use_buffers=True)
    steps = config.epochs * (len(cache.in_folds(config.folds)) // config.batch_size)
    optimizer = torch.optim.AdamW(
        network.parameters(), config.learning_rate, weight_decay=config.weight_decay
    )
    warm = min(config.warmup_epochs / config.epochs, 0.5)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, config.learning_rate, steps, pct_start=warm, cycle_momentum=False
    )
    labels = label_matrix(cache, statements)
    for epoch in range(config.epochs):
        losses = []
        for batch in batches(config, cache, labels, epoch):
            losses.append(learn(network, batch, config, optimizer))
            schedule.step()
            average.update_parameters(network)
        if (epoch + 1) % config.valid_every == 0 or epoch + 1 == config.epochs:
            figure = validate(averaged(average), cache, config)
            judged = "" if figure is None else f" | ndcg@10 {figure:.4f}"
            log(f"epoch {epoch + 1}: loss {np.mean(losses):.4f}{judged}")
    return averaged(average)


def begun(model: SignalModel, start: str | None) -> SignalNetwork:
    """The network to begin with: random, or another one's but for its statement head."""
    network = SignalNetwork(model)
    if start is None:
        return network
    other = SignalNetwork.load(Path(start))
    if replace(other.config, statements=model.statements) != model:
        raise ConfigError(
            f"the network in {start} is of another shape than the configured one; expected equal [model]"
        )
    network.stages.load_state_dict(other.stages.state_dict())
    network.projection.load_state_dict(other.projection.state_dict())
    return network


def learn(
    network: SignalNetwork, batch: SignalBatch, config: SignalTraining, optimizer: torch.optim.Optimizer
) -> float:
    """One step; returns its loss."""
    labels = torch.from_numpy(batch.labels)
    with torch.autocast("cpu", torch.bfloat16):
        vectors, logits = network(torch.from_numpy(batch.signals_mv))
    near = neighbour_loss(
        vectors.float(), degree_overlap(labels), torch.tensor(NEIGHBOUR_SCALE), config.target_temperature
    )
    loss = config.statements * statement_loss(logits.float(), labels) + config.neighbours * near
    optimizer.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]
    nn.utils.clip_grad_norm_(network.parameters(), 1.0)
    optimizer.step()
    return loss.item()


def degree_overlap(labels: Tensor) -> Tensor:
    """Jaccard overlap of sets held by degrees (Ruzicka): of 0/1 rows the Jaccard overlap itself."""
    total = labels.sum(1)
    apart = torch.cdist(labels, labels, p=1)
    either = (total[:, None] + total[None] + apart) / 2
    return (either - apart) / either.clamp(min=1e-6)


def averaged(average: AveragedModel) -> SignalNetwork:
    network = average.module
    assert isinstance(network, SignalNetwork)  # for the type checker: it was made so above
    return network.eval()


def label_matrix(cache: SignalCache, statements: Sequence[str]) -> npt.NDArray[np.float32]:
    """float32 [record, statement] of 0 and 1."""
    return one_hot([row.codes for row in cache.rows], statements).astype(np.float32)


@torch.inference_mode()
def embed(network: SignalNetwork, cache: SignalCache, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
    """Unit vectors of cached records, float32 [row, dim]."""
    parts = [
        network(torch.from_numpy(np.asarray(cache.signals_mv[rows[i : i + 64]], np.float32)))[0]
        for i in range(0, len(rows), 64)
    ]
    return torch.cat(parts).numpy()


def validate(network: SignalNetwork, cache: SignalCache, config: SignalTraining) -> float | None:
    """nDCG@10 by statement overlap, validation fold in training folds; None without statements there."""
    queries, gallery = cache.in_folds([config.valid_fold]), cache.in_folds(config.folds)
    codes = statement_matrix(cache)
    if not codes[queries].any():
        return None
    asked, known = embed(network, cache, queries), embed(network, cache, gallery)
    return label_ndcg(asked, known, codes[queries], codes[gallery])
