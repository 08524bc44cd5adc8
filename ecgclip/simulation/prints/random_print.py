"""A record printed in a random style of a random maker, with everything that a reader should find on it."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Final

import numpy as np

from ecgclip.records.ecg import Ecg
from ecgclip.signal.resample import to_rate
from ecgclip.simulation.prints.canvas import Canvas, Colour, blend, canvas_on
from ecgclip.simulation.prints.crop import cropped
from ecgclip.simulation.prints.design import Design, sample_design
from ecgclip.simulation.prints.disturbed import disturbed
from ecgclip.simulation.prints.filters import filtered
from ecgclip.simulation.prints.grid import draw_grid
from ecgclip.simulation.prints.header import draw_head
from ecgclip.simulation.prints.leftovers import draw_extras
from ecgclip.simulation.prints.marks import draw_marks, mark_colour
from ecgclip.simulation.prints.names import draw_names, touched
from ecgclip.simulation.prints.printed import Box, Curve, Print
from ecgclip.simulation.prints.pulses import draw_pulses
from ecgclip.simulation.prints.surface import finish
from ecgclip.simulation.prints.trace import curve_of, draw_curve, on_page
from ecgclip.simulation.prints.words import draw_settings
from ecgclip.typing import Signal

_SMOOTH_HZ: Final = 500.0
"""Rate from which on a print shows no corners."""
_COLOURED: Final = 60
"""Span of the channels of a pen from which on the words are printed with another, black one."""
_BLACK: Final[Colour] = (18, 18, 22)


def random_print(ecg: Ecg, rng: np.random.Generator) -> Print:
    """The record printed in a random style and layout.

    The same state of `rng` draws the same print. Leads that the record lacks stay blank under their names.
    """
    signal, rate_hz = smooth(ecg)
    return printed(signal, rate_hz, sample_design(rng, (signal.shape[1] - 1) / rate_hz))


def printed(signal: Signal, rate_hz: float, design: Design) -> Print:
    """The print of a design.

    Args:
        signal: float32 [12, sample] in mV, at a rate that shows no corners.
        rate_hz: Samples per second.
        design: Sampled for a record of this length.
    """
    canvas = canvas_on(draw_grid(design.grid, design.page))
    edge = _inside(canvas.size_mm, design.marks.edge_mm)
    signal = filtered(disturbed(signal, rate_hz, design.disturbed), rate_hz, design.filters)
    curves = _curves(signal, rate_hz, design, edge)
    for curve in curves:
        draw_curve(canvas.trace, curve, design.trace)
    speed, line_mm = design.scale.speed_mm_s, design.trace.width_mm
    pulses = draw_pulses(canvas.pulse, design.pulses, design.panels, design.scale, line_mm)
    draw_marks(canvas.mark, design.marks, design.panels, curves, design.page, speed)
    words, hidden = draw_names(canvas, design.names, design.panels, design.grid.paper)
    words += draw_settings(canvas, design.settings)
    draw_head(canvas, design.head)
    _ink(canvas, design)
    covers = draw_extras(canvas, design.extras)
    hidden += covers
    page = Print(
        rgb=canvas.ground,
        trace=canvas.trace,
        pulse_ink=canvas.pulse,
        mark_ink=canvas.mark,
        curves=tuple(without(curve, hidden) for curve in curves),
        words=tuple(word for word in words if _seen(word.box, edge, covers)),
        pulses=tuple(pulse for pulse in pulses if _seen(pulse.box, edge, hidden)),
        layout=design.arrangement.label,
        style=asdict(design),
    )
    return finish(page if design.crop is None else cropped(page, design.crop), design.surface)


def smooth(ecg: Ecg) -> tuple[Signal, float]:
    """The record at a rate that shows no corners, and the rate."""
    if ecg.rate_hz >= _SMOOTH_HZ:
        return ecg.signal_mv, ecg.rate_hz
    return to_rate(ecg.signal_mv, ecg.rate_hz, _SMOOTH_HZ), _SMOOTH_HZ


def _curves(signal: Signal, rate_hz: float, design: Design, edge: Box) -> tuple[Curve, ...]:
    """The curves of all panels of which anything lies on the page."""
    speed = design.scale.speed_mm_s
    drawn = (curve_of(signal, rate_hz, panel, design.trace, speed) for panel in design.panels)
    shown = (on_page(curve, edge) for curve in drawn if curve is not None)
    return tuple(curve for curve in shown if curve is not None)


def _inside(size_mm: tuple[float, float], edge_mm: float) -> Box:
    """The page without its dark edge."""
    return Box(edge_mm, edge_mm, size_mm[0] - edge_mm, size_mm[1] - edge_mm)


def without(curve: Curve, hidden: Sequence[Box]) -> Curve:
    """The curve with NaN for what boxes hide."""
    y = curve.y_mm
    for box in hidden:
        inside = (curve.x_mm > box.left) & (curve.x_mm < box.right) & (y > box.top) & (y < box.bottom)
        if inside.any():
            y = np.where(inside, np.float32(np.nan), y)
    return curve if y is curve.y_mm else replace(curve, y_mm=y)


def _ink(canvas: Canvas, design: Design) -> None:
    """Lay the planes of ink on the ground, in place; thermal paper that has faded takes less of it."""
    pen, strength = design.trace.rgb, design.trace.strength
    layers = (
        (canvas.mark, mark_colour(design.marks, pen, design.grid.major)),
        (canvas.text, _BLACK if max(pen) - min(pen) > _COLOURED else pen),
        (canvas.pulse, design.pulses.rgb or pen),
        (canvas.trace, pen),
    )
    for plane, colour in layers:
        blend(canvas.ground, (plane * strength).astype(np.uint8) if strength < 1 else plane, colour)


def _seen(box: Box, page: Box, covers: Sequence[Box]) -> bool:
    """Whether all of a box is on the page and nothing covers any of it."""
    along = page.left <= box.left and box.right <= page.right
    return along and page.top <= box.top and box.bottom <= page.bottom and not touched(box, covers)
