"""Where a run computes: on the process's own GPU where there is one, else on the CPU."""

import os
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor


def training_device() -> torch.device:
    """This process's GPU (torchrun numbers the processes of a machine by LOCAL_RANK), or the CPU."""
    if not torch.cuda.is_available():
        return torch.device("cpu")
    return torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0")))


def process_backend() -> str:
    """What processes talk through: NCCL between GPUs, gloo between CPUs."""
    return "nccl" if torch.cuda.is_available() else "gloo"


def placed(values: npt.NDArray[Any] | Tensor) -> Tensor:
    """The values as a tensor on torch's default device, which `with device:` sets; no copy on the CPU."""
    return torch.as_tensor(values, device=torch.get_default_device())


def seed_dropout(seed: int, epoch: int, rank: int) -> None:
    """Begin an epoch's dropout: another one in each process, and the same again in a resumed run."""
    torch.manual_seed(int(np.random.SeedSequence([seed, epoch, rank]).generate_state(1)[0]))
