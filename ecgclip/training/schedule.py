"""How the learning rate rises and falls."""

import math


def schedule(done: float, warmup: float) -> float:
    """Share of the peak: up over `warmup` of the steps, then half a cosine down to 1 %; both from 0 to 1."""
    if done < warmup:
        return max(done / warmup, 0.01)
    return 0.01 + 0.99 * (1 + math.cos(math.pi * min((done - warmup) / max(1 - warmup, 1e-9), 1))) / 2
