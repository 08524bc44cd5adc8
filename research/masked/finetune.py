"""A tower and a linear head learn labels together."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from timm.layers.patch_dropout import PatchDropout
from timm.models.vision_transformer import VisionTransformer
from torch import nn
from torch.nn import functional as F

from ecgclip.encoders.preprocess import image_input
from ecgclip.encoders.settings import ImageTower
from ecgclip.training.augment import augmented_view
from ecgclip.training.cache import CACHE_RATE_HZ
from ecgclip.training.optimizer import parameter_groups, warmup_cosine
from ecgclip.training.prefetch import prefetched
from ecgclip.typing import Float32s, Int64s
from research.masked.labels import LABELS, Labelled
from research.masked.probe import clean_features
from research.masked.settings import Comparison


@dataclass(frozen=True, eq=False)
class LabelBatch:
    """pixels: float32 [n, 1, y, x]; labels: float32 [n, label]."""

    pixels: Float32s
    labels: Float32s


def steps_of(records: int, config: Comparison) -> int:
    """`epochs` over the records, but at least `least_steps`."""
    return max(config.least_steps, round(config.epochs * records / min(config.batch_size, records)))


def batches(
    known: Labelled,
    rows: Int64s,
    shape: ImageTower,
    config: Comparison,
    rng: np.random.Generator,
) -> Iterator[LabelBatch]:
    """Varied pages of the rows, each row once before any comes again."""
    size, waiting = min(config.batch_size, len(rows)), np.zeros(0, np.int64)
    for _ in range(steps_of(len(rows), config)):
        if len(waiting) < size:
            waiting = np.concatenate([waiting, rng.permutation(rows)])
        chosen, waiting = waiting[:size], waiting[size:]
        signals = np.asarray(known.cache.signals_mv[chosen], np.float32)
        ink = [augmented_view(signal, CACHE_RATE_HZ, config.augment, rng) for signal in signals]
        yield LabelBatch(image_input(np.stack(ink), shape), known.labels[chosen].astype(np.float32))


def finetuned_scores(
    tower: VisionTransformer,
    shape: ImageTower,
    known: Labelled,
    rows: Int64s,
    config: Comparison,
    rng: np.random.Generator,
) -> Float32s:
    """Train on the rows and score the validation fold's clean pages, [record, label]. Changes `tower`."""
    head = nn.Linear(shape.width, LABELS)
    nn.init.zeros_(head.weight)  # before the first step every label has the same logit
    nn.init.constant_(head.bias, math.log(0.1 / 0.9))
    module = nn.ModuleList([tower, head]).train()
    whole, tower.patch_drop = tower.patch_drop, PatchDropout(config.patch_dropout, num_prefix_tokens=0)
    groups = parameter_groups(module, config.weight_decay)
    optimizer = torch.optim.AdamW(groups, config.learning_rate, betas=(0.9, 0.98))
    total = steps_of(len(rows), config)
    for step, batch in enumerate(prefetched(batches(known, rows, shape, config, rng))):
        for group in optimizer.param_groups:
            group["lr"] = config.learning_rate * warmup_cosine(step / total, config.warmup)
        with torch.autocast("cpu", torch.bfloat16):
            logits = head(tower(torch.from_numpy(batch.pixels)))
        loss = F.binary_cross_entropy_with_logits(logits.float(), torch.from_numpy(batch.labels))
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(module.parameters(), config.clip_norm)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
    tower.patch_drop = whole
    valid = known.cache.in_folds([config.valid_fold])
    with torch.inference_mode():
        return head(torch.from_numpy(clean_features(tower, shape, known.cache, valid))).numpy()  # type: ignore[no-any-return]
