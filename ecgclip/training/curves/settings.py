"""Settings of the curves stage: the network that reads a row's trace, its drawn sheets and its training."""

from dataclasses import dataclass, field
from typing import Final

from ecgclip.training.settings import check_folds, check_ranges

FILE: Final = "curves.toml"
"""Name of the file in a run's folder that holds the settings it was started with."""


@dataclass(frozen=True)
class CurveModel:
    """Widths of the features at 1, 2, 4 and 8 mm, and blocks at 8 mm by their dilation."""

    widths: tuple[int, int, int, int] = (32, 48, 72, 96)
    dilations: tuple[int, ...] = (1, 2)


@dataclass(frozen=True)
class CurveData:
    """The sheets that are drawn once, before the training.

    levels, shares: of the camera, and how often each; synthetic: share of synthetic records;
    reader: share that is flattened by the grid that the photo reader finds, not by the camera's own map.
    """

    count: int = 2000
    levels: tuple[str, ...] = ("S0", "S1", "S2", "S3", "S4", "phone", "train")
    shares: tuple[float, ...] = (0.12, 0.12, 0.16, 0.14, 0.06, 0.28, 0.12)
    synthetic: float = 0.15
    reader: float = 0.35

    def __post_init__(self) -> None:
        if len(self.levels) != len(self.shares) or abs(sum(self.shares) - 1) > 1e-6:
            raise ValueError("expected one share for each level, together 1")


@dataclass(frozen=True)
class CurveTraining:
    """One run of the curves stage; everything that decides its result.

    crop_mm: length of the pieces of a row that are learned from.
    """

    model: CurveModel = field(default_factory=CurveModel)
    data: CurveData = field(default_factory=CurveData)
    folds: tuple[int, ...] = (1, 2, 3, 4, 5, 6, 7, 8)
    valid_fold: int = 9
    valid_count: int = 60
    seed: int = 0
    steps: int = 20000
    batch_size: int = 8
    crop_mm: int = 96
    learning_rate: float = 2e-3
    warmup_steps: int = 200
    weight_decay: float = 0.01
    ema_decay: float = 0.998
    clip_norm: float = 1.0
    threads: int = 1
    valid_every: int = 1000

    def __post_init__(self) -> None:
        check_ranges(self)
        check_folds(self.folds, self.valid_fold)
        if self.crop_mm % 8:
            raise ValueError("expected a crop_mm of whole multiples of 8")
