"""Settings of the sheet stage: the network that reads a flat sheet, its drawn sheets and its training."""

from dataclasses import dataclass, field
from typing import Final

from ecgclip.training.settings import check_folds, check_ranges

FILE: Final = "sheet.toml"
"""Name of the file in a run's folder that holds the settings it was started with."""


@dataclass(frozen=True)
class SheetModel:
    """Widths of features at 1, 2, 4 and 8 mm, dilations of the blocks at 8 mm, width of letters at 2 mm."""

    widths: tuple[int, int, int, int] = (32, 48, 80, 112)
    dilations: tuple[int, ...] = (1, 2)
    letters: int = 64


@dataclass(frozen=True)
class SheetData:
    """The sheets that are drawn once, before the training.

    levels, shares: of the camera, and how often each; negatives: share of pages that are no ECG;
    synthetic: share of synthetic records among the ECGs; reader: share that is flattened by the grid that the
    photo reader finds, not by the camera's own map.
    """

    count: int = 2600
    levels: tuple[str, ...] = ("S0", "S1", "S2", "S3", "S4", "phone", "train")
    shares: tuple[float, ...] = (0.16, 0.14, 0.12, 0.12, 0.12, 0.14, 0.2)
    negatives: float = 0.18
    synthetic: float = 0.15
    reader: float = 0.25

    def __post_init__(self) -> None:
        if len(self.levels) != len(self.shares) or abs(sum(self.shares) - 1) > 1e-6:
            raise ValueError("expected one share for each level, together 1")


@dataclass(frozen=True)
class SheetTraining:
    """One run of the sheet stage; everything that decides its result.

    init_from: a graph of an earlier sheet reader, whose convolutions are the start; new ones are random.

    crop_mm, batch_size: of three steps in four; the fourth takes fewer crops, as large as a sheet.
    """

    model: SheetModel = field(default_factory=SheetModel)
    data: SheetData = field(default_factory=SheetData)
    folds: tuple[int, ...] = (1, 2, 3, 4, 5, 6, 7, 8)
    valid_fold: int = 9
    valid_count: int = 84
    init_from: str | None = None
    seed: int = 0
    steps: int = 20000
    batch_size: int = 8
    crop_mm: int = 96
    large_batch_size: int = 2
    large_mm: tuple[int, int] = (192, 256)
    learning_rate: float = 2e-3
    warmup_steps: int = 100
    weight_decay: float = 0.01
    ema_decay: float = 0.997
    clip_norm: float = 1.0
    threads: int = 1
    valid_every: int = 1000

    def __post_init__(self) -> None:
        check_ranges(self)
        check_folds(self.folds, self.valid_fold)
        if any(size % 32 for size in (self.crop_mm, *self.large_mm)):
            raise ValueError("expected crops of whole multiples of 32 mm")
