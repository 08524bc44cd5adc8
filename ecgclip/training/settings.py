"""Settings that all stages share: how a page is varied, and the valid ranges of numbers."""

from dataclasses import dataclass
from typing import Any, Final

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
    "per_record": 0,
    "mixup": 0,
    "seed": 0,
}
_POSITIVE: Final = ("learning_rate", "clip_norm", "target_temperature", "mixup_alpha")
_SHARES: Final = ("probability", "roll", "lead_dropout", "erase", "blur", "speckle", "share", "misspelt")
_BELOW_ONE: Final = ("patch_dropout", "ema_decay")


def check_ranges(settings: Any) -> None:
    """ValueError for a number out of its range; a name means the same in the settings of every stage."""
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
    """ValueError where there is no fold to train on, or the validation fold is one of them."""
    if not folds:
        raise ValueError("folds is empty; expected the folds to train on")
    if valid_fold in folds:
        raise ValueError(f"valid_fold {valid_fold} is also trained on (folds {folds})")


@dataclass(frozen=True)
class Augment:
    """Chances and ranges of what differs between a print and a clean drawing of the same record."""

    probability: float = 0.8
    """Probability that an image is changed at all."""
    roll: float = 0.5
    """Chance that the page begins at another second of the record, so that each lead shows other beats."""
    gain: float = 0.1
    """Largest relative error of the amplitude."""
    wander_mv: float = 0.15
    """Largest amplitude of the baseline wander of a lead."""
    noise_mv: float = 0.02
    """Largest standard deviation of the noise."""
    scale: float = 0.02
    """Largest relative error of the page's scale, along each axis."""
    shift_mm: float = 2.0
    """Farthest that the page is moved sideways; each row moves half as far up or down."""
    line_mm: tuple[float, float] = (0.3, 0.8)
    """Thinnest and thickest stroke."""
    lead_dropout: float = 0.05
    """Chance of each lead to be left out."""
    erase: float = 0.3
    """Chance of gaps in the ink."""
    blur: float = 0.3
    speckle: float = 0.3
    """Chance of residues of the grid and of writing."""

    def __post_init__(self) -> None:
        check_ranges(self)
