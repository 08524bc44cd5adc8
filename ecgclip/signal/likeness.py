"""How alike two leads are."""

import numpy as np

from ecgclip.typing import Float32s


def agreement(a: Float32s, b: Float32s, least: int) -> float | None:
    """-1..1: how alike two leads [sample] are, in size as well; None where they share too few samples.

    least: samples that both must show; NaN is unknown. Offsets do not count. 0 where neither moves.
    """
    known = ~(np.isnan(a) | np.isnan(b))
    if known.sum() < least:
        return None
    x, y = a[known] - a[known].mean(), b[known] - b[known].mean()
    size = float((x * x).sum() + (y * y).sum())
    return 2.0 * float((x * y).sum()) / size if size > 0 else 0.0
