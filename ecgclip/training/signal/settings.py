"""Settings of the signal stage: the network over the digital signal and its training."""

from dataclasses import dataclass, field
from typing import Final

from ecgclip.training.settings import Augment, check_folds, check_ranges

FILE: Final = "signal.toml"
"""Name of the file beside a trained network that holds its settings."""


@dataclass(frozen=True)
class SignalModel:
    """Channels and blocks of each stage of the network; each runs at half the rate of the one before."""

    channels: tuple[int, ...] = (64, 128, 192, 256)
    blocks: tuple[int, ...] = (2, 2, 2, 2)
    kernel: int = 7
    dim: int = 256
    dropout: float = 0.2
    statements: tuple[str, ...] = ()
    """SCP statements that it names; empty before the training data is known."""


@dataclass(frozen=True)
class SignalTraining:
    """One run of the signal stage; everything that decides its result."""

    model: SignalModel = field(default_factory=SignalModel)
    augment: Augment = field(default_factory=lambda: Augment(wander_mv=0.1, lead_dropout=0.1))
    folds: tuple[int, ...] = (1, 2, 3, 4, 5, 6, 7, 8)
    valid_fold: int = 9
    init_from: str | None = None
    """Folder of a trained network of the same shape to fine-tune; its statement head is learned anew."""
    seed: int = 0
    epochs: int = 50
    batch_size: int = 64
    learning_rate: float = 2e-3
    warmup_epochs: float = 3.0
    weight_decay: float = 0.05
    mixup: float = 0.5
    """Chance that a record is mixed with another one of its batch (Zhang et al. 2018)."""
    mixup_alpha: float = 0.4
    """The share of each comes from Beta(mixup_alpha, mixup_alpha)."""
    supervised_contrastive: float = 1.0
    """Weight of the loss by which records of like statements have like vectors."""
    statements: float = 2.0
    """Weight of the statements' cross-entropy."""
    target_temperature: float = 0.1
    ema_decay: float = 0.995
    threads: int = 1
    valid_every: int = 5

    def __post_init__(self) -> None:
        check_ranges(self)
        check_folds(self.folds, self.valid_fold)
        if self.mixup > 1:
            raise ValueError(f"mixup is {self.mixup}; expected 0 to 1")
