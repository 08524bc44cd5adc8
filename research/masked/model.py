"""The image tower with a token for what is hidden and a head that names codes."""

import torch
from torch import Tensor, nn

from ecgclip.encoders.settings import ImageTower
from ecgclip.training.towers.model import image_tower


class MaskedTower(nn.Module):
    """BEiT's pre-training (Bao et al. 2022) of the tower that queries use."""

    def __init__(self, tower: ImageTower, codes: int) -> None:
        super().__init__()
        self.tower = image_tower(tower)
        self.blank = -tower.pixel_mean / tower.pixel_std
        self.mask_token = nn.Parameter(torch.randn(tower.width) * 0.02)
        self.head = nn.Sequential(nn.LayerNorm(tower.width), nn.Linear(tower.width, codes))

    def states(self, pixels: Tensor, mask: Tensor) -> Tensor:
        """The tokens after the last block, [n, token, width]; the mask token stands where `mask` is set.

        The paper there is blank, too: the stem's convolutions would carry its ink to the tokens beside it.
        """
        vit = self.tower
        rows, columns = vit.patch_embed.grid_size
        hidden = mask.view(-1, 1, rows, columns)
        for axis, tokens_there in ((2, rows), (3, columns)):
            hidden = hidden.repeat_interleave(pixels.shape[axis] // tokens_there, axis)
        tokens = vit.patch_embed(pixels.masked_fill(hidden, self.blank))
        tokens = torch.where(mask[..., None], self.mask_token.to(tokens.dtype), tokens)
        tokens = vit.norm_pre(vit._pos_embed(tokens))
        states: Tensor = vit.norm(vit.blocks(tokens))
        return states

    def forward(self, pixels: Tensor, mask: Tensor) -> Tensor:
        """Logits of the hidden tokens' codes: [n, 1, y, x] and bool [n, token] -> [hidden token, code]."""
        logits: Tensor = self.head(self.states(pixels, mask)[mask])
        return logits
