"""Learning-rate schedules, and the parameter groups with and without weight decay."""

import math

from torch import nn


def warmup_cosine(done: float, warmup: float, floor: float = 0.01) -> float:
    """Share of the peak rate: up over the first `warmup` of a run, then half a cosine down to `floor`.

    done, warmup: parts of the run, from 0 to 1.
    """
    if done < warmup:
        return max(done / warmup, floor)
    left = min((done - warmup) / max(1 - warmup, 1e-9), 1)
    return floor + (1 - floor) * (1 + math.cos(math.pi * left)) / 2


def warmed_cosine(step: int, steps: int, warmup_steps: int, floor: float = 0.0) -> float:
    """Share of the peak rate: half a cosine from 1 to `floor` over all steps, lower in the first ones."""
    warm = min(1.0, (step + 1) / max(1, warmup_steps))
    return warm * (floor + (1 - floor) * 0.5 * (1 + math.cos(math.pi * step / steps)))


def parameter_groups(module: nn.Module, weight_decay: float) -> list[dict[str, object]]:
    """The module's weights for an optimiser: matrices decay; biases, norms, position embeddings do not."""
    decays: list[nn.Parameter] = []
    free: list[nn.Parameter] = []
    for name, parameter in module.named_parameters():
        (decays if parameter.ndim > 1 and "pos_embed" not in name else free).append(parameter)
    return [{"params": decays, "weight_decay": weight_decay}, {"params": free, "weight_decay": 0.0}]
