"""The product's training loop over the rows' models, views and losses."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

import numpy as np
import torch
from torch import Tensor

from ecgclip.encoders.text import ReportTokenizer
from ecgclip.training.cache import CACHE_RATE_HZ, SignalCache
from ecgclip.training.contrastive.data import Batch, BatchMaker
from ecgclip.training.contrastive.loop import begin, checked_teachers, fit, prepared
from ecgclip.training.contrastive.photo_views import PhotoPool
from ecgclip.training.contrastive.run import prepared_model
from ecgclip.training.contrastive.settings import Losses
from ecgclip.training.contrastive.step import TrainingStep, images_of, words_of
from ecgclip.training.distributed import placed
from ecgclip.training.run_folder import LogLine
from ecgclip.training.settings import Augment
from ecgclip.training.texts import LabelledText
from ecgclip.training.towers.model import EcgClip
from ecgclip.typing import Float32s, Int64s, Signal, Uint8s
from research.qiu.model import FusedClip, initial_model
from research.qiu.pairing import PairBatch, PairTerms
from research.qiu.settings import Pairing, RowConfig, RowModel
from research.qiu.views import clean, tower_input, varied

_AT_A_TIME = 64


def train(
    config: RowConfig,
    cache: SignalCache,
    tokenizer: ReportTokenizer,
    out: Path,
    extra_texts: Sequence[LabelledText] = (),
    pool: PhotoPool | None = None,
    *,
    resume: bool = False,
    log: LogLine = lambda line: None,
) -> EcgClip:
    """As `ecgclip.training.contrastive.loop.train`."""
    rank, world = begin(config, out, resume=resume)
    teachers = checked_teachers(config)
    model = prepared(initial_model(config), config)
    if teachers:
        teachers.check(model.config.statements)
    step = PairStep(model, config.losses, teachers.dim if teachers else 0, config.pairing)
    batches = RowBatches(config, model.config, cache, tokenizer, extra_texts, pool, teachers, rank, world)
    return fit(step, batches, out, embed_rows, resume=resume, log=log)


def shaped(config: RowConfig, tokenizer: ReportTokenizer, cache: SignalCache) -> RowConfig:
    """The configuration with what the data adds to the model: its vocabulary and its statements."""
    return replace(config, model=cast(RowModel, prepared_model(config, tokenizer, cache)))


@dataclass
class RowBatches(BatchMaker):
    """The product's batches, of whatever the row's image tower looks at."""

    model: RowModel

    def varied(self, signal_mv: Signal, settings: Augment, rng: np.random.Generator) -> tuple[Signal, Uint8s]:
        """One random view of a record: the signal as it was varied, and what shows it."""
        return varied(signal_mv, CACHE_RATE_HZ, self.model.image, settings, rng)

    def pixels(self, views: Uint8s) -> Float32s:
        """Views as the image tower takes them, float32 [n, channel, y, x]."""
        return tower_input(views, self.model.image)


class PairStep(TrainingStep):
    """The product's loss terms and those of `[pairing]` that have a weight."""

    model: FusedClip

    def __init__(self, model: FusedClip, losses: Losses, teacher_dim: int, pairing: Pairing) -> None:
        super().__init__(model, losses, teacher_dim)
        self.pairs = PairTerms(model, pairing)

    def forward(self, batch: Batch) -> dict[str, Tensor]:
        """The weighted loss ("total") and its terms, each a scalar.

        The terms of `[pairing]` are means over this process's own records, whose gradients are averaged.
        """
        n = len(batch.pages)
        tokens, images = self.model.forward_image(images_of(batch))
        ids, mask = words_of(batch.reports)
        states, text = self.model.forward_text(ids, mask)
        terms = self.terms(batch, images, text)
        own = placed(batch.pages), ids, mask, placed(batch.group)
        pairs: dict[str, Tensor]
        pairs = self.pairs(self.model, PairBatch(*own, tokens[:n], images[:n], states, text), self.scale)
        for name, term in pairs.items():
            terms["total"] = terms["total"] + getattr(self.pairs.settings, name) * term
        return terms | pairs


@torch.inference_mode()
def embed_rows(model: EcgClip, cache: SignalCache, rows: Int64s) -> Float32s:
    """Embeddings of the rows as the model looks at them, unit-norm float32 [row, dim]."""
    if not isinstance(model, FusedClip):
        raise TypeError(f"{type(model).__name__} is no model of the comparison; expected a FusedClip")
    tower, device, parts = model.config.image, next(model.parameters()).device, []
    for start in range(0, len(rows), _AT_A_TIME):
        signals = np.asarray(cache.signals_mv[rows[start : start + _AT_A_TIME]], np.float32)
        views = np.stack([clean(signal, CACHE_RATE_HZ, tower) for signal in signals])
        with device, torch.autocast(device.type, torch.bfloat16):
            parts.append(model.encode_image(placed(tower_input(views, tower))))
    return torch.cat(parts).float().cpu().numpy()
