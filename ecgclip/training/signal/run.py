"""The signal stage from record sources to a trained network: what `ecgclip train signal` calls."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from ecgclip.config import save_config
from ecgclip.errors import ConfigError, RecordError
from ecgclip.records.source import RecordSource
from ecgclip.training.cache import MIN_RECORDS_PER_STATEMENT, SignalCache, check_records
from ecgclip.training.contrastive.losses import statement_loss, supervised_contrastive_loss
from ecgclip.training.run_folder import Log, LogLine, check_unfinished
from ecgclip.training.signal.data import SignalBatch, batches, label_matrix
from ecgclip.training.signal.network import WEIGHTS, SignalNetwork
from ecgclip.training.signal.settings import FILE, SignalModel, SignalTraining
from ecgclip.training.sources import prepared_cache
from ecgclip.training.validate import validation_ndcg
from ecgclip.typing import Rows, Vectors

SIMILARITY_SCALE: Final = 10.0
"""Scale of the cosines between records in the supervised contrastive loss."""


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
    statements = config.model.statements or cache.frequent_statements(config.folds)
    if not statements:
        raise RecordError(
            f"no SCP code stands in {MIN_RECORDS_PER_STATEMENT} or more of the {records} records in "
            f"the folds {config.folds}; expected statements to learn from"
        )
    return replace(config, model=replace(config.model, statements=statements))


def train_signal(config: SignalTraining, cache: SignalCache, log: LogLine) -> SignalNetwork:
    """The averaged network after `config.epochs` epochs, in evaluation mode; config: `with_statements`."""
    torch.manual_seed(config.seed)
    torch.set_num_threads(config.threads)
    network = initial_network(config.model, config.init_from).train()
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
    labels = label_matrix(cache, config.model.statements)
    for epoch in range(config.epochs):
        losses = []
        for batch in batches(config, cache, labels, epoch):
            losses.append(learn(network, batch, config, optimizer))
            schedule.step()
            average.update_parameters(network)
        if (epoch + 1) % config.valid_every == 0 or epoch + 1 == config.epochs:
            ndcg = validate(averaged(average), cache, config)
            line = f"epoch {epoch + 1}: loss {np.mean(losses):.4f}"
            log(line if ndcg is None else f"{line} | ndcg@10 {ndcg:.4f}")
    return averaged(average)


def initial_network(model: SignalModel, init_from: str | None) -> SignalNetwork:
    """The network before the first step: random, or a trained one with a new statement head."""
    network = SignalNetwork(model)
    if init_from is None:
        return network
    trained = SignalNetwork.load(Path(init_from))
    if replace(trained.config, statements=model.statements) != model:
        raise ConfigError(
            f"the network in {init_from} is of another shape than the configured one; expected equal [model]"
        )
    network.stages.load_state_dict(trained.stages.state_dict())
    network.projection.load_state_dict(trained.projection.state_dict())
    return network


def learn(
    network: SignalNetwork, batch: SignalBatch, config: SignalTraining, optimizer: torch.optim.Optimizer
) -> float:
    """One step; returns its loss."""
    labels = torch.from_numpy(batch.labels)
    with torch.autocast("cpu", torch.bfloat16):
        vectors, logits = network(torch.from_numpy(batch.signals_mv))
    scale = torch.tensor(SIMILARITY_SCALE)
    compared = supervised_contrastive_loss(
        vectors.float(), degree_overlap(labels), scale, config.target_temperature
    )
    named = statement_loss(logits.float(), labels)
    loss = config.statements * named + config.supervised_contrastive * compared
    optimizer.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]
    nn.utils.clip_grad_norm_(network.parameters(), 1.0)
    optimizer.step()
    return loss.item()


def degree_overlap(labels: Tensor) -> Tensor:
    """Overlap of sets whose members belong to them by degrees from 0 to 1 (Ruzicka), [n, n].

    labels: [n, statement]. Of labels that are all 0 or 1 it is the Jaccard overlap.
    """
    total = labels.sum(1)
    apart = torch.cdist(labels, labels, p=1)
    either = (total[:, None] + total[None] + apart) / 2
    return (either - apart) / either.clamp(min=1e-6)


def averaged(average: AveragedModel) -> SignalNetwork:
    """The network with the averaged weights, in evaluation mode."""
    network = average.module
    assert isinstance(network, SignalNetwork)  # for the type checker: it was made so above
    return network.eval()


@torch.inference_mode()
def embed(network: SignalNetwork, cache: SignalCache, rows: Rows) -> Vectors:
    """Embeddings of cached records, unit-norm float32 [row, dim]."""
    parts = [
        network(torch.from_numpy(np.asarray(cache.signals_mv[rows[i : i + 64]], np.float32)))[0]
        for i in range(0, len(rows), 64)
    ]
    return torch.cat(parts).numpy()


def validate(network: SignalNetwork, cache: SignalCache, config: SignalTraining) -> float | None:
    """nDCG@10 of the validation fold in the training folds; None without statements to judge by."""
    return validation_ndcg(lambda rows: embed(network, cache, rows), cache, config.folds, config.valid_fold)
