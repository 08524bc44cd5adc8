"""`render`: a record as a print on ECG paper, to view or to save."""

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from ecgclip.errors import ConfigError
from ecgclip.files import atomic_write
from ecgclip.paper.geometry import Layout, PageGeometry
from ecgclip.paper.header import Header, header_of
from ecgclip.paper.png import palette_png
from ecgclip.paper.raster import DEFAULT_STYLE, PRINT_PX_PER_MM, byte_page
from ecgclip.paper.sheet import colour, palette
from ecgclip.paper.styles import Style, load_style, parse_layout
from ecgclip.records.ecg import Ecg
from ecgclip.typing import Uint8s

if TYPE_CHECKING:
    from PIL import Image

SUFFIXES = (".png", ".jpg", ".pdf", ".svg")


@dataclass(frozen=True, eq=False)
class RenderedPage:
    """A print of one record, drawn when it is viewed or saved."""

    ecg: Ecg = field(repr=False)
    layout: Layout
    style: Style
    header: Header
    px_per_mm: float

    @property
    def geometry(self) -> PageGeometry:
        """The place of each lead on the print."""
        return self.style.geometry(self.layout)

    @property
    def array(self) -> Uint8s:
        """uint8 RGB [y, x, 3]."""
        return colour(self._bytes(), self.style)

    @property
    def image(self) -> "Image.Image":
        """The print as a PIL image, RGB."""
        from PIL import Image

        return Image.fromarray(self.array)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the print as PNG or JPEG (pixels) or as PDF or SVG (lines, at exact millimetres)."""
        target = Path(path)
        with atomic_write(target) as part:
            self._write(part, target.name)
        return target

    def _write(self, path: Path, name: str) -> None:
        match path.suffix.lower():
            case ".png":
                path.write_bytes(palette_png(self._bytes(), palette(self.style), self.px_per_mm))
            case ".jpg" | ".jpeg":
                dots_per_inch = round(self.px_per_mm * 25.4)
                self.image.save(path, quality=92, dpi=(dots_per_inch, dots_per_inch))
            case ".pdf" | ".svg":
                from ecgclip.paper.vector import save_vector

                save_vector(self.ecg, self.layout, self.style, self.header, path)
            case other:
                raise ConfigError(
                    f"{name}: cannot write {other or 'a file without suffix'}; use {_or(SUFFIXES)}"
                )

    def _bytes(self) -> Uint8s:
        return byte_page(self.ecg, self.layout, self.style, self.px_per_mm, self.header)


def render(
    ecg: Ecg,
    layout: str = Layout.L3X4_1R,
    style: str | Style = DEFAULT_STYLE,
    *,
    px_per_mm: float = PRINT_PX_PER_MM,
    header: Header | None = None,
) -> RenderedPage:
    """Draw a record on ECG paper: `render(ecg).save("page.png")`.

    Args:
        ecg: The record.
        layout: `3x4`, `3x4+1R`, `3x4+3R`, `6x2` or `12x1`.
        style: The name of a shipped style, a TOML file or a `Style`.
        px_per_mm: Of pictures, 0.5 to 50; PDF and SVG have exact millimetres.
        header: The text above the traces; None takes age, sex and report from the record.

    Returns:
        The print: `.image` (PIL), `.array` (uint8 [y, x, 3]), and `.save(path)` as PNG, JPEG, PDF or SVG.

    Raises:
        ConfigError: Of an unknown layout or style, naming the nearest.
    """
    if not 0.5 <= px_per_mm <= 50:
        raise ConfigError(f"px_per_mm is {px_per_mm}; expected 0.5 to 50")
    chosen = load_style(style) if isinstance(style, str) else style
    return RenderedPage(ecg, parse_layout(layout), chosen, header or header_of(ecg), px_per_mm)


def _or(words: tuple[str, ...]) -> str:
    return f"{', '.join(words[:-1])} or {words[-1]}"
