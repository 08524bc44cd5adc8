"""Pictures beside each other: a photo, the page read from it and its best match; a photo and its signal."""

import textwrap
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw

from ecgclip.figures.picture import font
from ecgclip.typing import Rgb, Uint8s

_PAGE_WIDTH_PX = 1024
"""A canonical page is shown at its own 4 px/mm."""
_PHOTO_MAX_WIDTH_PX = 1500
_GAP_PX = 24
_TITLE_PX = 24
_TEXT_PX = 18
_TEXT_LINES = 2
_ABOVE_PX = _TITLE_PX + 16
_BELOW_PX = _TEXT_LINES * (_TEXT_PX + 6) + 14
_BACKGROUND = (255, 255, 255)
_TITLE_COLOUR = (20, 20, 20)
_TEXT_COLOUR = (90, 90, 90)


@dataclass(frozen=True, eq=False)
class Panel:
    """A picture, uint8 grey [y, x] or RGB [y, x, 3], with words above and below it."""

    title: str
    image: Uint8s
    caption: str = ""


def side_by_side(photo: Panel, page: Panel, match: Panel) -> Rgb:
    """uint8 RGB [y, x, 3]."""
    right = _stacked([_framed(panel, _PAGE_WIDTH_PX) for panel in (page, match)])
    height, width = photo.image.shape[:2]
    room_px = right.height - _ABOVE_PX - _BELOW_PX
    left = _framed(photo, min(round(width * room_px / height), _PHOTO_MAX_WIDTH_PX))
    size = (left.width + right.width + 3 * _GAP_PX, max(left.height, right.height) + 2 * _GAP_PX)
    whole = Image.new("RGB", size, _BACKGROUND)
    whole.paste(left, (_GAP_PX, _GAP_PX))
    whole.paste(right, (left.width + 2 * _GAP_PX, _GAP_PX))
    return np.asarray(whole)


def pair(left: Panel, right: Panel) -> Rgb:
    """Two pictures of one height beside each other, the left one in its own size; uint8 RGB [y, x, 3]."""
    height, width = left.image.shape[:2]
    right_width = round(right.image.shape[1] * height / right.image.shape[0])
    framed = _framed(left, width), _framed(right, right_width)
    size = (width + right_width + 3 * _GAP_PX, max(one.height for one in framed) + 2 * _GAP_PX)
    whole = Image.new("RGB", size, _BACKGROUND)
    whole.paste(framed[0], (_GAP_PX, _GAP_PX))
    whole.paste(framed[1], (width + 2 * _GAP_PX, _GAP_PX))
    return np.asarray(whole)


def _framed(panel: Panel, width_px: int) -> Image.Image:
    """The picture at this width, its title above and its caption below."""
    picture = Image.fromarray(panel.image).convert("RGB")
    height_px = round(picture.height * width_px / picture.width)
    framed = Image.new("RGB", (width_px, _ABOVE_PX + height_px + _BELOW_PX), _BACKGROUND)
    framed.paste(picture.resize((width_px, height_px), Image.Resampling.LANCZOS), (0, _ABOVE_PX))
    draw = ImageDraw.Draw(framed)
    draw.text((0, 4), panel.title, _TITLE_COLOUR, font(_TITLE_PX))
    words = _wrapped(panel.caption, width_px)
    draw.multiline_text((0, _ABOVE_PX + height_px + 6), words, _TEXT_COLOUR, font(_TEXT_PX))
    return framed


def _stacked(pictures: list[Image.Image]) -> Image.Image:
    whole = Image.new("RGB", (pictures[0].width, sum(picture.height for picture in pictures)), _BACKGROUND)
    top = 0
    for picture in pictures:
        whole.paste(picture, (0, top))
        top += picture.height
    return whole


def _wrapped(text: str, width_px: int) -> str:
    columns = round(width_px / font(_TEXT_PX).getlength("n"))
    return "\n".join(textwrap.wrap(text, columns, max_lines=_TEXT_LINES, placeholder=" …"))
