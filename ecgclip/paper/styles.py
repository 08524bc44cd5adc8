"""How ECG machines print: paper, grid, ink, lettering and header of real vendors, as data.

Each style is one TOML file below `configs/render/`; a file of your own works as well.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from enum import StrEnum
from functools import lru_cache
from typing import Final

import numpy as np

from ecgclip.config import PACKAGED, load_config
from ecgclip.errors import ConfigError
from ecgclip.paper.geometry import Layout, PageGeometry, page_geometry
from ecgclip.units import GAIN_MM_MV, LARGE_SQUARE_MM, RECORD_S, SPEED_MM_S

Rgb = tuple[int, int, int]
_LONGEST_MM: Final = 2000.0


class Font(StrEnum):
    """The lettering of printers."""

    SANS = "sans"
    MONO = "mono"
    SERIF = "serif"
    BOLD = "bold"


class PulsePosition(StrEnum):
    """Where the calibration pulse stands."""

    LEFT = "left"
    RIGHT = "right"
    NONE = "none"


class Separator(StrEnum):
    """What marks the change from one lead to the next."""

    BAR = "bar"
    TICKS = "ticks"
    NONE = "none"


@dataclass(frozen=True)
class Line:
    """A line of text: its left end on the baseline in mm, and a template of `header.Header`'s fields."""

    x_mm: float
    y_mm: float
    text: str
    height_mm: float = 2.6


@dataclass(frozen=True)
class Style:
    """One vendor's print. Lengths in mm, colours as RGB; margins are left, top, right, bottom.

    grid_margin_mm: what the grid leaves white; trace_margin_mm: the box of the rows, whose right end follows
    from the duration; label_offset_mm: from the start of a panel's baseline to its label's.
    """

    paper_mm: tuple[float, float]
    paper_rgb: Rgb
    minor_rgb: Rgb
    major_rgb: Rgb
    ink_rgb: Rgb
    minor_mm: float
    major_mm: float
    line_mm: float
    grid_margin_mm: tuple[float, float, float, float]
    trace_left_mm: float
    trace_top_mm: float
    trace_bottom_mm: float
    font: Font = Font.SANS
    label_mm: float = 2.8
    label_offset_mm: tuple[float, float] = (0.0, 5.5)
    pulse: PulsePosition = PulsePosition.LEFT
    separator: Separator = Separator.BAR
    dotted: bool = False
    speed_mm_s: float = SPEED_MM_S
    gain_mm_mv: float = GAIN_MM_MV
    lines: tuple[Line, ...] = ()

    def __post_init__(self) -> None:
        for name in ("line_mm", "label_mm", "speed_mm_s", "gain_mm_mv"):
            if not 0 < getattr(self, name) < math.inf:
                raise ValueError(f"{name} is {getattr(self, name)}; expected more than 0")
        width_mm, height_mm = self.paper_mm
        if not (0 < width_mm <= _LONGEST_MM and 0 < height_mm <= _LONGEST_MM):
            raise ValueError(f"paper_mm is {self.paper_mm}; expected more than 0 and at most {_LONGEST_MM:g}")
        if self.trace_left_mm >= width_mm or self.trace_top_mm + self.trace_bottom_mm >= height_mm:
            raise ValueError(f"no room for traces is left on paper of {width_mm:g} x {height_mm:g} mm")

    def geometry(self, layout: Layout) -> PageGeometry:
        """Where the leads stand on this print; paper faster than 25 mm/s shows less time."""
        width_mm, height_mm = self.paper_mm
        rows = layout.rows + len(layout.rhythm_leads)
        row_mm = (height_mm - self.trace_top_mm - self.trace_bottom_mm) / rows
        left_mm = self.trace_left_mm + (LARGE_SQUARE_MM if self.pulse is PulsePosition.LEFT else 0.0)
        duration_s = RECORD_S * min(1.0, SPEED_MM_S / self.speed_mm_s)
        right_mm = width_mm - left_mm - duration_s * self.speed_mm_s
        return page_geometry(
            layout,
            row_height_mm=row_mm,
            margin_mm=(left_mm, self.trace_top_mm, right_mm, self.trace_bottom_mm),
            speed_mm_s=self.speed_mm_s,
            gain_mm_mv=self.gain_mm_mv,
            duration_s=duration_s,
        )


def style_names() -> tuple[str, ...]:
    """The shipped styles."""
    return tuple(sorted(file.stem for file in (PACKAGED / "render").glob("*.toml")))


def load_style(name: str) -> Style:
    """A shipped style by name, or one from a TOML file.

    >>> load_style("letter").paper_mm
    (279.4, 215.9)
    """
    return load_config(name, Style) if name.endswith(".toml") else _shipped_style(name)


@lru_cache(maxsize=64)
def _shipped_style(name: str) -> Style:
    if name not in style_names():
        raise ConfigError(f"there is no style {name!r}; {_hint(name, style_names())}")
    return load_config(f"render/{name}.toml", Style)


def parse_layout(name: str) -> Layout:
    """A layout by name; rhythm leads in brackets are allowed where they are the layout's own.

    >>> parse_layout("3x4+1R(II)")
    <Layout.L3X4_1R: '3x4+1R'>
    """
    for layout in Layout:
        if name in (layout.value, layout.label):
            return layout
    raise ConfigError(f"there is no layout {name!r}; {_hint(name, [str(layout) for layout in Layout])}")


def _hint(name: str, known: Sequence[str]) -> str:
    near = get_close_matches(name, known, n=1, cutoff=0.3)
    return f"{f'did you mean {near[0]!r}? ' if near else ''}Known are {', '.join(known)}"


def random_style(rng: np.random.Generator) -> Style:
    """A style as another machine of the same vendor, with another pen and worn colours, would print it."""
    base = load_style(str(rng.choice(style_names())))
    row_shift_mm = rng.uniform(-4, 4)
    return replace(
        base,
        paper_rgb=_shade(base.paper_rgb, rng, 8),
        minor_rgb=_shade(base.minor_rgb, rng, 20),
        major_rgb=_shade(base.major_rgb, rng, 20),
        ink_rgb=_shade(base.ink_rgb, rng, 25),
        minor_mm=base.minor_mm * rng.uniform(0.7, 1.4),
        major_mm=base.major_mm * rng.uniform(0.7, 1.4),
        line_mm=base.line_mm * rng.uniform(0.75, 1.5),
        trace_top_mm=base.trace_top_mm + row_shift_mm,
        trace_bottom_mm=base.trace_bottom_mm - row_shift_mm,
        font=Font(str(rng.choice([base.font, base.font, *Font]))),
        pulse=PulsePosition(str(rng.choice([base.pulse, base.pulse, PulsePosition.NONE]))),
        separator=Separator(str(rng.choice([base.separator, base.separator, *Separator]))),
    )


def _shade(rgb: Rgb, rng: np.random.Generator, spread: float) -> Rgb:
    shifted = np.clip(np.array(rgb) + rng.normal(0, spread / 2, 3) + rng.uniform(-spread, spread), 0, 255)
    red, green, blue = (int(value) for value in shifted)
    return red, green, blue
