"""The loss terms of the sheet stage: pixels of the trace, cells of lead names, orientation, ECG or not."""

import torch
from torch import Tensor
from torch.nn import functional as F

from ecgclip.photo.flat.network import NAMES
from ecgclip.training.sheet.crops import Batch

Outputs = tuple[Tensor, Tensor, Tensor, Tensor]


def sheet_loss(outputs: Outputs, batch: Batch) -> tuple[Tensor, dict[str, float]]:
    """The sum to minimise, and its terms by name."""
    trace, names, orientation, ecg = (output.float() for output in outputs)
    turns = torch.from_numpy(batch.turns)
    terms = {
        "trace": trace_loss(trace, torch.from_numpy(batch.trace).float() / 255),
        "names": names_loss(names, torch.from_numpy(batch.names)),
        "orientation": orientation_loss(orientation, turns),
        "ecg": F.binary_cross_entropy_with_logits(ecg, torch.from_numpy(batch.ecg).float()),
    }
    total = 3 * terms["trace"] + 0.5 * terms["names"] + 0.5 * terms["orientation"] + 0.3 * terms["ecg"]
    return total, {name: float(value.detach()) for name, value in terms.items()}


def orientation_loss(logits: Tensor, turns: Tensor) -> Tensor:
    """Cross-entropy of the quarter turns; crops whose orientation cannot be known (-1) do not count."""
    return F.cross_entropy(logits, turns, ignore_index=-1) if (turns >= 0).any() else logits.sum() * 0


def trace_loss(logits: Tensor, truth: Tensor) -> Tensor:
    """Cross-entropy, and 1 - soft Dice over the batch, in which thin strokes count as much as wide ones."""
    chance = torch.sigmoid(logits)
    overlap = (2 * (chance * truth).sum() + 1) / ((chance * chance).sum() + (truth * truth).sum() + 1)
    return F.binary_cross_entropy_with_logits(logits, truth) + 0.3 * (1 - overlap)


def names_loss(logits: Tensor, truth: Tensor) -> Tensor:
    """Mean cross-entropy of the cells with a name plus that of the cells without, 300 times as many."""
    each = F.cross_entropy(logits, truth, reduction="none")
    named = truth < NAMES
    return each[named].sum() / max(1, int(named.sum())) + each[~named].mean()
