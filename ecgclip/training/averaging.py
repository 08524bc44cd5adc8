"""Weights averaged along a training."""

import torch
from torch import nn


@torch.no_grad()
def follow(average: nn.Module, model: nn.Module, decay: float) -> None:
    """Move the averaged weights towards the present ones; running statistics are copied, being averages."""
    for kept, new in zip(average.parameters(), model.parameters(), strict=True):
        kept.lerp_(new, 1 - decay)
    for statistic, now in zip(average.buffers(), model.buffers(), strict=True):
        statistic.copy_(now)
