"""The cells of the comparison: one training each, its scores kept in a file of its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import numpy as np

from ecgclip.errors import ModelError
from ecgclip.files import atomic_write
from ecgclip.typing import Float32s
from research.masked.settings import Comparison


class Way(StrEnum):
    """How labels are learned."""

    PROBE = "probe"
    """A linear map of the frozen tower's output."""
    FINETUNE = "finetune"
    """The whole tower is fine-tuned."""


class Beginning(StrEnum):
    """The tower's weights before it sees a label."""

    RANDOM = "random"
    PRETRAINED = "pretrained"


@dataclass(frozen=True)
class Cell:
    """One training: `draw` says which records of `percent` of the labels."""

    way: Way
    beginning: Beginning
    percent: int
    draw: int

    def rng(self, seed: int) -> np.random.Generator:
        """The same for both beginnings and both ways: they see the same records."""
        return np.random.default_rng([seed, self.percent, self.draw])

    def path(self, out: Path) -> Path:
        return out / "cells" / f"{self.way}-{self.beginning}-{self.percent:03d}-{self.draw}.npz"


def plan(config: Comparison) -> list[Cell]:
    """All cells; the first draw of every percentage comes before the second of any, pair by pair."""
    cells = []
    for way, draws in ((Way.PROBE, config.probe_draws), (Way.FINETUNE, config.draws)):
        pairs = [
            (draw, percent)
            for percent, count in zip(config.percents, draws, strict=True)
            for draw in range(count)
        ]
        cells += [
            Cell(way, beginning, percent, draw) for draw, percent in sorted(pairs) for beginning in Beginning
        ]
    return cells


def save_scores(scores: Float32s, path: Path) -> None:
    """Scores of the validation fold, [record, label]."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with atomic_write(path) as part:
        np.savez(part, scores=scores.astype(np.float32))


def load_scores(path: Path) -> Float32s:
    """What `save_scores` wrote; ModelError where the file is damaged."""
    try:
        with np.load(path, allow_pickle=False) as file:
            scores: Float32s = file["scores"]
            return scores
    except (OSError, ValueError, KeyError, EOFError) as error:
        raise ModelError(
            f"{path} holds no whole scores ({type(error).__name__}); delete it, the cell is trained anew"
        ) from None


def done(cells: Sequence[Cell], out: Path) -> dict[Cell, Float32s]:
    """The scores of the cells that have been trained."""
    return {cell: load_scores(cell.path(out)) for cell in cells if cell.path(out).is_file()}
