"""What a row of the comparison has beyond the product's settings: inputs, fusion layers, three losses."""

from dataclasses import dataclass, field
from enum import StrEnum

from ecgclip.encoders.settings import ImageTower, ModelConfig
from ecgclip.training.contrastive.settings import ContrastiveTraining
from research.qiu.fields import COLUMNS, ROWS, Field


class ImageInput(StrEnum):
    """What the image tower looks at; the fields (`research.qiu.fields`) need the digital signal."""

    PAPER = "paper"
    """The ink of the canonical page."""
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
class FieldTower(ImageTower):
    """The product's tower over paper, or one over fields of the signal.

    Of fields, a token is a square of `patch_px`; `rows` and `token_mm` have no meaning there.
    """

    input: ImageInput = ImageInput.PAPER
    patch_px: int = 16

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.input is not ImageInput.PAPER and self.width_px * ROWS != self.height_px * COLUMNS:
            raise ValueError(
                f"image of {self.width_px}x{self.height_px} px for {self.input}; "
                f"expected {COLUMNS} by {ROWS} squares, such as 256x192"
            )
        if self.stem_blocks and self.input.fields:
            raise ValueError("stem_blocks need paper")

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
        return (self.patch_px, self.patch_px) if self.input.fields else super().token_px


@dataclass(frozen=True)
class RowModel(ModelConfig):
    """The product's model with another input and, perhaps, layers that see report and image together."""

    image: FieldTower = field(default_factory=FieldTower)
    fusion_depth: int = 0
    """Layers that read a report while looking at the image (`research.qiu.fusion`); 0: none."""


@dataclass(frozen=True)
class Pairing:
    """The losses of Qiu et al. 2023 (after ALBEF and BLIP); 0 leaves a term out."""

    momentum: float = 0.0
    """Weight of the contrast with a momentum encoder, soft labels and a queue."""
    matching: float = 0.0
    """Weight of telling pairs from hard negatives; needs `model.fusion_depth`."""
    masking: float = 0.0
    """Weight of guessing hidden words of the report while seeing the image; needs `model.fusion_depth`."""
    alpha: float = 0.4
    """Share of a label that the momentum encoder decides."""
    alpha_steps: int = 100
    """Steps over which that share grows from 0."""
    queue: int = 1024
    """Past vectors among the wrong answers; theirs: 57,600."""
    decay: float = 0.995
    """Of the momentum encoder's weights at each step."""
    mask_share: float = 0.15

    def __post_init__(self) -> None:
        if not 0 <= self.alpha <= 1 or not 0 <= self.decay <= 1 or self.queue < 0:
            raise ValueError("expected alpha and decay from 0 to 1 and a queue of 0 or more")


@dataclass(frozen=True)
class RowConfig(ContrastiveTraining):
    """One run of the comparison."""

    model: RowModel = field(default_factory=RowModel)
    pairing: Pairing = field(default_factory=Pairing)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.pairing.momentum and 0 < self.pairing.queue < self.batch_size:
            raise ValueError(f"a queue of {self.pairing.queue} holds no batch of {self.batch_size}")
        if self.photo_views.per_record and self.model.image.input.fields:
            raise ValueError(f"a photo shows paper, but the model looks at {self.model.image.input} fields")
