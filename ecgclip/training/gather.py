"""Tensors of all processes, joined."""

from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor


def gathered(local: Tensor) -> Tensor:
    """The tensor of all processes, joined along the first axis, with gradients to each."""
    if not dist.is_initialized() or dist.get_world_size() == 1:
        return local
    joined: Tensor = _Gather.apply(local)
    return joined


class _Gather(torch.autograd.Function):
    """Every process computes the loss of the whole batch, so the gradients of all copies are summed."""

    @staticmethod
    def forward(ctx: Any, local: Tensor) -> Tensor:
        parts = [torch.empty_like(local) for _ in range(dist.get_world_size())]
        dist.all_gather(parts, local.contiguous())
        return torch.cat(parts)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        summed = gradient.contiguous()
        dist.all_reduce(summed)
        return summed.chunk(dist.get_world_size())[dist.get_rank()]
