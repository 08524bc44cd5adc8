"""Masked pre-training, to be read from top to bottom."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.optim.swa_utils import update_bn

from ecgclip.config import save_config
from ecgclip.errors import ModelError
from ecgclip.training.optimizer import parameter_groups, warmup_cosine
from ecgclip.training.prefetch import prefetched
from ecgclip.training.run_folder import Progress, check_settings, load_checkpoint, save_checkpoint
from research.masked.data import MaskedBatch, MaskedBatches
from research.masked.model import MaskedTower
from research.masked.settings import MaskedTraining

Log = Callable[[str], object]
SETTINGS: Final = "masked.toml"


@dataclass(frozen=True)
class Figures:
    """loss: mean cross-entropy of the hidden codes in nats; top1, top5: shares of them named right."""

    loss: float
    top1: float
    top5: float

    def text(self) -> str:
        return f"loss {self.loss:.4f} top-1 {self.top1:.3f} top-5 {self.top5:.3f}"


def pretrain(
    config: MaskedTraining, batches: MaskedBatches, out: Path, *, resume: bool, log: Log = lambda line: None
) -> MaskedTower:
    """Train, keep `out/checkpoint.pt` after every epoch; returns the tower in evaluation mode."""
    torch.manual_seed(config.seed)
    torch.set_num_threads(config.threads)
    if resume:
        check_settings(config, out / SETTINGS)
    learner = MaskedLearner(config, len(batches.codebook))
    progress = learner.resume(out) if resume else Progress()
    warmup = config.warmup_epochs / config.epochs
    out.mkdir(parents=True, exist_ok=True)
    save_config(config, out / SETTINGS)
    for epoch in range(progress.epoch, config.epochs):
        began, steps = time.monotonic(), batches.steps_per_epoch
        losses = []
        for step, batch in enumerate(prefetched(batches.epoch(epoch))):
            rate = warmup_cosine((epoch + step / steps) / config.epochs, warmup)
            losses.append(learner.step(batch, config.learning_rate * rate))
        # the checkpoint before the line: whoever reads that an epoch ended can resume after it
        learner.save(out, Progress(epoch + 1))
        pace = config.batch_size * steps / (time.monotonic() - began)
        line = f"epoch {epoch + 1}: loss {float(torch.stack(losses).mean()):.4f} ({pace:.1f} pages/s)"
        if epoch + 1 == config.epochs or (epoch + 1) % config.valid_every == 0:
            line += f" | held out: {judged(learner.model, batches.valid()).text()}"
        log(line)
    # Batch norms have seen pages with blanks alone.
    with torch.autocast("cpu", torch.bfloat16):
        update_bn(batches.unmasked_pages(), learner.model.tower)
    return learner.model.eval()


class MaskedLearner:
    """The tower being trained and its optimiser."""

    def __init__(self, config: MaskedTraining, codes: int) -> None:
        self.config = config
        self.model = MaskedTower(config.model.image, codes).train()
        groups = parameter_groups(self.model, config.weight_decay)
        self.optimizer = torch.optim.AdamW(groups, config.learning_rate, betas=(0.9, 0.98))

    def step(self, batch: MaskedBatch, learning_rate: float) -> Tensor:
        """Learn from one batch; returns its loss."""
        for group in self.optimizer.param_groups:
            group["lr"] = learning_rate
        with torch.autocast("cpu", torch.bfloat16):
            logits, codes = named(self.model, batch)
        loss = F.cross_entropy(logits.float(), codes)
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.model.parameters(), self.config.clip_norm)
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        return loss.detach()

    def save(self, out: Path, progress: Progress) -> None:
        save_checkpoint(
            out,
            progress,
            model=self.model.state_dict(),
            optimizer=self.optimizer.state_dict(),
            rng={"torch": torch.get_rng_state()},
        )

    def resume(self, out: Path) -> Progress:
        """Take over the checkpoint in `out`; returns how many epochs are done."""
        progress, states = load_checkpoint(out)
        try:
            self.model.load_state_dict(states["model"])
            self.optimizer.load_state_dict(states["optimizer"])
            torch.set_rng_state(states["rng"]["torch"])
        except (RuntimeError, ValueError, KeyError):
            raise ModelError(
                f"the checkpoint in {out} is of another tower or vocabulary; give the configuration that the "
                "run began with, or leave out --resume"
            ) from None
        return progress


def named(model: MaskedTower, batch: MaskedBatch) -> tuple[Tensor, Tensor]:
    """Logits [hidden token, code] and the right codes [hidden token]."""
    mask = torch.from_numpy(batch.mask)
    return model(torch.from_numpy(batch.pixels), mask), torch.from_numpy(batch.codes)[mask]


@torch.inference_mode()
def judged(model: MaskedTower, batches: Iterator[MaskedBatch]) -> Figures:
    """How well the hidden codes of these batches are named; NaN where there is no batch."""
    was_training = model.training
    model.eval()
    sums, count = torch.zeros(3), 0
    for batch in batches:
        with torch.autocast("cpu", torch.bfloat16):
            logits, codes = named(model, batch)
        logits = logits.float()
        best = logits.topk(min(5, logits.shape[1])).indices == codes[:, None]
        loss = F.cross_entropy(logits, codes, reduction="sum")
        sums += torch.stack([loss, best[:, 0].sum(), best.sum()])
        count += len(codes)
    model.train(was_training)
    loss, top1, top5 = (sums / count).tolist()
    return Figures(loss, top1, top5)
