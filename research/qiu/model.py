"""The product's towers over the rows' inputs, with the fusion encoder beside them."""

from pathlib import Path

from ecgclip.encoders.text import ReportTokenizer
from ecgclip.training.contrastive.loop import take_image_tower
from ecgclip.training.towers.checkpoint import TOKENIZER, load_weights
from ecgclip.training.towers.model import EcgClip
from research.qiu.fusion import FusionEncoder
from research.qiu.settings import RowConfig, RowModel


class FusedClip(EcgClip):
    """Image and text towers, and what reads a report while looking at the image; `fusion` is None without."""

    config: RowModel

    def __init__(self, config: RowModel) -> None:
        super().__init__(config)
        self.fusion = FusionEncoder(config) if config.fusion_depth else None


def load_fused(folder: Path) -> tuple[FusedClip, ReportTokenizer]:
    """A row's model, or one of the product, in evaluation mode; ModelError where a file is unfit."""
    config = RowModel.load(folder)
    model = FusedClip(config)
    load_weights(model, folder)
    return model, ReportTokenizer.load(folder / TOKENIZER, config.text.max_tokens)


def begun(config: RowConfig) -> FusedClip:
    """The model to begin with, as `ecgclip.training.contrastive.loop.begun` has it."""
    if config.start:
        return load_fused(Path(config.start))[0]
    model = FusedClip(config.model)
    if config.image_start:
        take_image_tower(model, load_fused(Path(config.image_start))[0], config.image_start)
    return model
