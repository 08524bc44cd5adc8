"""Sheets drawn once and kept as files: sheet `i` of a set depends on the seed, the set and `i` alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ecgclip.errors import ModelError
from ecgclip.files import atomic_write
from ecgclip.simulation.camera import photograph
from ecgclip.simulation.prints.negatives import random_negative
from ecgclip.simulation.prints.random_print import random_print
from ecgclip.training.cache import SignalCache
from ecgclip.training.drawn_sheets import draw_into, random_ecg
from ecgclip.training.sheet.flat import lay_flat
from ecgclip.training.sheet.sample import FlatSample
from ecgclip.training.sheet.settings import SheetData


@dataclass(frozen=True, eq=False)
class Drawn:
    """A sheet and the camera level of its photo."""

    sample: FlatSample
    level: str


def draw(cache: SignalCache, folds: Sequence[int], data: SheetData, seed: int, index: int) -> Drawn:
    """Sheet `index` of the set of these folds."""
    rng = np.random.default_rng([seed, *folds, index])
    level = str(rng.choice(data.levels, p=data.shares))
    if rng.random() < data.negatives:
        printed = random_negative(rng)
    else:
        printed = random_print(random_ecg(cache, folds, data.synthetic, seed, rng, synthetic_hz=100.0), rng)
    return Drawn(lay_flat(printed, photograph(printed.rgb, level, rng), rng, data.reader), level)


def save(drawn: Drawn, path: Path) -> None:
    """Write under a temporary name, then rename: a killed run leaves no half sheet."""
    sample = drawn.sample
    with atomic_write(path) as part:
        np.savez(
            part,
            planes=sample.planes,
            trace=sample.trace,
            others=np.packbits(sample.layers[1:] > 127),
            words=sample.words,
            panels=sample.panels,
            is_ecg=np.array(sample.is_ecg),
            by_reader=np.array(sample.by_reader),
            level=np.array(drawn.level),
        )


def load(path: Path) -> Drawn:
    """Read one sheet back; raises ModelError where the file is damaged."""
    try:
        with np.load(path, allow_pickle=False) as file:
            trace = file["trace"]
            others = np.unpackbits(file["others"], count=3 * trace.size).reshape(3, *trace.shape)
            sample = FlatSample(
                file["planes"],
                np.concatenate([trace[None], others * np.uint8(255)]),
                file["words"],
                file["panels"],
                bool(file["is_ecg"]),
                bool(file["by_reader"]),
            )
            return Drawn(sample, str(file["level"]))
    except (OSError, ValueError, KeyError, EOFError) as error:
        raise ModelError(
            f"{path} is no whole sheet ({type(error).__name__}); delete it, it is drawn anew"
        ) from None


def draw_missing(
    cache: SignalCache, folds: Sequence[int], data: SheetData, seed: int, folder: Path, count: int
) -> int:
    """Draw the sheets of a set that are not in the folder yet; returns how many were drawn."""
    return draw_into(folder, count, lambda index, path: save(draw(cache, folds, data, seed, index), path))
