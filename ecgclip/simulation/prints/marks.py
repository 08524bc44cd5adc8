"""Marks between leads, frames, boxes and bars: strokes that are no trace."""

from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Final

import numpy as np

from ecgclip.simulation.prints.canvas import Colour, fill, outline
from ecgclip.simulation.prints.chance import between, comes, pick
from ecgclip.simulation.prints.page import Page
from ecgclip.simulation.prints.placing import Panel
from ecgclip.simulation.prints.printed import Box, Curve
from ecgclip.typing import Uint8s


class Separator(StrEnum):
    """What stands where a lead ends and the next begins."""

    NONE = "none"
    STEP = "step"
    PAIR = "tick pair"
    TICK = "tick"
    BAR = "bar"
    FULL = "full line"
    DOTTED = "dotted line"


class Frame(StrEnum):
    """What is drawn about the rows."""

    NONE = "none"
    PAGE = "about the rows"
    PANELS = "about each panel"
    BAND = "lines above and below"
    BLACK_BAR = "black bar"
    DARK = "dark edge of the page"


_WIDEST_LINE_MM: Final = 0.55
_SEPARATORS: Final = {
    Separator.NONE: 0.28,
    Separator.STEP: 0.14,
    Separator.PAIR: 0.17,
    Separator.TICK: 0.1,
    Separator.BAR: 0.12,
    Separator.FULL: 0.11,
    Separator.DOTTED: 0.08,
}


@dataclass(frozen=True)
class Marks:
    """Lengths in mm.

    size: width and height of one stroke; reach: from the baseline to a tick's near end; first: also before
    the first column; strips: also in rhythm strips' rows at the columns' places; tinted: in the colour of
    the grid; pitch: of dots; frame, frame_mm: its kind and line; seconds: ticks at the
    upper edge every three seconds; beats: a tick above each beat of the last row.
    """

    separator: Separator
    size: tuple[float, float]
    reach: float
    above: bool
    first: bool
    strips: bool
    tinted: bool
    pitch: float
    beyond: tuple[float, float]
    frame: Frame
    frame_mm: float
    seconds: bool = False
    beats: bool = False

    @property
    def edge_mm(self) -> float:
        """How far a dark edge reaches into the page."""
        return 3 * self.frame_mm if self.frame is Frame.DARK else 0.0


def sample_marks(rng: np.random.Generator) -> Marks:
    """One kind of separator for all columns."""
    separator = pick(rng, _SEPARATORS)
    sizes: dict[Separator, tuple[tuple[float, float], tuple[float, float]]] = {
        Separator.PAIR: ((0.25, 1.1), (2.0, 6.0)),
        Separator.TICK: ((0.2, 0.5), (1.5, 6.0)),
        Separator.BAR: ((0.3, 1.2), (4.0, 11.0)),
        Separator.FULL: ((0.12, 0.5), (1.0, 1.0)),
        Separator.DOTTED: ((0.2, 0.5), (0.2, 1.2)),
    }
    width, height = sizes.get(separator, ((0.2, 0.2), (1.0, 1.0)))
    tall = between(rng, *height)
    return Marks(
        separator=separator,
        size=(between(rng, *width), tall),
        reach=between(rng, 1.0, 5.0),
        above=comes(rng, 0.7),
        first=comes(rng, 0.3),
        strips=comes(rng, 0.15),
        tinted=separator in (Separator.FULL, Separator.DOTTED) and comes(rng, 0.2),
        pitch=tall * between(rng, 1.6, 3.0),
        beyond=(between(rng, 0, 8), between(rng, 0, 8)),
        frame=pick(
            rng,
            {
                Frame.NONE: 0.76,
                Frame.PAGE: 0.09,
                Frame.PANELS: 0.03,
                Frame.BAND: 0.03,
                Frame.BLACK_BAR: 0.05,
                Frame.DARK: 0.04,
            },
        ),
        frame_mm=between(rng, 0.15, 0.8),
        seconds=comes(rng, 0.03),
        beats=comes(rng, 0.04),
    )


def draw_marks(
    plane: Uint8s,
    marks: Marks,
    panels: tuple[Panel, ...],
    curves: tuple[Curve, ...],
    page: Page,
    speed: float,
) -> None:
    """Draw separators and frames, in place."""
    leads = [panel for panel in panels if not panel.strip]
    bounds = [panel for panel in leads if panel.column > 0 or marks.first]
    if marks.strips:
        heads = [panel for panel in bounds if panel.row == 0]
        bounds += [_at(strip, head.x_mm) for strip in panels if strip.strip for head in heads]
    match marks.separator:
        case Separator.FULL | Separator.DOTTED:
            for x in sorted({panel.x_mm for panel in bounds}):
                _full(plane, marks, x, _extent(panels, page, marks))
        case Separator.STEP:
            _steps(plane, curves, marks.size[0])
        case Separator.NONE:
            pass
        case _:
            for panel in bounds:
                _tick(plane, marks, panel.x_mm, panel.baseline_mm)
    _frame(plane, marks, panels, page, speed)
    if marks.beats and curves:
        _beats(plane, curves[-1], 0.45 * page.pitch)
    if marks.seconds:
        for x in np.arange(page.left, page.width, 3 * speed):
            fill(plane, Box(float(x) - 0.15, marks.edge_mm, float(x) + 0.15, marks.edge_mm + 2.5))


def _beats(plane: Uint8s, curve: Curve, height: float) -> None:
    """A tick for each beat, or for each spike of a pacemaker, at one height above the trace."""
    up = curve.baseline_mm - curve.y_mm
    if not np.isfinite(up).any():
        return
    high = np.nan_to_num(up) > 0.6 * np.nanmax(up)
    starts = np.flatnonzero(high[1:] & ~high[:-1])
    for x in curve.x_mm[starts]:
        fill(
            plane,
            Box(float(x) - 0.12, curve.baseline_mm - height - 2, float(x) + 0.12, curve.baseline_mm - height),
        )


def _at(strip: Panel, x_mm: float) -> Panel:
    return Panel(strip.lead, strip.row, 1, x_mm, strip.baseline_mm, 0.0, 0.0, strip.gain_mm_mv, strip=True)


def _tick(plane: Uint8s, marks: Marks, x: float, baseline: float) -> None:
    width, height = marks.size
    left, right = x - width / 2, x + width / 2
    match marks.separator:
        case Separator.PAIR:
            fill(plane, Box(left, baseline - marks.reach - height, right, baseline - marks.reach))
            fill(plane, Box(left, baseline + marks.reach, right, baseline + marks.reach + height))
        case Separator.BAR:
            fill(plane, Box(left, baseline - height / 2, right, baseline + height / 2))
        case _:
            top = baseline - height if marks.above else baseline - height / 2
            fill(plane, Box(left, top, right, top + height))


def _extent(panels: tuple[Panel, ...], page: Page, marks: Marks) -> tuple[float, float]:
    """Upper and lower end of lines through all rows."""
    ys = [panel.baseline_mm for panel in panels]
    up, down = marks.beyond
    return min(ys) - 0.45 * page.pitch - up, max(ys) + 0.45 * page.pitch + down


def _full(plane: Uint8s, marks: Marks, x: float, extent: tuple[float, float]) -> None:
    half = min(marks.size[0], _WIDEST_LINE_MM) / 2
    if marks.separator is Separator.FULL:
        fill(plane, Box(x - half, extent[0], x + half, extent[1]))
        return
    for y in np.arange(extent[0], extent[1], marks.pitch):
        fill(plane, Box(x - half, float(y), x + half, float(y) + marks.size[1]))


def _steps(plane: Uint8s, curves: tuple[Curve, ...], line_mm: float) -> None:
    """The pen runs on from the end of a lead to the start of the next: a vertical line."""
    for one, other in pairwise(curves):
        y0, y1, x = float(one.y_mm[-1]), float(other.y_mm[0]), float(other.x_mm[0])
        near = abs(x - float(one.x_mm[-1])) < 0.5
        if near and np.isfinite(y0) and np.isfinite(y1):
            fill(plane, Box(x - line_mm / 2, min(y0, y1), x + line_mm / 2, max(y0, y1)))


def _frame(plane: Uint8s, marks: Marks, panels: tuple[Panel, ...], page: Page, speed: float) -> None:
    ys, line = [panel.baseline_mm for panel in panels], marks.frame_mm
    right = max(panel.stop_mm(speed) for panel in panels)
    top, bottom = min(ys) - 0.55 * page.pitch, max(ys) + 0.5 * page.pitch
    match marks.frame:
        case Frame.PAGE:
            outline(plane, Box(max(0.3, page.left - 12), top, min(page.width - 0.3, right + 3), bottom), line)
        case Frame.PANELS:
            for p in panels:
                half = 0.47 * page.pitch
                box = Box(p.x_mm, p.baseline_mm - half, p.stop_mm(speed), p.baseline_mm + half)
                outline(plane, box, min(line, 0.3))
        case Frame.BAND:
            for y in (top, bottom):
                fill(plane, Box(0, y - line / 2, page.width, y + line / 2))
        case Frame.BLACK_BAR:
            from_mm = page.width * min(0.45, line)
            fill(plane, Box(from_mm, page.height - 2 - 4 * line, page.width * 0.8, page.height - 2))
        case Frame.DARK:
            half = marks.edge_mm / 2
            outline(plane, Box(half, half, page.width - half, page.height - half), 2 * half)
        case Frame.NONE:
            pass


def mark_colour(marks: Marks, trace_rgb: Colour, grid_rgb: Colour) -> Colour:
    """The colour that all marks of a page share."""
    return grid_rgb if marks.tinted else trace_rgb
