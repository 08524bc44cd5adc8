"""Where a run computes: on the process's own GPU where there is one, else on the CPU."""

import os
from typing import Any

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


def random_states(device: torch.device) -> dict[str, Tensor]:
    """What the generators of dropout would draw next, on the CPU and on the device."""
    states = {"torch": torch.get_rng_state()}
    if device.type == "cuda":
        states["cuda"] = torch.cuda.get_rng_state(device)
    return states


def restore_random_states(states: dict[str, Any], device: torch.device) -> None:
    """Go on drawing where `random_states` was taken; a run that changes its device draws anew there."""
    torch.set_rng_state(states["torch"])
    if device.type == "cuda" and "cuda" in states:
        torch.cuda.set_rng_state(states["cuda"], device)
