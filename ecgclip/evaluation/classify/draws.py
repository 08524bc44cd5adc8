"""How many labels a probe may see: shares of the training patients, drawn by chance."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

SHARES: Final = (0.01, 0.1, 1.0)
DRAWS: Final = 3


@dataclass(frozen=True, eq=False)
class Draw:
    """Training cases of which the labels are known: share of the patients, rows among the training cases."""

    share: float
    rows: npt.NDArray[np.int64]


def draws(
    patients: Sequence[Hashable],
    rng: np.random.Generator,
    count: int = DRAWS,
    shares: Sequence[float] = SHARES,
) -> tuple[Draw, ...]:
    """`count` draws of each share, one of the whole; at least two patients each.

    patients: of the training cases; all cases of a patient go along.
    """
    return tuple(
        Draw(share, _drawn(patients, share, rng))
        for share in shares
        for _ in range(1 if share >= 1 else count)
    )


def _drawn(patients: Sequence[Hashable], share: float, rng: np.random.Generator) -> npt.NDArray[np.int64]:
    numbers: dict[Hashable, int] = {}
    row = np.array([numbers.setdefault(patient, len(numbers)) for patient in patients], np.int64)
    wanted = max(2, round(share * len(numbers)))
    return np.flatnonzero(np.isin(row, rng.permutation(len(numbers))[:wanted]))
