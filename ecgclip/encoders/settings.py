"""The shape of the two towers, saved as `config.json` beside every set of weights."""

import json
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Final, Self

from ecgclip.config import parse_config
from ecgclip.errors import ConfigError, ModelError
from ecgclip.files import read_small
from ecgclip.paper.fields import COLUMNS, ROWS, Field
from ecgclip.paper.geometry import CANONICAL, MODEL_PX_PER_MM

FORMAT_VERSION = 1
_MOST_BYTES: Final = 1 << 20
_DAMAGED: Final = (ValueError, KeyError, TypeError, AttributeError, ConfigError, RecursionError)
"""What parsing a file raises that is no configuration; the last on deep nesting."""


class ImageInput(StrEnum):
    """What the image tower looks at; the fields (`paper.fields`) need the digital signal."""

    PAPER = "paper"
    """The ink of the canonical page, of a record or of a photo."""
    GAF = "gaf"
    RP = "rp"
    MTF = "mtf"
    GAF_RP = "gaf-rp"
    GRID = "grid"
    """GAF, RP and MTF as three channels."""

    @property
    def fields(self) -> tuple[Field, ...]:
        """The fields, one a channel; none of paper."""
        match self:
            case ImageInput.PAPER:
                return ()
            case ImageInput.GRID:
                return (Field.GAF, Field.RP, Field.MTF)
            case _:
                return tuple(Field(name) for name in self.split("-"))


@dataclass(frozen=True)
class ImageTower:
    """A ViT over the ink of the canonical page, or over fields of the signal.

    Of paper, a token is one row of leads high and `token_mm` wide: 8 mm are 0.32 s of one lead (two
    neighbours hold a whole beat), so that attention works between beats and leads rather than inside a QRS
    complex; the convolutional stem reads the shape inside a token. Of fields, a token is a square of
    `patch_px`; `rows` and `token_mm` have no meaning there.
    """

    input: ImageInput = ImageInput.PAPER
    height_px: int = CANONICAL.size_px(MODEL_PX_PER_MM)[0]
    width_px: int = CANONICAL.size_px(MODEL_PX_PER_MM)[1]
    rows: int = CANONICAL.rows
    token_mm: float = 8.0
    patch_px: int = 16
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
        if self.input is not ImageInput.PAPER and self.width_px * ROWS != self.height_px * COLUMNS:
            raise ValueError(
                f"image of {self.width_px}x{self.height_px} px for {self.input}; "
                f"expected {COLUMNS} by {ROWS} squares, such as 256x192"
            )
        if self.stem_blocks and (self.input.fields or len(self.stem_channels) != 3):
            raise ValueError("stem_blocks need paper and three stem_channels")
        if len(self.stem_blocks) not in (0, 2) or self.stem_kernel % 2 == 0:
            raise ValueError("expected two numbers of stem_blocks, or none, and an odd stem_kernel")

    @property
    def channels(self) -> int:
        """One of paper, one a field."""
        return max(len(self.input.fields), 1)

    @property
    def cell_px(self) -> int:
        """Side of a lead's square among the fields."""
        return self.height_px // ROWS

    @property
    def token_px(self) -> tuple[int, int]:
        """(height, width) of a token in pixels."""
        if self.input is not ImageInput.PAPER:
            return self.patch_px, self.patch_px
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
    dim: int = 256
    image: ImageTower = field(default_factory=ImageTower)
    text: TextTower = field(default_factory=TextTower)
    fusion_depth: int = 0
    """Layers that read a report while looking at the image (`encoders.fusion`); 0: none."""
    statements: tuple[str, ...] = ()
    """SCP statements of the training head; empty before the training data is known."""

    def save(self, folder: Path) -> None:
        text = json.dumps({"format": FORMAT_VERSION, **asdict(self)}, indent=2)
        (folder / "config.json").write_text(text + "\n")

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read `config.json`; raises ModelError where it is missing, damaged or of a newer format."""
        path = folder / "config.json"
        if not path.is_file():
            raise ModelError(f"{folder} holds no config.json; expected a folder with a trained ecgclip model")
        try:
            raw = json.loads(read_small(path, _MOST_BYTES))
            version = raw.pop("format")
            if version > FORMAT_VERSION:
                raise ModelError(
                    f"{path} has format {version}; this ecgclip reads up to {FORMAT_VERSION}: update ecgclip"
                )
            return parse_config(raw, cls, str(path))
        except (*_DAMAGED, OSError) as error:
            raise ModelError(f"{path} is no model configuration of ecgclip ({error}); copy it anew") from None
