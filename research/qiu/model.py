"""The product's towers over the rows' inputs, with the fusion encoder beside them."""

from pathlib import Path

from torch import Tensor

from ecgclip.encoders.text import ReportTokenizer
from ecgclip.training.contrastive.loop import copy_image_tower
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

    def forward_image(self, pixels: Tensor) -> tuple[Tensor, Tensor]:
        """Images as in `encode_image` -> (tokens [n, token, width], unit-norm embeddings [n, dim])."""
        tokens: Tensor = self.image.forward_features(pixels)
        return tokens, self.embed_tokens(tokens)

    def forward_text(self, ids: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Reports as in `encode_text` -> (states [n, token, width], unit-norm embeddings [n, dim])."""
        states: Tensor = self.text(input_ids=ids, attention_mask=mask).last_hidden_state
        return states, self.embed_words(states, mask)


def load_fused(folder: Path) -> tuple[FusedClip, ReportTokenizer]:
    """A row's model, or one of the product, in evaluation mode; ModelError where a file is unfit."""
    config = RowModel.load(folder)
    model = FusedClip(config)
    load_weights(model, folder)
    return model, ReportTokenizer.load(folder / TOKENIZER, config.text.max_tokens)


def initial_model(config: RowConfig) -> FusedClip:
    """The model before the first step, as `ecgclip.training.contrastive.loop.initial_model` makes it."""
    if config.init_from:
        return load_fused(Path(config.init_from))[0]
    model = FusedClip(config.model)
    if config.init_image_from:
        copy_image_tower(model, load_fused(Path(config.init_image_from))[0], config.init_image_from)
    return model
