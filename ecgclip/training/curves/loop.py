"""The training loop of the curves stage: pieces of rows, AdamW, averaged weights, checkpoints."""

import copy
import time
from pathlib import Path
from typing import Final

import numpy as np
import torch
from torch import nn
from torch.optim import AdamW, Optimizer

from ecgclip.photo.curves.network import COLUMNS_PER_PX, STEP_PX, BandReading, expected
from ecgclip.photo.flat.paper_map import FLAT_PX_PER_MM
from ecgclip.training.averaging import follow
from ecgclip.training.curves.bands import CurveBatch, random_bands
from ecgclip.training.curves.losses import curve_loss
from ecgclip.training.curves.model import CurveReader
from ecgclip.training.curves.settings import CurveTraining
from ecgclip.training.curves.validate import score_files, summary
from ecgclip.training.drawn_sheets import sheet_files
from ecgclip.training.optimizer import warmed_cosine
from ecgclip.training.run_folder import LogLine, Progress, load_checkpoint, save_checkpoint
from ecgclip.typing import Uint8s

LOG_EVERY: Final = 50
"""Steps between two lines of the log."""


def train(config: CurveTraining, out: Path, *, resume: bool, log: LogLine) -> CurveReader:
    """Train on `out/train`, validate on `out/valid`, write `out/checkpoint.pt`; returns the average."""
    torch.set_num_threads(config.threads)
    torch.manual_seed(config.seed)
    model = CurveReader(config.model).to(memory_format=torch.channels_last)
    if config.init_from:
        model.load_state_dict(load_checkpoint(Path(config.init_from))[1]["average"])
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
        last = step + 1 == config.steps
        if (step + 1) % config.valid_every == 0 or last:
            save_checkpoint(
                out,
                Progress(step + 1),
                model=model.state_dict(),
                average=average.state_dict(),
                optimiser=optimiser.state_dict(),
            )
            files = sheet_files(out / "valid")
            log(summary(score_files(TorchCurves(average), files[:: 1 if last else 3])))
    return average


def _batch(config: CurveTraining, folder: Path, step: int) -> CurveBatch:
    """The batch of step `step`, the same in a resumed run on the same sheets."""
    rng = np.random.default_rng([config.seed, 1, step])
    width = round(config.crop_mm * FLAT_PX_PER_MM)
    return random_bands(sheet_files(folder), config.batch_size, width, rng)


def _step(model: CurveReader, optimiser: Optimizer, batch: CurveBatch, clip_norm: float) -> dict[str, float]:
    model.train()
    planes = (torch.from_numpy(batch.planes).float() / 255).contiguous(memory_format=torch.channels_last)
    with torch.autocast("cpu", torch.bfloat16):
        outputs = model(planes)
    loss, terms = curve_loss(outputs, batch)
    optimiser.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]
    nn.utils.clip_grad_norm_(model.parameters(), clip_norm)
    optimiser.step()
    return terms


def _progress(step: int, terms: list[dict[str, float]], seconds: float) -> str:
    means = " ".join(f"{name} {np.mean([term[name] for term in terms]):.4f}" for name in terms[0])
    return f"step {step} {means} ({seconds:.0f} s)"


class TorchCurves:
    """The network in torch as a reader of bands; exact: in fp32 instead of bf16."""

    def __init__(self, model: CurveReader, *, exact: bool = False) -> None:
        self.model = model.eval()
        self.exact = exact

    @torch.no_grad()
    def __call__(self, bands: Uint8s) -> BandReading:
        width = bands.shape[3]
        planes = np.pad(bands, ((0, 0), (0, 0), (0, 0), (0, -width % STEP_PX)))
        pixels = torch.from_numpy(planes).float() / 255
        with torch.autocast("cpu", torch.bfloat16, enabled=not self.exact):
            heights, present = self.model(pixels.contiguous(memory_format=torch.channels_last))
        columns = width * COLUMNS_PER_PX
        y_px, spread_px = expected(heights[:, :, :columns].float().numpy())
        return BandReading(y_px, spread_px, torch.sigmoid(present[:, :columns].float()).numpy())
