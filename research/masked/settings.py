"""What masked pre-training and its comparison are made of: `research/masked/configs/`."""

from dataclasses import dataclass, field

from ecgclip.encoders.settings import ModelConfig
from ecgclip.training.settings import Augment, check_folds, check_ranges


@dataclass(frozen=True)
class Vocabulary:
    """The codes that patches are named by; the figures behind the numbers: docs/experiments.md."""

    codes: int = 1024
    components: int = 32
    """Numbers by which a patch is described before it is given a code."""
    views: int = 1
    """Varied pages of each training record from which the codes are learned."""
    iterations: int = 20

    def __post_init__(self) -> None:
        if not 2 <= self.codes <= 8192:
            raise ValueError(f"codes is {self.codes}; expected 2 to 8192")


@dataclass(frozen=True)
class Masking:
    """Which tokens are hidden: runs of neighbours within a row of leads.

    A single hidden token is easily guessed from those beside it; 2 to 6 are .6 to 1.9 s, a beat or two.
    """

    share: float = 0.4
    run: tuple[int, int] = (2, 6)
    """Shortest and longest run, in tokens."""

    def __post_init__(self) -> None:
        if not 0 < self.share < 1 or not 1 <= self.run[0] <= self.run[1]:
            raise ValueError("expected 0 < share < 1 and 1 <= shortest run <= longest run")


@dataclass(frozen=True)
class MaskedTraining:
    """One pre-training run; everything that decides its result."""

    model: ModelConfig = field(default_factory=ModelConfig)
    vocabulary: Vocabulary = field(default_factory=Vocabulary)
    masking: Masking = field(default_factory=Masking)
    augment: Augment = field(default_factory=Augment)
    folds: tuple[int, ...] = (1, 2, 3, 4, 5, 6, 7, 8)
    valid_fold: int = 9
    seed: int = 0
    epochs: int = 100
    batch_size: int = 64
    learning_rate: float = 6e-4
    warmup_epochs: float = 5.0
    weight_decay: float = 0.05
    clip_norm: float = 1.0
    threads: int = 1
    valid_every: int = 5
    """Epochs between looks at the validation fold; a checkpoint is kept after every epoch."""

    def __post_init__(self) -> None:
        check_ranges(self)
        check_folds(self.folds, self.valid_fold)


@dataclass(frozen=True)
class Comparison:
    """Few labels, many labels: random initialisation against pre-training, the same everything else.

    percents, draws: shares of the labelled records, and how many draws of them; a draw is of whole patients
    and the same for both beginnings. Small shares are seen at least `least_steps` steps long.
    """

    percents: tuple[int, ...] = (1, 10, 25, 50, 100)
    draws: tuple[int, ...] = (5, 3, 1, 1, 1)
    probe_draws: tuple[int, ...] = (10, 10, 10, 10, 1)
    augment: Augment = field(default_factory=Augment)
    folds: tuple[int, ...] = (1, 2, 3, 4, 5, 6, 7, 8)
    valid_fold: int = 9
    seed: int = 0
    epochs: int = 10
    least_steps: int = 100
    batch_size: int = 32
    learning_rate: float = 3e-4
    warmup: float = 0.2
    """Share of the steps over which the learning rate rises."""
    weight_decay: float = 0.05
    patch_dropout: float = 0.5
    clip_norm: float = 1.0
    threads: int = 1

    def __post_init__(self) -> None:
        check_ranges(self)
        check_folds(self.folds, self.valid_fold)
        if not len(self.percents) == len(self.draws) == len(self.probe_draws):
            raise ValueError("expected one number of draws for each of percents, and one for the probe")
