"""What decides the result of a text stage."""

from dataclasses import dataclass

from ecgclip.training.contrastive.settings import check_folds, check_ranges


@dataclass(frozen=True)
class TextStage:
    """One run over a trained model whose image tower stays as it is.

    Each step reads `questions` short texts, which look for the pages and reports that answer them, and
    `reports` reports, which should keep their place and find their own page.
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
    """Of the questions: names of statements, and several of one record; the others are pieces of reports."""
    misspelt: float = 0.15
    """Chance of a question to have one letter wrong."""
    keep: float = 10.0
    """Weight of what holds reports at their place."""
    pairs: float = 0.2
    """Weight of report against page within the step."""
    scale: float = 20.0
    """Of cosines, before the softmax over pages or reports: where contrastive training ends up."""
    seed: int = 0
    threads: int = 1

    def __post_init__(self) -> None:
        check_ranges(self)
        check_folds(self.folds, self.valid_fold)
        if self.questions < 1 or self.reports < 2:
            raise ValueError("expected questions >= 1 and reports >= 2")
