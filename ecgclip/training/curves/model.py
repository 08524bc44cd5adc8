"""The network that reads a row's trace: how high it runs in each column of a band, and if it is there."""

from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ecgclip.photo.curves.bands import BAND_PX
from ecgclip.photo.curves.network import BIN_PX, COLUMNS_PER_PX
from ecgclip.training.curves.settings import CurveModel

PLANES: Final = 3
CELL_Y_PX: Final = 4
CELL_X_PX: Final = 2
"""The stem turns 4 x 2 pixels into channels of one cell: nothing is computed finer."""
_BINS_A_CELL: Final = CELL_Y_PX // BIN_PX
_COLUMNS_A_CELL: Final = CELL_X_PX * COLUMNS_PER_PX


class CurveReader(nn.Module):
    """A U-Net over cells of 1 x .5 mm and three coarser levels.

    planes: float [n, 3, `BAND_PX`, x] in 0..1 (dark, ink, colour), x a whole multiple of 16 ->
    heights: logits [n, bin, column]; present: logits [n, column].
    """

    def __init__(self, settings: CurveModel) -> None:
        super().__init__()
        fine, middle, coarse, deep = settings.widths
        self.stem = nn.Sequential(
            nn.Conv2d(PLANES * CELL_Y_PX * CELL_X_PX, fine, 3, padding=1, bias=False), nn.BatchNorm2d(fine)
        )
        # what each row of cells adds: how far from the baseline it lies
        self.height = nn.Parameter(torch.randn(1, fine, BAND_PX // CELL_Y_PX, 1) * 0.1)
        self.fine = _Residual(fine)
        self.down_middle, self.middle = _conv(fine, middle, stride=2), _Residual(middle)
        self.down_coarse, self.coarse = _conv(middle, coarse, stride=2), _Residual(coarse)
        self.down_deep = _conv(coarse, deep, stride=2)
        self.deep = nn.Sequential(*(_Residual(deep, dilation) for dilation in settings.dilations))
        self.up_coarse, self.join_coarse = nn.Conv2d(deep, coarse, 1), _conv(coarse, coarse)
        self.up_middle, self.join_middle = nn.Conv2d(coarse, middle, 1), _conv(middle, middle)
        self.up_fine, self.join_fine = nn.Conv2d(middle, fine, 1), _Residual(fine)
        self.heights = nn.Conv2d(fine, _BINS_A_CELL * _COLUMNS_A_CELL, 1)
        self.present = nn.Conv2d(fine, 1 + _COLUMNS_A_CELL, 1)

    def forward(self, planes: Tensor) -> tuple[Tensor, Tensor]:
        return self.forward_cells(folded(planes))

    def forward_cells(self, cells: Tensor) -> tuple[Tensor, Tensor]:
        """The same from cells of 4 x 2 pixels, float [n, 24, y/4, x/2]."""
        fine = self.fine(F.relu(self.stem(cells) + self.height))
        middle = self.middle(self.down_middle(fine))
        coarse = self.coarse(self.down_coarse(middle))
        deep = self.deep(self.down_deep(coarse))
        coarse = self.join_coarse(coarse + _twice(self.up_coarse(deep)))
        middle = self.join_middle(middle + _twice(self.up_middle(coarse)))
        fine = self.join_fine(fine + _twice(self.up_fine(middle)))
        return _columns(self.heights(fine)), _pooled(self.present(fine))


def folded(planes: Tensor) -> Tensor:
    """Each 4 x 2 pixels of the planes as channels of one cell, [n, 24, y/4, x/2]."""
    count, channels, rows, columns = planes.shape
    parts = planes.reshape(count, channels, rows // CELL_Y_PX, CELL_Y_PX, columns // CELL_X_PX, CELL_X_PX)
    return parts.permute(0, 1, 3, 5, 2, 4).flatten(1, 3)


def _columns(values: Tensor) -> Tensor:
    """[n, 2 x 4, row, cell] as [n, bin, column]."""
    count, _, rows, cells = values.shape
    parts = values.reshape(count, _BINS_A_CELL, _COLUMNS_A_CELL, rows, cells)
    return parts.permute(0, 3, 1, 4, 2).reshape(count, rows * _BINS_A_CELL, cells * _COLUMNS_A_CELL)


def _pooled(values: Tensor) -> Tensor:
    """[n, 1 + 4, row, cell] as [n, column]: means over the heights, weighted by the first channel."""
    weight = torch.softmax(values[:, :1].float(), dim=2)
    pooled = (values[:, 1:].float() * weight).sum(dim=2)
    return pooled.transpose(1, 2).flatten(1)


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


def _twice(features: Tensor) -> Tensor:
    return F.interpolate(features, scale_factor=2.0, mode="nearest")
