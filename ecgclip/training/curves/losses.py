"""The loss terms of the curves stage: the height of the trace in every column, and whether there is one."""

from typing import Final

import torch
from torch import Tensor
from torch.nn import functional as F

from ecgclip.photo.curves.network import BIN_PX, BINS
from ecgclip.training.curves.bands import CurveBatch

_STEEPEST: Final = 3.0


def curve_loss(outputs: tuple[Tensor, Tensor], batch: CurveBatch) -> tuple[Tensor, dict[str, float]]:
    """The sum to minimise, and its terms by name; columns without a trace count for `present` alone."""
    heights, present = (output.float() for output in outputs)
    y_px = torch.from_numpy(batch.y_px)
    shown = torch.isfinite(y_px)
    bins = ((torch.nan_to_num(y_px) + 0.5) / BIN_PX - 0.5).clamp(0, BINS - 1)
    weight = shown * (1 + steepness(bins, shown))
    terms = {
        "height": _weighted(height_loss(heights, bins), weight),
        "distance": _weighted(distance_loss(heights, bins), weight),
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


def steepness(bins: Tensor, shown: Tensor) -> Tensor:
    """How steep the trace is at each column, in bins a column, at most `_STEEPEST`, [n, column].

    QRS complexes hold most of a signal's energy in a twentieth of its columns.
    """
    step = (bins[:, 2:] - bins[:, :-2]).abs() / 2
    both = shown[:, 2:] & shown[:, :-2]
    return F.pad((step * both).clamp(max=_STEEPEST), (1, 1))


def _weighted(values: Tensor, weight: Tensor) -> Tensor:
    return (values * weight).sum() / weight.sum().clamp(min=1)
