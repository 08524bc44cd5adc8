"""The canonical page for people: its ink on red-grid paper, with the names of the leads."""

import numpy as np
from PIL import Image, ImageDraw

from ecgclip.figures.picture import font
from ecgclip.paper.geometry import CANONICAL, PageGeometry
from ecgclip.typing import Rgb, Uint8s
from ecgclip.units import LARGE_SQUARE_MM, SMALL_SQUARE_MM

_PAPER = (255, 250, 248)
_SMALL_LINE = (250, 226, 222)
_LARGE_LINE = (238, 180, 174)
_INK = (24, 28, 48)
_LABEL = (90, 60, 60)
_LABEL_MM = 4.0
"""Height of a lead's name: legible, smaller than most QRS complexes."""


def ink_picture(ink: Uint8s, geometry: PageGeometry = CANONICAL) -> Rgb:
    """uint8 RGB [y, x, 3] of an ink page, uint8 [y, x] with 255 for ink."""
    px_per_mm = ink.shape[0] / geometry.height_mm
    paper = _grid(ink.shape[0], ink.shape[1], px_per_mm)
    share = (ink / 255.0)[..., None]
    inked = np.round(paper * (1 - share) + np.array(_INK) * share).astype(np.uint8)
    return _labelled(inked, geometry, px_per_mm)


def _grid(height: int, width: int, px_per_mm: float) -> Rgb:
    paper = np.full((height, width, 3), _PAPER, np.uint8)
    for step_mm, colour in ((SMALL_SQUARE_MM, _SMALL_LINE), (LARGE_SQUARE_MM, _LARGE_LINE)):
        rows = np.round(np.arange(0, height, step_mm * px_per_mm)).astype(int)
        columns = np.round(np.arange(0, width, step_mm * px_per_mm)).astype(int)
        paper[rows[rows < height]] = colour
        paper[:, columns[columns < width]] = colour
    return paper


def _labelled(picture: Rgb, geometry: PageGeometry, px_per_mm: float) -> Rgb:
    image = Image.fromarray(picture)
    draw = ImageDraw.Draw(image)
    letters = font(round(_LABEL_MM * px_per_mm))
    for panel in geometry.panels:
        top_mm = panel.baseline_mm - geometry.row_height_mm / 2
        draw.text(((panel.x_mm + 1) * px_per_mm, (top_mm + 1) * px_per_mm), panel.lead, _LABEL, letters)
    return np.asarray(image)
