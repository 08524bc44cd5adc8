"""The device that a run computes on, and the processes that torchrun started beside this one."""

import os
from datetime import timedelta
from typing import Any, Final

import numpy as np
import torch
import torch.distributed as dist
from torch import Tensor

from ecgclip.typing import Array

_PREPARATION: Final = timedelta(days=2)
"""How long processes wait for the first, which reads all records and makes their photos. torch's own limit
of 10 to 30 minutes is too short for that.
"""


def training_device() -> torch.device:
    """This process's GPU (torchrun numbers the processes of a machine by LOCAL_RANK), or the CPU."""
    if not torch.cuda.is_available():
        return torch.device("cpu")
    return torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0")))


def process_backend() -> str:
    """The library that processes exchange tensors with: NCCL between GPUs, gloo between CPUs."""
    return "nccl" if torch.cuda.is_available() else "gloo"


def join_processes() -> None:
    """Join the other processes where torchrun started several."""
    if int(os.environ.get("WORLD_SIZE", "1")) > 1 and not dist.is_initialized():
        if (device := training_device()).type == "cuda":
            torch.cuda.set_device(device)
        dist.init_process_group(process_backend(), timeout=_PREPARATION)


def is_first() -> bool:
    """Whether this process is the one that writes files."""
    return rank_and_world()[0] == 0


def rank_and_world() -> tuple[int, int]:
    """This process's number and how many there are; (0, 1) without torchrun."""
    return (dist.get_rank(), dist.get_world_size()) if dist.is_initialized() else (0, 1)


def wait_for_all() -> None:
    """Wait until every process has come here."""
    if dist.is_initialized():
        dist.barrier()


def placed(values: Array | Tensor) -> Tensor:
    """The values as a tensor on torch's default device, which `with device:` sets; no copy on the CPU."""
    return torch.as_tensor(values, device=torch.get_default_device())


def seed_dropout(seed: int, epoch: int, rank: int) -> None:
    """Seed an epoch's dropout: different in each process, and the same again in a resumed run."""
    torch.manual_seed(int(np.random.SeedSequence([seed, epoch, rank]).generate_state(1)[0]))


def gathered(local: Tensor) -> Tensor:
    """The tensor of all processes, joined along the first axis, with gradients to each."""
    if rank_and_world()[1] == 1:
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
