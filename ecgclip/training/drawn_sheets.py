"""Simulated sheets kept as files: records that they are drawn of, their names, and what is still missing."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from ecgclip.errors import ModelError
from ecgclip.records.ecg import Ecg
from ecgclip.simulation.ecg import SyntheticSource
from ecgclip.training.cache import SignalCache

_SYNTHETIC_COUNT: Final = 100_000


def random_ecg(
    cache: SignalCache,
    folds: Sequence[int],
    synthetic: float,
    seed: int,
    rng: np.random.Generator,
    *,
    synthetic_hz: float,
) -> Ecg:
    """A record of these folds, or, with a chance of `synthetic`, a made-up one at `synthetic_hz`."""
    records = cache.in_folds(folds)
    if records.size == 0:
        raise ModelError(f"no record is in folds {tuple(folds)}; expected some to draw sheets of")
    if rng.random() < synthetic:
        # another seed for other folds: no made-up patient is in two sets
        source = SyntheticSource(_SYNTHETIC_COUNT, 1000 * seed + folds[0], rate_hz=synthetic_hz)
        return source.read(f"{rng.integers(1, _SYNTHETIC_COUNT + 1):05d}")
    return cache.ecg(int(rng.choice(records)))


def sheet_files(folder: Path) -> list[Path]:
    """The whole sheets of a folder; half-written ones have another name."""
    return sorted(folder.glob("[0-9]*[0-9].npz"))


def path_of(folder: Path, index: int) -> Path:
    return folder / f"{index:06d}.npz"


def draw_into(folder: Path, count: int, draw: Callable[[int, Path], None]) -> int:
    """Draw the sheets that are not in the folder yet; returns how many were drawn.

    draw: writes the sheet of a number to a path.
    """
    folder.mkdir(parents=True, exist_ok=True)
    missing = [index for index in range(count) if not path_of(folder, index).exists()]
    for index in missing:
        draw(index, path_of(folder, index))
    return len(missing)
