"""The font of pictures for people: DejaVu Sans, which has the letters of every report."""

from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont


@lru_cache(maxsize=8)
def font(size_px: int) -> "FreeTypeFont":
    """The font at this size."""
    from PIL import ImageFont

    from ecgclip.paper.lettering import font_file
    from ecgclip.paper.styles import Font

    return ImageFont.truetype(font_file(Font.SANS), size_px, layout_engine=ImageFont.Layout.BASIC)
