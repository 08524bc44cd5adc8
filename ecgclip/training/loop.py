"""The training loop, to be read from top to bottom."""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import torch
import torch.distributed as dist
from timm.layers import PatchDropout
from torch.nn.parallel import DistributedDataParallel
from torch.optim.swa_utils import AveragedModel
from tqdm import tqdm

from ecgclip.config import save_config
from ecgclip.encoders.checkpoint import load_model, save_model
from ecgclip.encoders.model import EcgClip
from ecgclip.encoders.text import ReportTokenizer
from ecgclip.training.cache import SignalCache
from ecgclip.training.checkpoint import Progress, load_checkpoint, save_checkpoint
from ecgclip.training.data import BatchMaker, LabelledText, prefetched
from ecgclip.training.settings import TrainConfig
from ecgclip.training.step import TrainingStep
from ecgclip.training.validate import validate

if TYPE_CHECKING:
    from torch.utils.tensorboard import SummaryWriter


def train(
    config: TrainConfig,
    cache: SignalCache,
    tokenizer: ReportTokenizer,
    out: Path,
    extra_texts: Sequence[LabelledText] = (),
    *,
    resume: bool = False,
    log: Callable[[str], None] = lambda line: None,
) -> EcgClip:
    """Train and write `out/last` (the averaged weights), `out/checkpoint.pt` and TensorBoard events.

    Under torchrun every process calls this; process 0 writes. Returns the averaged model.
    """
    torch.manual_seed(config.seed)
    torch.set_num_threads(config.threads)
    rank, world = (dist.get_rank(), dist.get_world_size()) if dist.is_initialized() else (0, 1)
    out.mkdir(parents=True, exist_ok=True)
    model = load_model(Path(config.start))[0] if config.start else EcgClip(config.model)
    if config.patch_dropout:
        # A different part of the page at every step: less to compute and a strong regulariser.
        model.image.patch_drop = PatchDropout(config.patch_dropout, num_prefix_tokens=0)
    step_module = TrainingStep(model, config.losses).train()
    wrapped = DistributedDataParallel(step_module) if world > 1 else step_module
    average = AveragedModel(
        step_module, avg_fn=lambda old, new, n: old + (new - old) * ema_rate(config, int(n))
    )
    optimizer = torch.optim.AdamW(
        parameter_groups(step_module, config.weight_decay), config.learning_rate, (0.9, 0.98)
    )
    batches = BatchMaker(config, model.config, cache, tokenizer, extra_texts, rank, world)
    progress = Progress()
    if resume:
        progress, states = load_checkpoint(out)
        step_module.load_state_dict(states["model"])
        average.load_state_dict(states["average"])
        optimizer.load_state_dict(states["optimizer"])
        torch.set_rng_state(states["rng"]["torch"])
    writer = board(out) if rank == 0 else None
    if rank == 0:
        save_config(config, out / "train.toml")
    per_epoch = batches.steps_per_epoch
    for epoch in range(progress.epoch, config.epochs):
        first = progress.step if epoch == progress.epoch else 0
        bar = tqdm(
            total=per_epoch,
            initial=first,
            desc=f"epoch {epoch + 1}/{config.epochs}",
            disable=rank > 0 or None,
        )
        for step, batch in enumerate(prefetched(batches.epoch(epoch, first)), first):
            done = epoch * per_epoch + step
            for group in optimizer.param_groups:
                group["lr"] = config.learning_rate * schedule(done / per_epoch, config)
            with torch.autocast("cpu", torch.bfloat16):
                terms = wrapped(batch)
            terms["total"].backward()
            torch.nn.utils.clip_grad_norm_(step_module.parameters(), config.clip_norm)
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
            average.update_parameters(step_module)
            bar.update()
            if writer and done % 10 == 0:
                for name, term in terms.items():
                    writer.add_scalar(f"loss/{name}", term.item(), done)
        bar.close()
        last = epoch + 1 == config.epochs
        if rank == 0 and (last or (epoch + 1) % config.valid_every == 0):
            figures = validate(average.module.model, cache, config)
            for name, value in figures.items():
                if writer:
                    writer.add_scalar(f"valid/{name}", value, (epoch + 1) * per_epoch)
            losses = " ".join(f"{name} {term.item():.3f}" for name, term in terms.items())
            log(
                f"epoch {epoch + 1}: {losses} | "
                + " ".join(f"{name} {value:.4f}" for name, value in figures.items())
            )
            save_model(average.module.model, tokenizer, out / "last")
            progress = replace(progress, epoch=epoch + 1, step=0)
            save_checkpoint(
                out,
                progress,
                model=step_module.state_dict(),
                average=average.state_dict(),
                optimizer=optimizer.state_dict(),
                rng={"torch": torch.get_rng_state()},
            )
    trained: EcgClip = average.module.model
    trained.image.patch_drop = torch.nn.Identity()
    return trained.eval()


def board(out: Path) -> "SummaryWriter":
    """TensorBoard events in `out/board`."""
    from torch.utils.tensorboard import SummaryWriter

    return SummaryWriter(str(out / "board"))


def schedule(epochs_done: float, config: TrainConfig) -> float:
    """Share of the peak learning rate: linear warm-up, then half a cosine down to 1 %."""
    if epochs_done < config.warmup_epochs:
        return max(epochs_done, 1e-3) / config.warmup_epochs
    rest = (epochs_done - config.warmup_epochs) / max(config.epochs - config.warmup_epochs, 1e-9)
    return 0.01 + 0.99 * (1 + math.cos(math.pi * min(rest, 1))) / 2


def ema_rate(config: TrainConfig, updates: int) -> float:
    """Weight of the newest weights in the average: early on the average runs over all steps so far."""
    return max(1 - config.ema_decay, 1 / (updates + 10))


def parameter_groups(module: torch.nn.Module, weight_decay: float) -> list[dict[str, object]]:
    """Matrices decay; biases, norms, embeddings of place and scales do not."""
    named = [(name, p) for name, p in module.named_parameters() if p.requires_grad]
    decays = lambda name, p: p.ndim > 1 and "pos_embed" not in name
    return [
        {"params": [p for name, p in named if decays(name, p)], "weight_decay": weight_decay},
        {"params": [p for name, p in named if not decays(name, p)], "weight_decay": 0.0},
    ]
