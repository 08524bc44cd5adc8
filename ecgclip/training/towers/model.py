"""The two towers in torch: a timm ViT over canonical ink, a transformers BERT over reports, one space."""

from typing import Any

import torch
from timm.layers.patch_embed import PatchEmbed
from timm.models.vision_transformer import VisionTransformer
from torch import Tensor, nn
from torch.nn import functional as F
from transformers import BertConfig, BertModel

from ecgclip.encoders.settings import ImageTower, ModelConfig, TextTower
from ecgclip.training.towers.stem import ResidualStem, StripStem


def image_tower(tower: ImageTower) -> VisionTransformer:
    """A timm ViT with a convolutional stem (or plain patches), average pooling and no head."""

    def stem(embed_dim: int, **_: Any) -> nn.Module:
        return (ResidualStem if tower.stem_blocks else StripStem)(tower, embed_dim)

    return VisionTransformer(
        img_size=(tower.height_px, tower.width_px),
        patch_size=tower.token_px,
        in_chans=tower.channels,
        num_classes=0,
        global_pool="avg",
        class_token=False,
        embed_dim=tower.width,
        depth=tower.depth,
        num_heads=tower.heads,
        drop_path_rate=tower.drop_path,
        embed_layer=stem if tower.stem_channels else PatchEmbed,
    )


def text_tower(tower: TextTower) -> BertModel:
    """A BERT encoder built from its configuration alone, without any hub."""
    config = BertConfig(
        vocab_size=tower.vocabulary,
        hidden_size=tower.width,
        num_hidden_layers=tower.depth,
        num_attention_heads=tower.heads,
        intermediate_size=4 * tower.width,
        max_position_embeddings=tower.max_tokens,
    )
    # Eager attention exports to plain ONNX operators.
    config._attn_implementation = "eager"
    return BertModel(config, add_pooling_layer=False)


class EcgClip(nn.Module):
    """Image and text towers with projections into one space of `config.dim` dimensions."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.config = config
        self.image = image_tower(config.image)
        self.image_projection = nn.Linear(config.image.width, config.dim)
        self.text = text_tower(config.text)
        self.text_projection = nn.Linear(config.text.width, config.dim)
        # CLIP's temperature: exp(2.66) is 1 / 0.07.
        self.logit_scale = nn.Parameter(torch.tensor(2.66))
        self.statement_head = nn.Linear(config.dim, len(config.statements)) if config.statements else None

    def encode_image(self, pixels: Tensor) -> Tensor:
        """Images [n, channel, height, width] -> unit-norm [n, dim]."""
        return self.embed_tokens(self.image.forward_features(pixels))

    def embed_tokens(self, tokens: Tensor) -> Tensor:
        """The image tower's tokens [n, token, width] -> unit-norm [n, dim]."""
        pooled = self.image.forward_head(tokens)
        return F.normalize(self.image_projection(pooled).float(), dim=-1)

    def encode_text(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Token ids and mask, int64 [n, token] -> unit-norm [n, dim]."""
        return self.embed_words(self.text(input_ids=ids, attention_mask=mask).last_hidden_state, mask)

    def embed_words(self, states: Tensor, mask: Tensor) -> Tensor:
        """The text tower's states [n, token, width], averaged where the mask is 1 -> unit-norm [n, dim]."""
        weight = mask[..., None].to(states.dtype)
        pooled = (states * weight).sum(1) / weight.sum(1)
        return F.normalize(self.text_projection(pooled).float(), dim=-1)

    def classify(self, embedding: Tensor) -> Tensor:
        """Statement logits [n, statement] of unit-norm embeddings; the head serves training only."""
        if self.statement_head is None:
            raise RuntimeError("this model has no statement head: its config names no statements")
        # Unit vectors have entries near 1/sqrt(dim); scaled up so that the head learns at its usual pace.
        return self.statement_head(embedding * self.config.dim**0.5)  # type: ignore[no-any-return]
