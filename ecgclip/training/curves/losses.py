"""The loss terms of the curves stage: the height of the trace in every column, and whether there is one."""

import torch
from torch import Tensor
from torch.nn import functional as F

from ecgclip.photo.curves.network import BIN_PX, BINS
from ecgclip.training.curves.bands import CurveBatch


def curve_loss(outputs: tuple[Tensor, Tensor], batch: CurveBatch) -> tuple[Tensor, dict[str, float]]:
    """The sum to minimise, and its terms by name; columns without a trace count for `present` alone."""
    heights, present = (output.float() for output in outputs)
    y_px = torch.from_numpy(batch.y_px)
    shown = torch.isfinite(y_px)
    bins = ((torch.nan_to_num(y_px) + 0.5) / BIN_PX - 0.5).clamp(0, BINS - 1)
    terms = {
        "height": _masked(height_loss(heights, bins), shown),
        "distance": _masked(distance_loss(heights, bins), shown),
        "present": F.binary_cross_entropy_with_logits(present, shown.float()),
    }
    total = 0.3 * terms["height"] + 0.5 * terms["distance"] + 0.3 * terms["present"]
    return total, {name: float(value.detach()) for name, value in terms.items()}


def height_loss(logits: Tensor, bins: Tensor) -> Tensor:
    """Cross-entropy with the two bins between which the trace runs, each by its nearness, [n, column]."""
    low = bins.floor().clamp(max=BINS - 2)
    share = bins - low
    chances = torch.log_softmax(logits, dim=1)
    first = chances.gather(1, low.long()[:, None])[:, 0]
    second = chances.gather(1, low.long()[:, None] + 1)[:, 0]
    return -((1 - share) * first + share * second)


def distance_loss(logits: Tensor, bins: Tensor) -> Tensor:
    """Smooth distance of the expected height from the true one, in bins, [n, column]."""
    places = torch.arange(BINS, dtype=logits.dtype)[None, :, None]
    expected = (torch.softmax(logits, dim=1) * places).sum(dim=1)
    return F.smooth_l1_loss(expected, bins, reduction="none")


def _masked(values: Tensor, shown: Tensor) -> Tensor:
    return (values * shown).sum() / shown.sum().clamp(min=1)
