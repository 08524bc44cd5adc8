"""The network that reads a flat sheet: trace, words, strokes and baselines, orientation, ECG or not."""

from typing import Final, TypeAlias

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ecgclip.photo.flat.network import CELLS
from ecgclip.photo.flat.words import NO_WORD
from ecgclip.training.sheet.settings import SheetModel

PLANES: Final = 3
_STEM_PX: Final = 4
"""The stem turns 4 x 4 pixels, a square millimetre, into channels of one cell: nothing is computed finer."""


Outputs: TypeAlias = tuple[Tensor, Tensor, Tensor, Tensor, Tensor]
"""Logits in the order of `photo.flat.network.OUTPUTS`."""


class SheetReader(nn.Module):
    """A U-Net over cells of 1, 2, 4 and 8 mm.

    planes: float [n, 3, y, x] in 0..1 (dark, ink, colour), sides whole multiples of 32 px ->
    trace: logits [n, y, x]; words: logits [n, 23, y/8, x/8], the last class is "none"; cells: logits
    [n, 5, y/4, x/4], the maps of `photo.flat.network.CELLS`; orientation: logits [n, 4], quarter turns
    counter-clockwise that make it upright; ecg: logit [n].

    Words are read from features of their own beside the U-Net: letters are finer than traces.
    """

    def __init__(self, settings: SheetModel) -> None:
        super().__init__()
        fine, middle, coarse, deep = settings.widths
        self.stem = _conv(PLANES * _STEM_PX**2, fine)
        self.fine = _conv(fine, fine)
        self.down_middle, self.middle = _conv(fine, middle, stride=2), _Residual(middle)
        self.down_coarse, self.coarse = _conv(middle, coarse, stride=2), _Residual(coarse)
        self.down_deep = _conv(coarse, deep, stride=2)
        self.deep = nn.Sequential(*(_Residual(deep, dilation) for dilation in settings.dilations))
        self.pooled = nn.Conv2d(deep, 7, 1)
        self.up_coarse, self.join_coarse = nn.Conv2d(deep, coarse, 1), _conv(coarse, coarse)
        self.up_middle, self.join_middle = nn.Conv2d(coarse, middle, 1), _conv(middle, middle)
        self.up_fine, self.join_fine = nn.Conv2d(middle, fine, 1), _conv(fine, fine)
        self.cells = _rare(fine, len(CELLS), -3.0)
        self.down_letters = _conv(fine, settings.letters, stride=2)
        self.join_letters = nn.Conv2d(middle, settings.letters, 1)
        self.letters = _Residual(settings.letters)
        self.words = _rare(settings.letters, NO_WORD + 1, 0.0)
        nn.init.constant_(self.words.bias[NO_WORD:], 5.0)  # type: ignore[index]
        self.trace = nn.Conv2d(fine, _STEM_PX**2, 1)

    def forward(self, planes: Tensor) -> Outputs:
        return self.forward_cells(folded(planes))

    def forward_cells(self, cells: Tensor) -> Outputs:
        """The same from cells of 4 x 4 pixels, float [n, 48, y/4, x/4]."""
        fine = self.fine(self.stem(cells))
        letters = self.down_letters(fine)
        middle = self.middle(self.down_middle(fine))
        coarse = self.coarse(self.down_coarse(middle))
        deep = self.deep(self.down_deep(coarse))
        orientation, ecg = _pool(self.pooled(deep))
        coarse = self.join_coarse(coarse + _twice(self.up_coarse(deep)))
        middle = self.join_middle(middle + _twice(self.up_middle(coarse)))
        words = self.words(self.letters(letters + self.join_letters(middle)))
        fine = self.join_fine(fine + _twice(self.up_fine(middle)))
        trace = F.pixel_shuffle(self.trace(fine), _STEM_PX)
        return trace[:, 0], words, self.cells(fine), orientation, ecg


def folded(planes: Tensor) -> Tensor:
    """Each 4 x 4 pixels of the planes as channels of one cell, [n, 48, y/4, x/4].

    It is `F.pixel_unshuffle` written out, whose graph for bytes by torch 2.10 does not run on ONNX Runtime
    up to 1.27 and reads otherwise from 1.28.
    """
    count, channels, rows, columns = planes.shape
    parts = planes.reshape(count, channels, rows // _STEM_PX, _STEM_PX, columns // _STEM_PX, _STEM_PX)
    return parts.permute(0, 1, 3, 5, 2, 4).flatten(1, 3)


class _Residual(nn.Module):
    def __init__(self, width: int, dilation: int = 1) -> None:
        super().__init__()
        self.first = _conv(width, width, dilation=dilation)
        self.second = nn.Conv2d(width, width, 3, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(width)

    def forward(self, features: Tensor) -> Tensor:
        return F.relu(features + self.norm(self.second(self.first(features))))


def _conv(inputs: int, outputs: int, stride: int = 1, dilation: int = 1) -> nn.Sequential:
    conv = nn.Conv2d(inputs, outputs, 3, stride, padding=dilation, dilation=dilation, bias=False)
    return nn.Sequential(conv, nn.BatchNorm2d(outputs), nn.ReLU())


def _rare(inputs: int, outputs: int, bias: float) -> nn.Conv2d:
    """A head whose chances begin low, as what it looks for is rare."""
    head = nn.Conv2d(inputs, outputs, 1)
    nn.init.normal_(head.weight, std=0.02)
    nn.init.constant_(head.bias, bias)  # type: ignore[arg-type]
    return head


def _twice(features: Tensor) -> Tensor:
    return F.interpolate(features, scale_factor=2.0, mode="nearest")


def _pool(cells: Tensor) -> tuple[Tensor, Tensor]:
    """Logits of orientation and ECG: means over the cells, each of which also sets the weights of its two."""
    flat = cells.float().flatten(2)
    orientation = (flat[:, :4] * torch.softmax(flat[:, 4:5], dim=2)).sum(dim=2)
    ecg = (flat[:, 5] * torch.softmax(flat[:, 6], dim=1)).sum(dim=1)
    return orientation, ecg
