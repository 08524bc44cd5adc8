"""Teachers: networks over the digital signal whose outputs are targets for the image tower.

Knowledge distillation with consistent views (Beyer et al. 2022, "A good teacher is patient and consistent"):
the teachers get the very signal that the image shows, with the same variations and mixtures.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import torch
from torch import Tensor

from ecgclip.config import load_config
from ecgclip.errors import ConfigError
from ecgclip.training.signal.network import SignalNetwork
from ecgclip.training.signal.settings import FILE, SignalTraining
from ecgclip.typing import Float32s


@dataclass(frozen=True, eq=False)
class TeacherOutputs:
    """vectors: unit norm, [image, teachers x dim]; statements: mean probabilities, [image, statement]."""

    vectors: Tensor
    statements: Tensor


def check_teachers_folds(folders: Sequence[str], folds: tuple[int, ...]) -> None:
    """ConfigError where a teacher was trained on a fold that the run is not: its targets would leak it."""
    for folder in folders:
        settings = Path(folder) / FILE
        if settings.is_file():
            beyond = sorted({*load_config(settings, SignalTraining).folds} - {*folds})
            if beyond:
                raise ConfigError(
                    f"the teacher in {folder} learned from the folds {beyond}, not all of which are "
                    f"the run's, {folds}; train a teacher on these"
                )


class Teachers:
    """Several signal networks as one."""

    def __init__(self, networks: Sequence[SignalNetwork]) -> None:
        self.networks = [network.eval() for network in networks]

    @classmethod
    def load(cls, folders: Sequence[str]) -> Self:
        return cls([SignalNetwork.load(Path(folder)) for folder in folders])

    def check(self, statements: Sequence[str]) -> None:
        """ConfigError unless every teacher names the statements of the model to train, in the same order."""
        for network in self.networks:
            if network.config.statements != tuple(statements):
                raise ConfigError(
                    f"a teacher knows {len(network.config.statements)} statements, the model to train "
                    f"{len(statements)}, or in another order; train the teacher on the same records and folds"
                )

    @property
    def statements(self) -> tuple[str, ...]:
        """The statements that the first of them names."""
        return self.networks[0].config.statements

    @property
    def dim(self) -> int:
        """Width of the joined vectors."""
        return sum(network.config.dim for network in self.networks)

    def __call__(self, signals_mv: Float32s) -> TeacherOutputs:
        """signals_mv: float32 [image, 12, 1000] at 100 Hz, NaN where nothing was recorded."""
        signals = torch.from_numpy(signals_mv)
        with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
            outputs = [network(signals) for network in self.networks]
        vectors = torch.cat([vector for vector, _ in outputs], dim=1) / len(outputs) ** 0.5
        statements = torch.stack([logits.float().sigmoid() for _, logits in outputs]).mean(0)
        return TeacherOutputs(vectors, statements)
