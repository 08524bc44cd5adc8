"""A record printed in a random style of a random maker, with everything that a reader should find on it."""

from dataclasses import asdict, replace
from typing import Any

import numpy as np

from ecgclip.records.ecg import Ecg
from ecgclip.signal.resample import to_rate
from ecgclip.simulation.prints.arrangement import sample_arrangement
from ecgclip.simulation.prints.canvas import Canvas, blend, canvas_on
from ecgclip.simulation.prints.chance import comes
from ecgclip.simulation.prints.crop import cropped, sample_crop
from ecgclip.simulation.prints.disturbed import disturbed, sample_disturbed
from ecgclip.simulation.prints.extras import sample_extras
from ecgclip.simulation.prints.filters import filtered, sample_filters
from ecgclip.simulation.prints.grid import draw_grid, sample_grid
from ecgclip.simulation.prints.header import draw_head, sample_head
from ecgclip.simulation.prints.leftovers import draw_extras
from ecgclip.simulation.prints.makers import Maker, sample_maker
from ecgclip.simulation.prints.marks import draw_marks, mark_colour, sample_marks
from ecgclip.simulation.prints.names import Names, draw_names, sample_names, touched
from ecgclip.simulation.prints.page import sample_page
from ecgclip.simulation.prints.placing import place
from ecgclip.simulation.prints.printed import Box, Curve, Print
from ecgclip.simulation.prints.pulses import Where, draw_pulses, sample_pulses
from ecgclip.simulation.prints.scale import sample_scale
from ecgclip.simulation.prints.surface import finish, sample_surface
from ecgclip.simulation.prints.trace import curve_of, draw_curve, on_page, sample_trace
from ecgclip.simulation.prints.wishes import adjusted
from ecgclip.simulation.prints.words import draw_settings, sample_settings
from ecgclip.typing import Signal

_SMOOTH_HZ = 500.0
"""Rate from which on a print shows no corners."""
_COLOURED = 60
"""Span of the channels of a pen from which on the words are printed with another, black one."""


def random_print(ecg: Ecg, rng: np.random.Generator) -> Print:
    """The record printed in a random style and layout.

    The same state of `rng` draws the same print. Leads that the record lacks stay blank under their names.
    """
    maker = sample_maker(rng)
    plan, scale = sample_arrangement(rng, maker.layouts), sample_scale(rng, maker.speeds)
    wished = adjusted(plan, maker.arrangement, rng)
    plan = wished if len(wished.columns) == len(plan.columns) else plan
    pulses = adjusted(sample_pulses(rng, scale, plan.narrow), maker.pulses, rng)
    page = sample_page(rng, plan, scale, pulses.zone_mm, maker.pages, maker.pitch)
    signal, rate_hz = smooth(ecg)
    noise, filters = sample_disturbed(rng), sample_filters(rng)
    signal = filtered(disturbed(signal, rate_hz, noise), rate_hz, filters)
    apart = pulses.where is Where.COLUMNS and comes(rng, 0.2)
    panels = place(rng, plan, page, scale, (signal.shape[1] - 1) / rate_hz, apart)
    grid = adjusted(sample_grid(rng, page), maker.grid, rng)
    trace = adjusted(sample_trace(rng, page.pitch), maker.trace, rng)
    marks = adjusted(sample_marks(rng), maker.marks, rng)
    names = styled_names(rng, maker, page.pitch)
    settings, head = sample_settings(rng, page, scale), sample_head(rng, page, maker.head)
    extras, crop, surface = sample_extras(rng, page), sample_crop(rng, page), sample_surface(rng)

    canvas = canvas_on(draw_grid(grid, page))
    edge = _inside(canvas.size_mm, marks.edge_mm)
    drawn = (curve_of(signal, rate_hz, panel, trace, scale.speed_mm_s) for panel in panels)
    shown = (on_page(curve, edge) for curve in drawn if curve is not None)
    curves = tuple(curve for curve in shown if curve is not None)
    for curve in curves:
        draw_curve(canvas.trace, curve, trace)
    calibration = draw_pulses(canvas.pulse, pulses, panels, scale, trace.width_mm)
    draw_marks(canvas.mark, marks, panels, curves, page, scale.speed_mm_s)
    words, hidden = draw_names(canvas, names, panels, grid.paper, rng)
    words += draw_settings(canvas, settings)
    draw_head(canvas, head)
    style: dict[str, Any] = {
        "maker": maker.name,
        "arrangement": asdict(plan),
        "scale": asdict(scale),
        "page": asdict(page),
        "grid": asdict(grid),
        "trace": asdict(trace),
        "pulses": asdict(pulses),
        "marks": asdict(marks),
        "names": asdict(names),
        "settings": [asdict(line) for line in settings],
        "head": asdict(head),
        "disturbed": asdict(noise),
        "filters": asdict(filters),
        "extras": [asdict(extra) for extra in extras],
        "crop": None if crop is None else asdict(crop),
        "surface": asdict(surface),
    }
    pulse_rgb = pulses.rgb or trace.rgb
    _ink(canvas, trace.rgb, pulse_rgb, mark_colour(marks, trace.rgb, grid.major), trace.strength)
    covers = draw_extras(canvas, extras)
    hidden += covers
    drawn_page = Print(
        rgb=canvas.ground,
        trace=canvas.trace,
        pulse_ink=canvas.pulse,
        mark_ink=canvas.mark,
        curves=tuple(without(curve, hidden) for curve in curves),
        words=tuple(word for word in words if _on(word.box, edge) and not touched(word.box, covers)),
        pulses=tuple(
            pulse for pulse in calibration if _on(pulse.box, edge) and not touched(pulse.box, hidden)
        ),
        layout=plan.label,
        style=style,
    )
    return finish(drawn_page if crop is None else cropped(drawn_page, crop), surface)


def styled_names(rng: np.random.Generator, maker: Maker, pitch_mm: float) -> Names:
    """Names as the maker sets and spells them."""
    names = sample_names(rng, pitch_mm)
    names = replace(
        names,
        lettering=adjusted(names.lettering, maker.lettering, rng),
        spelling=adjusted(names.spelling, maker.spelling, rng),
    )
    return adjusted(names, maker.names, rng)


def _inside(size_mm: tuple[float, float], edge_mm: float) -> Box:
    """The page without its dark edge."""
    return Box(edge_mm, edge_mm, size_mm[0] - edge_mm, size_mm[1] - edge_mm)


def smooth(ecg: Ecg) -> tuple[Signal, float]:
    """The record at a rate that shows no corners, and the rate."""
    if ecg.rate_hz >= _SMOOTH_HZ:
        return ecg.signal_mv, ecg.rate_hz
    return to_rate(ecg.signal_mv, ecg.rate_hz, _SMOOTH_HZ), _SMOOTH_HZ


def without(curve: Curve, hidden: tuple[Box, ...]) -> Curve:
    """The curve with NaN for what boxes hide."""
    y = curve.y_mm
    for box in hidden:
        inside = (curve.x_mm > box.left) & (curve.x_mm < box.right) & (y > box.top) & (y < box.bottom)
        if inside.any():
            y = np.where(inside, np.float32(np.nan), y)
    return curve if y is curve.y_mm else replace(curve, y_mm=y)


def _ink(
    canvas: Canvas,
    trace: tuple[int, int, int],
    pulse: tuple[int, int, int],
    mark: tuple[int, int, int],
    strength: float,
) -> None:
    """Lay the planes of ink on the ground, in place; `strength` below 1 is faded thermal paper."""
    black = (18, 18, 22)
    text = black if max(trace) - min(trace) > _COLOURED else trace
    layers = ((canvas.mark, mark), (canvas.text, text), (canvas.pulse, pulse), (canvas.trace, trace))
    for plane, colour in layers:
        blend(canvas.ground, (plane * strength).astype(np.uint8) if strength < 1 else plane, colour)


def _on(box: Box, page: Box) -> bool:
    return (
        box.left >= page.left
        and box.top >= page.top
        and box.right <= page.right
        and box.bottom <= page.bottom
    )
