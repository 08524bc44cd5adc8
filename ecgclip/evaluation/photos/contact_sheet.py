"""A contact sheet: each photo with what was found on it, the page read from it, and the top match."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from PIL import Image, ImageDraw

from ecgclip.evaluation.photos.overlay import with_grid
from ecgclip.figures.ink_picture import ink_picture
from ecgclip.figures.picture import font
from ecgclip.photo.page import Page
from ecgclip.typing import Ink, Rgb

PER_SHEET: Final = 10
_CELL_PX: Final = (500, 280)
"""Width and height of one picture."""
_TEXT_PX: Final = 14
_LINES: Final = 2
_GAP_PX: Final = 10
_BLANK: Final = (235, 235, 235)
_RIGHT: Final = (20, 90, 40)
_WRONG: Final = (190, 20, 20)


@dataclass(frozen=True, eq=False)
class SheetRow:
    """One row of pictures.

    rgb: uint8 [y, x, 3]; scale: pixels of the image that was read for one of `rgb`; page: what was read.
    match: ink of the top match's page, None where there is none. wrong: whether something went wrong.
    """

    title: str
    words: str
    rgb: Rgb
    scale: float
    page: Page | None
    match: Ink | None
    wrong: bool


def contact_sheet(rows: Sequence[SheetRow]) -> Rgb:
    """One picture of up to `PER_SHEET` rows below each other, uint8 [y, x, 3]."""
    width, height = _block_size()
    whole = Image.new("RGB", (width, len(rows) * (height + _GAP_PX)), "white")
    for place, row in enumerate(rows):
        whole.paste(_block(row), (0, place * (height + _GAP_PX)))
    return np.asarray(whole)


def _block_size() -> tuple[int, int]:
    return 3 * _CELL_PX[0], _CELL_PX[1] + (_LINES + 1) * (_TEXT_PX + 4)


def _block(row: SheetRow) -> Image.Image:
    block = Image.new("RGB", _block_size(), "white")
    page = row.page
    read = page is not None and page.accepted
    cells = [
        _photo_cell(row),
        _cell(ink_picture(page.ink)) if page is not None and read else _empty(),
        _cell(ink_picture(row.match)) if row.match is not None else _empty(),
    ]
    for place, cell in enumerate(cells):
        block.paste(cell, (place * _CELL_PX[0], 0))
    draw, letters = ImageDraw.Draw(block), font(_TEXT_PX)
    draw.text((4, _CELL_PX[1] + 2), row.title, _WRONG if row.wrong else _RIGHT, letters)
    words = _wrapped(row.words, letters.getlength("n"))
    draw.multiline_text((4, _CELL_PX[1] + _TEXT_PX + 6), words, "black", letters)
    return block


def _photo_cell(row: SheetRow) -> Image.Image:
    """The photo, shrunk first: the lines keep their width."""
    shrink = min(_CELL_PX[0] / row.rgb.shape[1], _CELL_PX[1] / row.rgb.shape[0])
    small = np.asarray(
        cv2.resize(row.rgb, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA), np.uint8
    )
    if row.page is not None:
        small = with_grid(small, row.page, shrink / row.scale)
    return _cell(small)


def _cell(picture: Rgb) -> Image.Image:
    """The picture in the middle of its cell, as large as fits."""
    image = Image.fromarray(picture)
    image.thumbnail((_CELL_PX[0] - 4, _CELL_PX[1] - 4), Image.Resampling.LANCZOS)
    cell = Image.new("RGB", _CELL_PX, "white")
    cell.paste(image, ((_CELL_PX[0] - image.width) // 2, (_CELL_PX[1] - image.height) // 2))
    return cell


def _empty() -> Image.Image:
    return _cell(np.full((_CELL_PX[1], _CELL_PX[0], 3), _BLANK, np.uint8))


def _wrapped(words: str, letter_px: float) -> str:
    import textwrap

    columns = round(_block_size()[0] / letter_px)
    return "\n".join(textwrap.wrap(words, columns, max_lines=_LINES, placeholder=" …"))
