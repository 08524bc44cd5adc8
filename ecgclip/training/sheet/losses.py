"""The loss terms of the sheet stage: pixels of traces, cells of words and strokes, orientation, ECG."""

from typing import Final

import torch
from torch import Tensor
from torch.nn import functional as F

from ecgclip.photo.flat.words import NO_WORD
from ecgclip.training.sheet.crops import Batch
from ecgclip.training.sheet.model import Outputs

_WEIGHTS: Final = {"trace": 3.0, "words": 1.0, "cells": 1.5, "orientation": 0.5, "ecg": 0.3}
_LEAST: Final = 20.0
"""Least sum of a map's truth in a batch by which its loss is divided."""
_CELL_TRUTH: Final = 3.0
"""What a cell's truth adds to its weight."""
_ELSEWHERE: Final = 0.3
"""Weight of the cells without a word: below 1, as a missed word costs more than one to be checked."""


def sheet_loss(outputs: Outputs, batch: Batch) -> tuple[Tensor, dict[str, float]]:
    """The sum to minimise, and its terms by name."""
    trace, words, cells, orientation, ecg = (output.float() for output in outputs)
    terms = {
        "trace": trace_loss(trace, torch.from_numpy(batch.trace).float() / 255),
        "words": words_loss(words, torch.from_numpy(batch.words)),
        "cells": cells_loss(cells, torch.from_numpy(batch.cells)),
        "orientation": orientation_loss(orientation, torch.from_numpy(batch.turns)),
        "ecg": F.binary_cross_entropy_with_logits(ecg, torch.from_numpy(batch.ecg).float()),
    }
    total = torch.stack([_WEIGHTS[name] * term for name, term in terms.items()]).sum()
    return total, {name: float(value.detach()) for name, value in terms.items()}


def orientation_loss(logits: Tensor, turns: Tensor) -> Tensor:
    """Cross-entropy of the quarter turns; crops whose orientation cannot be known (-1) do not count."""
    return F.cross_entropy(logits, turns, ignore_index=-1) if (turns >= 0).any() else logits.sum() * 0


def trace_loss(logits: Tensor, truth: Tensor) -> Tensor:
    """Cross-entropy, and 1 - soft Dice over the batch, in which thin strokes count as much as wide ones."""
    chance = torch.sigmoid(logits)
    overlap = (2 * (chance * truth).sum() + 1) / ((chance * chance).sum() + (truth * truth).sum() + 1)
    return F.binary_cross_entropy_with_logits(logits, truth) + 0.3 * (1 - overlap)


def words_loss(logits: Tensor, truth: Tensor) -> Tensor:
    """Focal cross-entropy: the mean over cells of words, and the sum over all others by as many.

    A word's cell weighs by one over the root of its class's number of cells in the batch, so that a rare
    speed is learned beside the lead names. Cells of -1 do not count.
    """
    each = F.cross_entropy(logits, truth.clamp(min=0), reduction="none")
    missing = 1 - torch.exp(-each)
    named, blank = (truth >= 0) & (truth < NO_WORD), truth == NO_WORD
    weights = torch.bincount(truth[named], minlength=NO_WORD).clamp(min=1).float() ** -0.5
    weight = weights[truth[named]]
    found = (weight * missing[named].sqrt() * each[named]).sum() / weight.sum().clamp(min=1e-6)
    others = (missing[blank] ** 2 * each[blank]).sum() / max(_LEAST, int(named.sum()))
    return found + _ELSEWHERE * others


def cells_loss(logits: Tensor, truth: Tensor) -> Tensor:
    """Quality focal loss: |truth - chance| times cross-entropy, of each map by its sum of truth; their mean.

    It is least where the chance is the soft truth itself. A cell weighs up to four times as much as one without
    truth, as what is missed costs more than what is to be checked. Cells of -1 do not count.
    """
    known = truth >= 0
    soft = truth.clamp(min=0)
    each = F.binary_cross_entropy_with_logits(logits, soft, reduction="none")
    each = (soft - torch.sigmoid(logits)).abs() * (1 + _CELL_TRUTH * soft) * each * known
    maps = each.sum(dim=(0, 2, 3)) / (soft * known).sum(dim=(0, 2, 3)).clamp(min=_LEAST)
    return maps.mean()
