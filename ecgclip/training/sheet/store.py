"""Sheets drawn once and kept as files: sheet `i` of a set depends on the seed, the set and `i` alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ecgclip.errors import ModelError
from ecgclip.files import atomic_write
from ecgclip.records.ecg import Ecg
from ecgclip.simulation.camera import photograph
from ecgclip.simulation.ecg import SyntheticSource
from ecgclip.simulation.prints.negatives import random_negative
from ecgclip.simulation.prints.random_print import random_print
from ecgclip.training.cache import SignalCache
from ecgclip.training.sheet.flat import lay_flat
from ecgclip.training.sheet.sample import FlatSample
from ecgclip.training.sheet.settings import SheetData

_SYNTHETIC_COUNT = 100_000


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
        printed = random_print(_random_ecg(cache, folds, data, seed, rng), rng)
    return Drawn(lay_flat(printed, photograph(printed.rgb, level, rng), rng, data.reader), level)


def _random_ecg(
    cache: SignalCache, folds: Sequence[int], data: SheetData, seed: int, rng: np.random.Generator
) -> Ecg:
    records = cache.in_folds(folds)
    if records.size == 0:
        raise ModelError(f"no record is in folds {tuple(folds)}; expected some to draw sheets of")
    if rng.random() < data.synthetic:
        # another seed for other folds: no made-up patient is in two sets
        source = SyntheticSource(_SYNTHETIC_COUNT, 1000 * seed + folds[0], rate_hz=100.0)
        return source.read(f"{rng.integers(1, _SYNTHETIC_COUNT + 1):05d}")
    return cache.ecg(int(rng.choice(records)))


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


def sheet_files(folder: Path) -> list[Path]:
    """The whole sheets of a folder; half-written ones have another name."""
    return sorted(folder.glob("[0-9]*[0-9].npz"))


def path_of(folder: Path, index: int) -> Path:
    return folder / f"{index:06d}.npz"


def draw_missing(
    cache: SignalCache, folds: Sequence[int], data: SheetData, seed: int, folder: Path, count: int
) -> int:
    """Draw the sheets of a set that are not in the folder yet; returns how many were drawn."""
    folder.mkdir(parents=True, exist_ok=True)
    missing = [index for index in range(count) if not path_of(folder, index).exists()]
    for index in missing:
        save(draw(cache, folds, data, seed, index), path_of(folder, index))
    return len(missing)
