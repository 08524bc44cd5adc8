"""What a training run of the signal network is made of: `configs/train/signal.toml`."""

from dataclasses import dataclass, field
from typing import Final

from ecgclip.training.contrastive.settings import Augment, check_folds, check_ranges
from ecgclip.training.towers.signal_settings import SignalModel

FILE: Final = "signal.toml"
"""Beside the trained network: the settings of its run."""


@dataclass(frozen=True)
class SignalTraining:
    """One run; everything that decides its result.

    mixed: chance that a record is mixed with another one of its batch (mixup, Zhang et al. 2018), with a
    share drawn from Beta(`mixing`, `mixing`). neighbours, statements: weights of the two losses.
    """

    model: SignalModel = field(default_factory=SignalModel)
    augment: Augment = field(default_factory=lambda: Augment(wander_mv=0.1, lead_dropout=0.1))
    folds: tuple[int, ...] = (1, 2, 3, 4, 5, 6, 7, 8)
    valid_fold: int = 9
    start: str | None = None
    """Folder of a trained network to begin with, of the same shape; what names statements is learned anew."""
    seed: int = 0
    epochs: int = 50
    batch_size: int = 64
    learning_rate: float = 2e-3
    warmup_epochs: float = 3.0
    weight_decay: float = 0.05
    mixed: float = 0.5
    mixing: float = 0.4
    neighbours: float = 1.0
    statements: float = 2.0
    target_temperature: float = 0.1
    ema_decay: float = 0.995
    threads: int = 1
    valid_every: int = 5

    def __post_init__(self) -> None:
        check_ranges(self)
        check_folds(self.folds, self.valid_fold)
        if not 0 <= self.mixed <= 1 or self.mixing <= 0:
            raise ValueError("expected mixed from 0 to 1 and mixing above 0")
