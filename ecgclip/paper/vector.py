"""The same print as lines, by matplotlib: PDF and SVG at exact millimetres, PNG at any resolution."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ecgclip.paper.geometry import Layout
from ecgclip.paper.header import Header
from ecgclip.paper.lettering import CAPITAL, font_file
from ecgclip.paper.raster import panel_samples
from ecgclip.paper.sheet import header_lines, labels, pulse_boxes, separator_boxes
from ecgclip.paper.styles import Rgb, Style
from ecgclip.records.ecg import Ecg
from ecgclip.units import INCH_MM, LARGE_SQUARE_MM, POINT_MM, SMALL_SQUARE_MM

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def save_vector(ecg: Ecg, layout: Layout, style: Style, header: Header, path: str | os.PathLike[str]) -> None:
    """Write the print as PDF or SVG, by the path's suffix; the same record gives the same bytes."""
    import matplotlib

    suffix = Path(path).suffix.lower()
    dated = {".pdf": {"CreationDate": None}, ".svg": {"Date": None}}[suffix]
    # simplified, a trace would lose the samples that lie within a tenth of a point of a straight line
    exact: dict[Any, Any] = {"path.simplify": False, "svg.hashsalt": "ecgclip"}
    with matplotlib.rc_context({**exact, "svg.fonttype": "path", "pdf.fonttype": 42}):
        page_figure(ecg, layout, style, header).savefig(path, format=suffix[1:], metadata=dated)


def page_figure(ecg: Ecg, layout: Layout, style: Style, header: Header) -> "Figure":
    """The print as a matplotlib figure whose one axes counts millimetres from the top left corner."""
    from matplotlib.figure import Figure

    width_mm, height_mm = style.paper_mm
    figure = Figure(figsize=(width_mm / INCH_MM, height_mm / INCH_MM), facecolor=_unit(style.paper_rgb))
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_xlim(0, width_mm)
    axes.set_ylim(height_mm, 0)
    axes.set_axis_off()
    _draw_grid(axes, style)
    _draw_traces(axes, ecg, layout, style)
    _draw_marks(axes, layout, style)
    _draw_text(axes, layout, style, header)
    return figure


def _draw_grid(axes: "Axes", style: Style) -> None:
    from matplotlib.collections import LineCollection

    left, top, right, bottom = style.grid_margin_mm
    ends_x, ends_y = (left, style.paper_mm[0] - right), (top, style.paper_mm[1] - bottom)
    sets = (
        (SMALL_SQUARE_MM, style.minor_mm, style.minor_rgb, style.dotted),
        (LARGE_SQUARE_MM, style.major_mm, style.major_rgb, False),
    )
    for step_mm, line_mm, rgb, dotted in sets:
        if line_mm <= 0:
            continue
        across = [[(ends_x[0], y), (ends_x[1], y)] for y in np.arange(ends_y[0], ends_y[1] + 1e-6, step_mm)]
        down = [[(x, ends_y[0]), (x, ends_y[1])] for x in np.arange(ends_x[0], ends_x[1] + 1e-6, step_mm)]
        # Dots are dashes as long as the line is wide, counted in line widths.
        dots = (0.5, (1.0, step_mm / line_mm - 1)) if dotted else "solid"
        lines = LineCollection(
            across if dotted else across + down,
            linewidths=line_mm / POINT_MM,
            colors=[_unit(rgb)],
            linestyles=[dots],
            capstyle="butt",
            zorder=0,
            snap=False,
        )
        axes.add_collection(lines, autolim=False)


def _draw_traces(axes: "Axes", ecg: Ecg, layout: Layout, style: Style) -> None:
    geometry = style.geometry(layout)
    for panel in geometry.panels:
        values = panel_samples(ecg, panel)
        x = panel.x_mm + np.arange(len(values)) / ecg.rate_hz * geometry.speed_mm_s
        axes.plot(
            x,
            panel.baseline_mm - values * geometry.gain_mm_mv,
            color=_unit(style.ink_rgb),
            linewidth=style.line_mm / POINT_MM,
            solid_capstyle="round",
            solid_joinstyle="round",
            snap=False,
        )


def _draw_marks(axes: "Axes", layout: Layout, style: Style) -> None:
    from matplotlib.patches import Rectangle

    geometry = style.geometry(layout)
    for box in pulse_boxes(style, geometry) + separator_boxes(style, geometry):
        size = (box.right - box.left, box.bottom - box.top)
        colour = _unit(style.ink_rgb)
        axes.add_patch(Rectangle((box.left, box.top), *size, facecolor=colour, linewidth=0, snap=False))


def _draw_text(axes: "Axes", layout: Layout, style: Style, header: Header) -> None:
    from matplotlib.font_manager import FontProperties

    fixed = [line for line in style.lines if "{" not in line.text]
    for line in header_lines(style, header) + fixed + labels(style, style.geometry(layout)):
        size_pt = line.height_mm / CAPITAL / POINT_MM
        face = FontProperties(fname=font_file(style.font), size=size_pt)
        # A patient's name may hold a dollar sign: never read text as mathematics.
        axes.text(
            line.x_mm, line.y_mm, line.text, fontproperties=face, color=_unit(style.ink_rgb), parse_math=False
        )


def _unit(rgb: Rgb) -> tuple[float, float, float]:
    return rgb[0] / 255, rgb[1] / 255, rgb[2] / 255
