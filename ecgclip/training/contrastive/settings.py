"""Settings of the contrastive stage: the model, its losses, photo views, distillation."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from ecgclip.encoders.settings import ModelConfig
from ecgclip.training.settings import Augment, check_folds, check_ranges

FILE: Final = "train.toml"
"""Name of the file in a run's folder that holds the settings it was started with."""


class Contrast(StrEnum):
    """Which reports of a batch count as right for an image."""

    CLIP = "clip"
    """open_clip's ClipLoss: only its own report."""
    SIGLIP = "siglip"
    """open_clip's SigLipLoss: only its own report, each pair of image and report judged alone."""
    SOFT = "soft"
    """Every report by the overlap of its SCP statements with the image's; equal reports fully."""


@dataclass(frozen=True)
class Losses:
    """Weights of the loss terms; 0 leaves a term out."""

    contrast: Contrast = Contrast.SOFT
    contrastive: float = 1.0
    """Image against report."""
    supervised_contrastive: float = 1.0
    """Image against image: the more statements two records share, the nearer their images."""
    statements: float = 2.0
    """Cross-entropy of a linear head that names the SCP statements from the embeddings of both towers."""
    photo_views: float = 0.5
    """The page of a record and the photo of its print find each other in the batch (`PhotoViews`)."""
    distilled_statements: float = 1.0
    """The statement head gives an image the probabilities that the teachers give its signal."""
    distilled_similarity: float = 1.0
    """Images are as similar to each other as their signals are for the teachers."""
    distilled_vector: float = 2.0
    """Cosine distance between a linear map of the embedding and the teachers' vectors of the signal."""
    target_temperature: float = 0.1
    """Temperature of the soft targets: overlap 1 outweighs overlap .5 by exp(.5 / .1)."""

    def __post_init__(self) -> None:
        check_ranges(self)


@dataclass(frozen=True)
class PhotoViews:
    """Simulated photos of prints of the training records, read by the photo reader before training begins."""

    per_record: int = 0
    """Photos of each record; 0 trains on drawn pages alone."""
    level: str = "train"
    """Level of the simulated camera, a name in `configs/render/camera/`."""
    share: float = 0.5
    """Share of the records of a batch that are shown twice: as drawn page and as photo of its print."""
    seed: int = 0

    def __post_init__(self) -> None:
        check_ranges(self)


@dataclass(frozen=True)
class Distillation:
    """Knowledge distillation: the image tower learns from networks that read the digital signal."""

    teachers: tuple[str, ...] = ()
    """Folders that `ecgclip train signal` wrote; without one nothing is distilled."""
    mixup: int = 0
    """Images of two records' mixed signals that each step adds; only the teachers give their targets."""

    def __post_init__(self) -> None:
        check_ranges(self)
        if self.mixup and not self.teachers:
            raise ValueError(f"mixup is {self.mixup}, but there are no teachers to give its targets")


@dataclass(frozen=True)
class ContrastiveTraining:
    """One run of the contrastive stage; everything that decides its result."""

    model: ModelConfig = field(default_factory=ModelConfig)
    losses: Losses = field(default_factory=Losses)
    augment: Augment = field(default_factory=Augment)
    photo_views: PhotoViews = field(default_factory=PhotoViews)
    distillation: Distillation = field(default_factory=Distillation)
    folds: tuple[int, ...] = (1, 2, 3, 4, 5, 6, 7, 8)
    valid_fold: int = 9
    init_from: str | None = None
    """Folder of a trained model to fine-tune, with its shape, statements and tokenizer; random without."""
    init_image_from: str | None = None
    """Folder of a trained model of which only the image tower is taken; its shape must be `model.image`."""
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
    """Epochs between two validations; a checkpoint is written after each."""

    def __post_init__(self) -> None:
        check_ranges(self)
        check_folds(self.folds, self.valid_fold)
        if self.init_from and self.init_image_from:
            raise ValueError("init_from and init_image_from are given; expected one of them")
        if self.batch_size < 2:
            raise ValueError(f"batch_size is {self.batch_size}; expected 2 or more, which the losses compare")
