"""The shape of the supervised network over the digital signal, saved beside its weights."""

from dataclasses import dataclass


@dataclass(frozen=True)
class SignalModel:
    """Channels and blocks of each stage, every stage at half the rate of the one before."""

    channels: tuple[int, ...] = (64, 128, 192, 256)
    blocks: tuple[int, ...] = (2, 2, 2, 2)
    kernel: int = 7
    dim: int = 256
    dropout: float = 0.2
    statements: tuple[str, ...] = ()
