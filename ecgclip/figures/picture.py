"""Pictures for people: the font of their words, and how they are written to a file."""

import os
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from ecgclip.errors import ConfigError
from ecgclip.files import atomic_write
from ecgclip.typing import Uint8s

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont

SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff")


def save_picture(image: Uint8s, path: str | os.PathLike[str]) -> None:
    """Write uint8 [y, x] grey or [y, x, 3] RGB; the suffix says how.

    Errors: ConfigError for a suffix that is no picture's; OSError where the disk refuses.
    """
    check_suffix(path)
    with atomic_write(Path(path)) as part:
        Image.fromarray(image).save(part)


def check_suffix(path: str | os.PathLike[str]) -> None:
    """Errors: ConfigError for a suffix that is no picture's."""
    suffix = Path(path).suffix.lower()
    if suffix not in SUFFIXES:
        raise ConfigError(
            f"{os.fspath(path)}: pictures end in {', '.join(SUFFIXES)}, not {suffix or 'nothing'}"
        )


@lru_cache(maxsize=8)
def font(size_px: int) -> "FreeTypeFont":
    """DejaVu Sans at a size in pixels; it has the letters of every report."""
    from PIL import ImageFont

    from ecgclip.paper.lettering import font_file
    from ecgclip.paper.styles import Font

    return ImageFont.truetype(font_file(Font.SANS), size_px, layout_engine=ImageFont.Layout.BASIC)
