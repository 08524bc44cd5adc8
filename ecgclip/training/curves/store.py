"""Sheets with their curves, drawn once and kept: sheet `i` depends on the seed, its set and `i` alone."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from ecgclip.errors import ModelError
from ecgclip.files import atomic_write
from ecgclip.simulation.camera import photograph
from ecgclip.simulation.prints.random_print import random_print
from ecgclip.training.cache import SignalCache
from ecgclip.training.curves.sample import CurveSheet, lay_flat
from ecgclip.training.curves.settings import CurveData
from ecgclip.training.drawn_sheets import draw_into, random_ecg


@dataclass(frozen=True, eq=False)
class DrawnCurves:
    """A sheet and the camera level of its photo."""

    sheet: CurveSheet
    level: str


def draw(cache: SignalCache, folds: Sequence[int], data: CurveData, seed: int, index: int) -> DrawnCurves:
    """Sheet `index` of the set of these folds."""
    rng = np.random.default_rng([seed, 7, *folds, index])
    level = str(rng.choice(data.levels, p=data.shares))
    printed = random_print(random_ecg(cache, folds, data.synthetic, seed, rng, synthetic_hz=500.0), rng)
    return DrawnCurves(lay_flat(printed, photograph(printed.rgb, level, rng), rng, data.reader), level)


def save(drawn: DrawnCurves, path: Path) -> None:
    """Write under a temporary name, then rename: a killed run leaves no half sheet."""
    with atomic_write(path) as part:
        np.savez(part, level=np.array(drawn.level), **asdict(drawn.sheet))


def load(path: Path) -> DrawnCurves:
    """Read one sheet back; raises ModelError where the file is damaged."""
    try:
        with np.load(path, allow_pickle=False) as file:
            parts = {name: file[name] for name in file.files}
            return DrawnCurves(level=str(parts.pop("level")), sheet=CurveSheet(**parts))
    except (OSError, ValueError, KeyError, EOFError, TypeError) as error:
        raise ModelError(
            f"{path} is no whole sheet ({type(error).__name__}); delete it, it is drawn anew"
        ) from None


def draw_missing(
    cache: SignalCache, folds: Sequence[int], data: CurveData, seed: int, folder: Path, count: int
) -> int:
    """Draw the sheets of a set that are not in the folder yet; returns how many were drawn."""
    return draw_into(folder, count, lambda index, path: save(draw(cache, folds, data, seed, index), path))
