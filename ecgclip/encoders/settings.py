"""The shape of the two towers, saved as `config.json` beside every set of weights."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final, Self

from ecgclip.config import parse_config
from ecgclip.errors import ConfigError, ModelError
from ecgclip.files import read_small
from ecgclip.paper.geometry import CANONICAL, MODEL_PX_PER_MM

FILE: Final = "config.json"
FORMAT_VERSION = 1
_MOST_BYTES: Final = 1 << 20
_DAMAGED: Final = (ValueError, KeyError, TypeError, AttributeError, ConfigError, RecursionError)
"""Errors of parsing a damaged configuration; RecursionError comes from deep nesting."""
_RETIRED: Final = {"fusion_depth": 0}
_RETIRED_IMAGE: Final = {"input": "paper", "patch_px": 16}
"""Settings of earlier versions, each with the one value that is still accepted."""


@dataclass(frozen=True)
class ImageTower:
    """A ViT over the ink of the canonical page.

    A token is one row of leads high and `token_mm` wide: 8 mm are 0.32 s of one lead (two neighbours hold a
    whole beat), so that attention works between beats and leads rather than inside a QRS complex; the
    convolutional stem reads the shape inside a token.
    """

    height_px: int = CANONICAL.size_px(MODEL_PX_PER_MM)[0]
    width_px: int = CANONICAL.size_px(MODEL_PX_PER_MM)[1]
    rows: int = CANONICAL.rows
    token_mm: float = 8.0
    stem_channels: tuple[int, ...] = (32, 64, 128)
    """Of the strided convolutions that make a token; empty: one matrix does, as in a plain ViT."""
    stem_blocks: tuple[int, ...] = ()
    """Residual convolutions along time behind the second and the third strided one; `encoders.stem`."""
    stem_kernel: int = 7
    """Of the residual convolutions: at an eighth of the width 1.1 s of a lead."""
    width: int = 192
    depth: int = 12
    heads: int = 3
    drop_path: float = 0.1
    pixel_mean: float = 0.04
    pixel_std: float = 0.15

    def __post_init__(self) -> None:
        if self.stem_blocks and len(self.stem_channels) != 3:
            raise ValueError("stem_blocks need three stem_channels")
        if len(self.stem_blocks) not in (0, 2) or self.stem_kernel % 2 == 0:
            raise ValueError("expected two numbers of stem_blocks, or none, and an odd stem_kernel")

    @property
    def channels(self) -> int:
        """One: ink."""
        return 1

    @property
    def token_px(self) -> tuple[int, int]:
        """(height, width) of a token in pixels."""
        return self.height_px // self.rows, round(self.token_mm * MODEL_PX_PER_MM)


@dataclass(frozen=True)
class TextTower:
    """A BERT encoder with mean pooling; the tokenizer is trained on ECG reports."""

    vocabulary: int = 4000
    max_tokens: int = 96
    width: int = 192
    depth: int = 4
    heads: int = 3


@dataclass(frozen=True)
class ModelConfig:
    """Both towers and the joint space."""

    name: str = "ecgclip-tiny"
    version: str = ""
    """Of the release that the weights came with; "" for weights of one's own."""
    dim: int = 256
    image: ImageTower = field(default_factory=ImageTower)
    text: TextTower = field(default_factory=TextTower)
    statements: tuple[str, ...] = ()
    """SCP statements of the training head; empty before the training data is known."""

    def save(self, folder: Path) -> None:
        text = json.dumps({"format": FORMAT_VERSION, **asdict(self)}, indent=2)
        (folder / FILE).write_text(text + "\n")

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read `config.json`; raises ModelError where it is missing, damaged or of a newer format."""
        path = folder / FILE
        if not path.is_file():
            raise ModelError(f"{folder} holds no config.json; expected a folder with a trained ecgclip model")
        try:
            raw = json.loads(read_small(path, _MOST_BYTES))
            version = raw.pop("format")
            if version > FORMAT_VERSION:
                raise ModelError(
                    f"{path} has format {version}; this ecgclip reads up to {FORMAT_VERSION}: update ecgclip"
                )
            return parse_config(_without_retired(raw), cls, str(path))
        except (*_DAMAGED, OSError) as error:
            raise ModelError(f"{path} is no model configuration of ecgclip ({error}); copy it anew") from None


def without_version(folder: Path) -> bytes:
    """`config.json` as it was before a release gave it its version, which changes no embedding."""
    raw = json.loads(read_small(folder / FILE, _MOST_BYTES))
    return (
        json.dumps({key: value for key, value in raw.items() if key != "version"}, indent=2).encode() + b"\n"
    )


def _without_retired(raw: dict[str, Any]) -> dict[str, Any]:
    """Less the settings that are gone. What says something else there stays, and is refused as unknown."""

    def without(table: dict[str, Any], retired: dict[str, Any]) -> dict[str, Any]:
        return {key: value for key, value in table.items() if key not in retired or value != retired[key]}

    image = {"image": without(raw["image"], _RETIRED_IMAGE)} if "image" in raw else {}
    return without(raw, _RETIRED) | image
