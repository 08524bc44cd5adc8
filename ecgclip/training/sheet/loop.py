"""The training loop of the sheet stage: crops of drawn sheets, AdamW, averaged weights, checkpoints."""

import copy
import time
from pathlib import Path
from typing import Final

import numpy as np
import torch
from torch import nn
from torch.optim import AdamW, Optimizer

from ecgclip.photo.flat.network import SheetReading, padded, trimmed
from ecgclip.photo.flat.paper_map import FLAT_PX_PER_MM
from ecgclip.training.averaging import follow
from ecgclip.training.drawn_sheets import sheet_files
from ecgclip.training.optimizer import warmed_cosine
from ecgclip.training.run_folder import LogLine, Progress, load_checkpoint, save_checkpoint
from ecgclip.training.sheet.crops import Batch, random_batch
from ecgclip.training.sheet.losses import sheet_loss
from ecgclip.training.sheet.model import SheetReader
from ecgclip.training.sheet.settings import SheetTraining
from ecgclip.training.sheet.validate import score_files, summary
from ecgclip.training.sheet.warm_start import warm_start
from ecgclip.typing import Uint8s

LOG_EVERY: Final = 50
"""Steps between two lines of the log."""


def train(config: SheetTraining, out: Path, *, resume: bool, log: LogLine) -> SheetReader:
    """Train on `out/train`, validate on `out/valid`, write `out/checkpoint.pt`; returns the average."""
    torch.set_num_threads(config.threads)
    torch.manual_seed(config.seed)
    model = SheetReader(config.model).to(memory_format=torch.channels_last)
    if config.init_from and not resume:
        _init_from(model, config, out / "train", log)
    average = copy.deepcopy(model)
    optimiser = AdamW(model.parameters(), lr=config.learning_rate, weight_decay=config.weight_decay)
    start = 0
    if resume:
        progress, states = load_checkpoint(out)
        start = progress.epoch
        for part, name in ((model, "model"), (average, "average"), (optimiser, "optimiser")):
            part.load_state_dict(states[name])
    terms: list[dict[str, float]] = []
    began = time.monotonic()
    for step in range(start, config.steps):
        for group in optimiser.param_groups:
            group["lr"] = config.learning_rate * warmed_cosine(step, config.steps, config.warmup_steps, 0.01)
        terms.append(_step(model, optimiser, _batch(config, out / "train", step), config.clip_norm))
        follow(average, model, min(config.ema_decay, (1 + step) / (10 + step)))
        if (step + 1) % LOG_EVERY == 0:
            log(_progress(step + 1, terms, time.monotonic() - began))
            terms.clear()
        if (step + 1) % config.valid_every == 0 or step + 1 == config.steps:
            save_checkpoint(
                out,
                Progress(step + 1),
                model=model.state_dict(),
                average=average.state_dict(),
                optimiser=optimiser.state_dict(),
            )
            files = sheet_files(out / "valid")
            log(summary(score_files(TorchReader(average), files[:: 1 if step + 1 == config.steps else 2])))
    return average


def _init_from(model: SheetReader, config: SheetTraining, folder: Path, log: LogLine) -> None:
    planes = torch.from_numpy(_batch(config, folder, 0).planes).float() / 255
    new = warm_start(model, Path(config.init_from or ""), planes)
    log(f"begun with the weights of {config.init_from}; new are {', '.join(new) or 'none'}")


def _batch(config: SheetTraining, folder: Path, step: int) -> Batch:
    """The batch of step `step`, the same in a resumed run."""
    rng = np.random.default_rng([config.seed, 1, step])
    files = sheet_files(folder)
    if step % 4 == 3:
        sides = config.large_mm if rng.random() < 0.5 else config.large_mm[::-1]
        return random_batch(files, config.large_batch_size, _pixels(*sides), rng)
    return random_batch(files, config.batch_size, _pixels(config.crop_mm, config.crop_mm), rng)


def _pixels(height_mm: int, width_mm: int) -> tuple[int, int]:
    return round(height_mm * FLAT_PX_PER_MM), round(width_mm * FLAT_PX_PER_MM)


def _step(model: SheetReader, optimiser: Optimizer, batch: Batch, clip_norm: float) -> dict[str, float]:
    model.train()
    planes = (torch.from_numpy(batch.planes).float() / 255).contiguous(memory_format=torch.channels_last)
    with torch.autocast("cpu", torch.bfloat16):
        outputs = model(planes)
    loss, terms = sheet_loss(outputs, batch)
    optimiser.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]
    nn.utils.clip_grad_norm_(model.parameters(), clip_norm)
    optimiser.step()
    return terms


def _progress(step: int, terms: list[dict[str, float]], seconds: float) -> str:
    means = " ".join(f"{name} {np.mean([term[name] for term in terms]):.4f}" for name in terms[0])
    return f"step {step} {means} ({seconds:.0f} s)"


class TorchReader:
    """The network in torch as a reader of sheets; exact: in fp32 instead of bf16."""

    def __init__(self, model: SheetReader, *, exact: bool = False) -> None:
        self.model = model.eval()
        self.exact = exact

    @torch.no_grad()
    def __call__(self, planes: Uint8s) -> SheetReading:
        pixels = torch.from_numpy(padded(planes))[None].float() / 255
        with torch.autocast("cpu", torch.bfloat16, enabled=not self.exact):
            trace, words, cells, orientation, ecg = self.model(
                pixels.contiguous(memory_format=torch.channels_last)
            )
        reading = SheetReading(
            torch.sigmoid(trace[0].float()).numpy(),
            torch.softmax(orientation[0].float(), dim=0).numpy(),
            float(torch.sigmoid(ecg[0])),
            torch.softmax(words[0].float(), dim=0)[:-1].numpy(),
            torch.sigmoid(cells[0].float()).numpy(),
        )
        return trimmed(reading, (planes.shape[1], planes.shape[2]))
