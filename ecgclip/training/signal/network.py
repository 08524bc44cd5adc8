"""A supervised 1-D residual network over the digital signal: the image tower's teacher and a baseline for it.

The blocks are those of "Bag of tricks" (He et al. 2019) in one dimension, as PTB-XL's benchmark
(Strodthoff et al. 2021) found them strong: average-pooled shortcuts, the last norm of a block starting at 0.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Final, Self

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn import functional as F

from ecgclip.config import parse_config
from ecgclip.errors import ConfigError, ModelError
from ecgclip.records.ecg import Ecg
from ecgclip.records.resample import resampled
from ecgclip.training.signal.settings import SignalModel
from ecgclip.typing import Float32s
from ecgclip.units import LEADS, RECORD_S

RATE_HZ: Final = 100.0
SAMPLES: Final = round(RATE_HZ * RECORD_S)
_CONFIG: Final = "signal.json"
WEIGHTS: Final = "signal.safetensors"


class SignalNetwork(nn.Module):
    """Twelve leads of ten seconds -> a unit vector and the logits of SCP statements."""

    def __init__(self, config: SignalModel) -> None:
        super().__init__()
        self.config = config
        first = config.channels[0]
        layers: list[nn.Module] = [
            nn.Conv1d(len(LEADS), first // 2, 9, 2, 4, bias=False),
            nn.BatchNorm1d(first // 2),
            nn.ReLU(),
            nn.Conv1d(first // 2, first, 5, 1, 2, bias=False),
            nn.BatchNorm1d(first),
            nn.ReLU(),
        ]
        width = first
        for channels, blocks in zip(config.channels, config.blocks, strict=True):
            for number in range(blocks):
                layers.append(_Block(width, channels, config.kernel, stride=2 if number == 0 else 1))
                width = channels
        self.stages = nn.Sequential(*layers)
        self.dropout = nn.Dropout(config.dropout)
        self.projection = nn.Linear(2 * width, config.dim)
        self.head = nn.Linear(config.dim, len(config.statements))

    def forward(self, signal_mv: Tensor) -> tuple[Tensor, Tensor]:
        """float [n, 12, 1000], mV at 100 Hz, NaN where nothing was recorded -> unit [n, dim], logits."""
        states = self.stages(torch.nan_to_num(signal_mv))
        pooled = self.dropout(torch.cat([states.mean(2), states.amax(2)], dim=1))
        vector = F.normalize(self.projection(pooled).float(), dim=1)
        return vector, self.head(vector * self.config.dim**0.5)

    @torch.inference_mode()
    def features(self, records: Sequence[Ecg]) -> Float32s:
        """Unit vectors of records, float32 [record, dim]."""
        parts = [
            self(torch.from_numpy(signals_of(records[i : i + 64])))[0] for i in range(0, len(records), 64)
        ]
        return torch.cat(parts).numpy() if parts else np.zeros((0, self.config.dim), np.float32)

    def save(self, folder: Path) -> None:
        """Write `signal.json` and `signal.safetensors`."""
        folder.mkdir(parents=True, exist_ok=True)
        state = {name: value.detach().contiguous() for name, value in self.state_dict().items()}
        save_file(state, folder / WEIGHTS)
        (folder / _CONFIG).write_text(json.dumps(asdict(self.config), indent=2) + "\n", "utf-8")

    @classmethod
    def load(cls, folder: Path) -> Self:
        """What `save` wrote, in evaluation mode; ModelError where a file is missing or unfit."""
        path = folder / _CONFIG
        if not path.is_file():
            raise ModelError(f"{folder} holds no {_CONFIG}; expected the folder of a trained signal network")
        try:
            config = parse_config(json.loads(path.read_text("utf-8")), SignalModel, str(path))
            if not config.statements:
                raise ConfigError(f"{path} names no statements")
            network = cls(config)
            network.load_state_dict(load_file(folder / WEIGHTS))
        except (ValueError, ConfigError, OSError, SafetensorError, RuntimeError) as error:
            reason = str(error).splitlines()[0]
            raise ModelError(f"{folder} is no signal network of ecgclip ({reason}); train it anew") from None
        return network.eval()


def signals_of(records: Sequence[Ecg]) -> Float32s:
    """The network's input, float32 [record, 12, 1000]: the first ten seconds, NaN where there are fewer."""
    out = np.full((len(records), len(LEADS), SAMPLES), np.nan, np.float32)
    for row, ecg in zip(out, records, strict=True):
        signal = resampled(ecg, RATE_HZ).signal_mv[:, :SAMPLES]
        row[:, : signal.shape[1]] = signal
    return out


class _Block(nn.Module):
    """Two convolutions and a shortcut."""

    def __init__(self, width: int, channels: int, kernel: int, stride: int) -> None:
        super().__init__()
        self.first = nn.Conv1d(width, channels, kernel, stride, kernel // 2, bias=False)
        self.first_norm = nn.BatchNorm1d(channels)
        self.second = nn.Conv1d(channels, channels, kernel, 1, kernel // 2, bias=False)
        self.second_norm = nn.BatchNorm1d(channels)
        nn.init.zeros_(self.second_norm.weight)
        self.shortcut: nn.Module = nn.Identity()
        if stride > 1 or width != channels:
            self.shortcut = nn.Sequential(
                nn.AvgPool1d(stride, ceil_mode=True) if stride > 1 else nn.Identity(),
                nn.Conv1d(width, channels, 1, bias=False),
                nn.BatchNorm1d(channels),
            )

    def forward(self, x: Tensor) -> Tensor:
        y = F.relu(self.first_norm(self.first(x)))
        return F.relu(self.second_norm(self.second(y)) + self.shortcut(x))
