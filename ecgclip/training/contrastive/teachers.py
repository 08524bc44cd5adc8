"""Teachers: networks over the digital signal say what an image of it should mean.

Knowledge distillation with consistent views (Beyer et al. 2022, "A good teacher is patient and consistent"):
teachers hear the very signal that the image shows, varied and mixed as it is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from ecgclip.config import load_config
from ecgclip.errors import ConfigError
from ecgclip.training.signal.settings import FILE, SignalTraining
from ecgclip.training.towers.signal_network import SignalNetwork


@dataclass(frozen=True, eq=False)
class Taught:
    """vectors: [image, teachers x dim], unit norm; statements: their mean chances [image, statement]."""

    vectors: Tensor
    statements: Tensor


def check_teachers_folds(folders: Sequence[str], folds: tuple[int, ...]) -> None:
    """ConfigError where a teacher learned from a fold that the run does not: the run would learn it, too."""
    for folder in folders:
        settings = Path(folder) / FILE
        if settings.is_file():
            beyond = sorted({*load_config(settings, SignalTraining).folds} - {*folds})
            if beyond:
                raise ConfigError(
                    f"the teacher in {folder} learned from the folds {beyond}, which are not among those to "
                    f"train on, {folds}; train a teacher on these"
                )


class Teachers:
    """Several signal networks, asked together."""

    def __init__(self, networks: Sequence[SignalNetwork]) -> None:
        self.networks = [network.eval() for network in networks]

    @classmethod
    def load(cls, folders: Sequence[str]) -> Self:
        return cls([SignalNetwork.load(Path(folder)) for folder in folders])

    def check(self, statements: Sequence[str]) -> None:
        """ConfigError unless every teacher knows the statements of the model to train, in the same order."""
        for network in self.networks:
            if network.config.statements != tuple(statements):
                raise ConfigError(
                    f"a teacher knows {len(network.config.statements)} statements, the model to train "
                    f"{len(statements)}, or in another order; train the teacher on the same records and folds"
                )

    @property
    def statements(self) -> tuple[str, ...]:
        """What the first of them can name."""
        return self.networks[0].config.statements

    @property
    def dim(self) -> int:
        """Width of the joined vectors."""
        return sum(network.config.dim for network in self.networks)

    def __call__(self, signals_mv: npt.NDArray[np.float32]) -> Taught:
        """signals_mv: float32 [image, 12, 1000] at 100 Hz, NaN where nothing was recorded."""
        heard = torch.from_numpy(signals_mv)
        with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
            said = [network(heard) for network in self.networks]
        vectors = torch.cat([vector for vector, _ in said], dim=1) / len(said) ** 0.5
        chances = torch.stack([logits.float().sigmoid() for _, logits in said]).mean(0)
        return Taught(vectors, chances)
