"""What a training run is made of: one TOML file in `configs/train/` each."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from ecgclip.encoders.settings import ModelConfig

_LEAST: Final = {
    "epochs": 1,
    "steps": 1,
    "batch_size": 1,
    "threads": 1,
    "valid_every": 1,
    "text_batch_size": 0,
    "warmup_epochs": 0,
    "warmup_steps": 0,
    "weight_decay": 0,
    "views": 0,
    "mixed": 0,
    "seed": 0,
}
_POSITIVE: Final = ("learning_rate", "clip_norm", "target_temperature")
_SHARES: Final = ("probability", "roll", "lead_dropout", "erase", "blur", "speckle", "share", "misspelt")
_BELOW_ONE: Final = ("patch_dropout", "ema_decay")


def check_ranges(settings: Any) -> None:
    """ValueError, in words, for a number that no run can have; the names mean the same in all settings."""
    for name, value in vars(settings).items():
        if name in _LEAST and value < _LEAST[name]:
            raise ValueError(f"{name} is {value}; expected {_LEAST[name]} or more")
        if name in _POSITIVE and value <= 0:
            raise ValueError(f"{name} is {value}; expected more than 0")
        if name in _SHARES and not 0 <= value <= 1:
            raise ValueError(f"{name} is {value}; expected 0 to 1")
        if name in _BELOW_ONE and not 0 <= value < 1:
            raise ValueError(f"{name} is {value}; expected 0 to below 1")


def check_folds(folds: tuple[int, ...], valid_fold: int) -> None:
    """ValueError where there is nothing to train on, or the validation fold is trained on."""
    if not folds:
        raise ValueError("folds is empty; expected the folds to train on")
    if valid_fold in folds:
        raise ValueError(f"valid_fold {valid_fold} is also trained on (folds {folds})")


class Contrast(StrEnum):
    """How the right report of an image is told from the others of the batch."""

    CLIP = "clip"
    """open_clip's ClipLoss: only its own report is right."""
    SIGLIP = "siglip"
    """open_clip's SigLipLoss: each pair judged alone."""
    SOFT = "soft"
    """Reports are right in the degree that their SCP statements overlap; equal ones wholly."""


@dataclass(frozen=True)
class Losses:
    """Weights of the loss terms; 0 leaves a term out."""

    contrast: Contrast = Contrast.SOFT
    contrastive: float = 1.0
    neighbours: float = 1.0
    """Images of like statements lie near each other (soft supervised contrast)."""
    statements: float = 2.0
    """A linear head on both towers' embeddings names the SCP statements."""
    views: float = 0.5
    """The two views of a record (`Photographs`) find each other among those of the batch."""
    taught_statements: float = 1.0
    """The statement head says of an image what the teachers say of its signal (`Teaching`)."""
    taught_likeness: float = 1.0
    """Images lie as near each other as their signals do for the teachers."""
    taught_vector: float = 2.0
    """A linear map of the embedding points where the teachers' vectors of the signal point."""
    target_temperature: float = 0.1
    """Of soft targets: overlap 1 outweighs overlap .5 by exp(.5 / .1)."""

    def __post_init__(self) -> None:
        check_ranges(self)


@dataclass(frozen=True)
class Augment:
    """Chances and ranges of what differs between a print and a clean render of the same record."""

    probability: float = 0.8
    """Of an image being changed at all."""
    roll: float = 0.5
    """Chance to begin the page at another second of the record: other beats in each lead."""
    gain: float = 0.1
    wander_mv: float = 0.15
    noise_mv: float = 0.02
    scale: float = 0.02
    shift_mm: float = 2.0
    line_mm: tuple[float, float] = (0.3, 0.8)
    lead_dropout: float = 0.05
    erase: float = 0.3
    blur: float = 0.3
    speckle: float = 0.3

    def __post_init__(self) -> None:
        check_ranges(self)


@dataclass(frozen=True)
class Photographs:
    """Simulated photos of the training records, read back by the photo reader before training begins."""

    views: int = 0
    """Photos of each record; 0: the records' own pages alone."""
    level: str = "train"
    """Of the camera, a name in `configs/render/camera/`."""
    share: float = 0.5
    """Of the records of a batch that are seen twice: as a page of their own and as a photo of its print."""
    seed: int = 0

    def __post_init__(self) -> None:
        check_ranges(self)


@dataclass(frozen=True)
class Teaching:
    """Networks over the digital signal that each image's embedding learns from (knowledge distillation)."""

    teachers: tuple[str, ...] = ()
    """Folders that `python -m ecgclip.training.signal` wrote; none: no teaching."""
    mixed: int = 0
    """Images of two records' mixed signals that each step adds; only the teachers can say what they are."""

    def __post_init__(self) -> None:
        check_ranges(self)
        if self.mixed and not self.teachers:
            raise ValueError(f"mixed is {self.mixed}, but there are no teachers to say what mixtures are")


@dataclass(frozen=True)
class TrainConfig:
    """One run; everything that decides its result."""

    model: ModelConfig = field(default_factory=ModelConfig)
    losses: Losses = field(default_factory=Losses)
    augment: Augment = field(default_factory=Augment)
    photographs: Photographs = field(default_factory=Photographs)
    teaching: Teaching = field(default_factory=Teaching)
    folds: tuple[int, ...] = (1, 2, 3, 4, 5, 6, 7, 8)
    valid_fold: int = 9
    start: str | None = None
    """Folder of weights to begin with, with its model's shape, statements and tokenizer; random without."""
    image_start: str | None = None
    """Folder of weights whose image tower alone to begin with, of the same shape; the rest is random."""
    seed: int = 0
    epochs: int = 50
    batch_size: int = 64
    text_batch_size: int = 64
    """Reports without a recording that each step adds for the text tower."""
    learning_rate: float = 4e-4
    warmup_epochs: float = 4.0
    weight_decay: float = 0.05
    patch_dropout: float = 0.25
    ema_decay: float = 0.998
    clip_norm: float = 1.0
    threads: int = 2
    valid_every: int = 5
    """Epochs between looks at the validation fold and checkpoints kept for resuming."""

    def __post_init__(self) -> None:
        check_ranges(self)
        check_folds(self.folds, self.valid_fold)
        if self.start and self.image_start:
            raise ValueError("start and image_start are given; expected one of them")
        if self.batch_size < 2:
            raise ValueError(f"batch_size is {self.batch_size}; expected 2 or more, to be told apart")
