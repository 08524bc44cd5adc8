"""Text as ink, in the fonts that come with matplotlib (found without importing it)."""

from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ecgclip.errors import ConfigError
from ecgclip.paper.styles import Font
from ecgclip.typing import Uint8s

if TYPE_CHECKING:
    from PIL import ImageFont

FILES = {
    Font.SANS: "DejaVuSans.ttf",
    Font.MONO: "DejaVuSansMono.ttf",
    Font.SERIF: "DejaVuSerif.ttf",
    Font.BOLD: "DejaVuSans-Bold.ttf",
}
CAPITAL = 0.73
"""Height of a capital letter of these fonts over the font size."""


def font_file(font: Font) -> Path:
    """The file of a font."""
    spec = find_spec("matplotlib")
    if spec is None or spec.origin is None:
        raise ConfigError("the fonts of matplotlib were not found; reinstall matplotlib to print text")
    return Path(spec.origin).parent / "mpl-data" / "fonts" / "ttf" / FILES[font]


@lru_cache(maxsize=64)
def _loaded(font: Font, size_px: float) -> "ImageFont.FreeTypeFont":
    from PIL import ImageFont

    # The basic engine needs no libraqm, so that every machine sets the same text.
    return ImageFont.truetype(font_file(font), size_px, layout_engine=ImageFont.Layout.BASIC)


@lru_cache(maxsize=1024)
def text_ink(text: str, font: Font, capital_px: float) -> tuple[Uint8s, int, int]:
    """Ink of a line of text, capitals `capital_px` high, and its left and top from the text's origin.

    The origin is the left end of the baseline; top is negative. Empty text gives an array without pixels.
    """
    from PIL import Image, ImageDraw

    loaded = _loaded(font, max(4.0, round(capital_px / CAPITAL, 1)))
    left, top, right, bottom = (int(v) for v in loaded.getbbox(text, anchor="ls"))
    image = Image.new("L", (max(0, right - left), max(0, bottom - top)), 0)
    if image.width and image.height:
        ImageDraw.Draw(image).text((-left, -top), text, 255, loaded, anchor="ls")
    return np.asarray(image), left, top
