"""Settings of the text stage, which trains the text tower alone."""

from dataclasses import dataclass
from typing import Final

from ecgclip.training.settings import check_folds, check_ranges

FILE: Final = "text.toml"
"""Name of the file in a run's folder that holds the settings it was started with."""


@dataclass(frozen=True)
class TextTraining:
    """One run of the text stage over a trained model; everything that decides its result.

    Each step takes `questions` short texts, which have to find the pages and reports that answer them, and
    `reports` reports, which have to stay where they were and to find their own pages.
    """

    folds: tuple[int, ...] = (1, 2, 3, 4, 5, 6, 7, 8)
    valid_fold: int = 9
    steps: int = 150
    questions: int = 96
    reports: int = 48
    learning_rate: float = 2e-4
    warmup_steps: int = 20
    weight_decay: float = 0.01
    clip_norm: float = 1.0
    names_share: float = 0.5
    """Share of the questions that name statements of a record; the others are pieces of reports."""
    misspelt: float = 0.15
    """Chance of a question to have one letter wrong."""
    keep: float = 10.0
    """Weight of the loss that holds reports where they were."""
    pairs: float = 0.2
    """Weight of the loss that compares the step's reports with their pages."""
    scale: float = 20.0
    """Scale of the cosines before the softmax over pages or reports; contrastive training ends near it."""
    seed: int = 0
    threads: int = 1

    def __post_init__(self) -> None:
        check_ranges(self)
        check_folds(self.folds, self.valid_fold)
        if self.questions < 1 or self.reports < 2:
            raise ValueError("expected questions >= 1 and reports >= 2")
