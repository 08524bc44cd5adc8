"""A record printed in a random style of a random maker, with everything that a reader should find on it."""

from dataclasses import asdict, replace
from typing import Any

import numpy as np

from ecgclip.records.ecg import Ecg
from ecgclip.signal.resample import to_rate
from ecgclip.simulation.prints.arrangement import sample_arrangement
from ecgclip.simulation.prints.canvas import Canvas, blend, canvas_on
from ecgclip.simulation.prints.grid import draw_grid, sample_grid
from ecgclip.simulation.prints.header import draw_head, sample_head
from ecgclip.simulation.prints.marks import draw_marks, mark_colour, sample_marks
from ecgclip.simulation.prints.names import draw_names, sample_names
from ecgclip.simulation.prints.page import sample_page
from ecgclip.simulation.prints.placing import place
from ecgclip.simulation.prints.printed import Box, Curve, Print
from ecgclip.simulation.prints.pulses import draw_pulses, sample_pulses
from ecgclip.simulation.prints.scale import sample_scale
from ecgclip.simulation.prints.trace import curve_of, draw_curve, on_page, sample_trace
from ecgclip.simulation.prints.words import draw_settings, sample_settings
from ecgclip.typing import Signal

_SMOOTH_HZ = 500.0
"""Rate from which on a print shows no corners."""


def random_print(ecg: Ecg, rng: np.random.Generator) -> Print:
    """The record printed in a random style and layout.

    The same state of `rng` draws the same print. Leads that the record lacks stay blank under their names.
    """
    plan, scale = sample_arrangement(rng), sample_scale(rng)
    pulses = sample_pulses(rng, scale, plan.narrow)
    page = sample_page(rng, plan, scale, *pulses.zone_mm)
    signal, rate_hz = smooth(ecg)
    panels = place(rng, plan, page, scale, (signal.shape[1] - 1) / rate_hz)
    grid, trace = sample_grid(rng, page), sample_trace(rng, page.pitch)
    marks, names = sample_marks(rng), sample_names(rng, page.pitch)
    settings, head = sample_settings(rng, page, scale), sample_head(rng, page)

    canvas = canvas_on(draw_grid(grid, page))
    edge = Box(0, 0, *canvas.size_mm)
    drawn = (curve_of(signal, rate_hz, panel, trace, scale.speed_mm_s) for panel in panels)
    shown = (on_page(curve, edge) for curve in drawn if curve is not None)
    curves = tuple(curve for curve in shown if curve is not None)
    for curve in curves:
        draw_curve(canvas.trace, curve, trace)
    calibration = draw_pulses(canvas.pulse, pulses, panels, scale, trace.width_mm)
    draw_marks(canvas.mark, marks, panels, curves, page, scale.speed_mm_s)
    words, hidden = draw_names(canvas, names, panels, grid.paper, rng)
    words += draw_settings(canvas, settings)
    if head is not None:
        draw_head(canvas, head)
    style: dict[str, Any] = {
        "arrangement": asdict(plan),
        "scale": asdict(scale),
        "page": asdict(page),
        "grid": asdict(grid),
        "trace": asdict(trace),
        "pulses": asdict(pulses),
        "marks": asdict(marks),
        "names": asdict(names),
        "settings": [asdict(line) for line in settings],
        "head": None if head is None else asdict(head),
    }
    pulse_rgb = pulses.rgb or trace.rgb
    _ink(canvas, trace.rgb, pulse_rgb, mark_colour(marks, trace.rgb, grid.major), trace.strength)
    return Print(
        rgb=canvas.ground,
        trace=canvas.trace,
        pulse_ink=canvas.pulse,
        mark_ink=canvas.mark,
        curves=tuple(without(curve, hidden) for curve in curves),
        words=tuple(word for word in words if _on(word.box, edge)),
        pulses=tuple(pulse for pulse in calibration if _on(pulse.box, edge)),
        layout=plan.label,
        style=style,
    )


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
    layers = ((canvas.mark, mark), (canvas.text, trace), (canvas.pulse, pulse), (canvas.trace, trace))
    for plane, colour in layers:
        blend(canvas.ground, (plane * strength).astype(np.uint8) if strength < 1 else plane, colour)


def _on(box: Box, page: Box) -> bool:
    return (
        box.left >= page.left
        and box.top >= page.top
        and box.right <= page.right
        and box.bottom <= page.bottom
    )
