"""Convolutions that turn an image into the tokens of the ViT."""

import math

from torch import Tensor, nn
from torch.nn import functional as F

from ecgclip.encoders.settings import ImageTower


class Stem(nn.Module):
    """Convolutions in place of timm's PatchEmbed: `layers` end in one token for each cell of `grid_size`."""

    layers: nn.Sequential

    def __init__(self, tower: ImageTower) -> None:
        super().__init__()
        token_h, token_w = tower.token_px
        self.grid_size = (tower.height_px // token_h, tower.width_px // token_w)
        self.num_patches = self.grid_size[0] * self.grid_size[1]

    def forward(self, x: Tensor) -> Tensor:
        """[n, channel, height, width] -> [n, token, embed_dim]."""
        grid: Tensor = self.layers(x)[..., : self.grid_size[1]]
        return grid.flatten(2).transpose(1, 2)


class StripStem(Stem):
    """Strided convolutions that turn a row of leads (64 px high) into one token every `token_px[1]` px.

    Four halvings along time, the height folded faster: what is left of it after three of them is read by one
    full-height kernel. Tokens less than 32 px high are halved alike both ways.
    """

    def __init__(self, tower: ImageTower, embed_dim: int) -> None:
        super().__init__(tower)
        token_h, token_w = tower.token_px
        layers: list[nn.Module] = []
        channels = tower.channels
        folds = (2, 4, 4) if token_h >= 32 else (2, 2, 2)
        strides = [(fold, 2) for fold in folds]
        for out, stride in zip(tower.stem_channels, strides, strict=True):
            kernel = (stride[0] + 1, 3)
            padding = (kernel[0] // 2, 1)
            layers += [
                nn.Conv2d(channels, out, kernel, stride, padding, bias=False),
                nn.GroupNorm(1, out),
                nn.GELU(),
            ]
            channels = out
        rest = (token_h // math.prod(folds), token_w // 8)
        layers.append(nn.Conv2d(channels, embed_dim, (rest[0], rest[1] + 1), rest, (0, rest[1] // 2)))
        self.layers = nn.Sequential(*layers)


class ResidualStem(Stem):
    """A row of leads folded to one line of states, then residual convolutions along time.

    Two strided convolutions fold the row's height and quarter its width; residual ones work there and, behind
    a third halving, at an eighth. What a beat looks like is learned by them as in the networks over the
    digital signal, in fewer steps than by attention between tokens; the ViT blocks behind compare beats
    and leads.
    """

    def __init__(self, tower: ImageTower, embed_dim: int) -> None:
        super().__init__(tower)
        token_h, token_w = tower.token_px
        one, two, three = tower.stem_channels
        early, late = tower.stem_blocks
        rest, step = token_h // 4, token_w // 8
        layers = [
            *_convolution(tower.channels, one, (5, 3), (4, 2), (2, 1)),
            # The whole height that is left of the row, and of no other row.
            *_convolution(one, two, (rest, 3), (rest, 2), (0, 1)),
            *(_Block(two, tower.stem_kernel) for _ in range(early)),
            *_convolution(two, three, (1, 3), (1, 2), (0, 1)),
            *(_Block(three, tower.stem_kernel) for _ in range(late)),
            nn.Conv2d(three, embed_dim, (1, step + 1), (1, step), (0, step // 2)),
        ]
        self.layers = nn.Sequential(*layers)


class _Block(nn.Module):
    """Two convolutions along time and a shortcut; begins as the identity."""

    def __init__(self, channels: int, kernel: int) -> None:
        super().__init__()
        shape = (1, kernel), (1, 1), (0, kernel // 2)
        self.first = nn.Sequential(*_convolution(channels, channels, *shape))
        self.second = nn.Conv2d(channels, channels, *shape, bias=False)
        self.norm = nn.BatchNorm2d(channels)
        nn.init.zeros_(self.norm.weight)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(x + self.norm(self.second(self.first(x))))


def _convolution(
    channels: int, out: int, kernel: tuple[int, int], stride: tuple[int, int], padding: tuple[int, int]
) -> list[nn.Module]:
    return [
        nn.Conv2d(channels, out, kernel, stride, padding, bias=False),
        nn.BatchNorm2d(out),
        nn.ReLU(),
    ]
