"""Crop: what a screenshot or a scan leaves of the page, and the room that a viewer puts about it."""

from dataclasses import dataclass, replace

import numpy as np

from ecgclip.simulation.prints.canvas import PX
from ecgclip.simulation.prints.chance import between, comes
from ecgclip.simulation.prints.page import Page
from ecgclip.simulation.prints.printed import Box, Curve, Print, Pulse, Word
from ecgclip.simulation.prints.trace import on_page

_SEEN = 0.85
"""Least share of a word that must be on the picture for it to be told."""


@dataclass(frozen=True)
class Crop:
    """Millimetres cut off each edge."""

    left: float
    top: float
    right: float
    bottom: float


def sample_crop(rng: np.random.Generator, page: Page) -> Crop | None:
    """Cut close to the rows, through pulses, names or the first beats now and then; most pages stay whole."""
    if not comes(rng, 0.4 if page.kind == "screen" else 0.16):
        return None
    right = page.width - page.left - page.length
    cut = (
        page.left + between(rng, -14, 4),
        page.top + between(rng, -8, 0.35 * page.pitch),
        right + between(rng, -12, 5),
        between(rng, 0, 8),
    )
    left, top, right, bottom = (max(0.0, edge) if comes(rng, 0.6) else 0.0 for edge in cut)
    return Crop(left, top, right, bottom)


def cropped(page: Print, crop: Crop) -> Print:
    """The picture without its edges, labels moved along."""
    height, width = page.trace.shape
    left, top = round(crop.left * PX), round(crop.top * PX)
    right, bottom = width - round(crop.right * PX), height - round(crop.bottom * PX)
    window = (slice(top, bottom), slice(left, right))
    rgb, trace, pulse, mark = (
        np.ascontiguousarray(plane[window]) for plane in (page.rgb, page.trace, page.pulse_ink, page.mark_ink)
    )
    kept = replace(page, rgb=rgb, trace=trace, pulse_ink=pulse, mark_ink=mark)
    return moved(kept, -left / PX, -top / PX)


def moved(page: Print, x_mm: float, y_mm: float) -> Print:
    """The print with its labels moved by (x, y); what leaves the picture is told no longer."""
    edge = Box(0.0, 0.0, *page.size_mm)
    curves = (on_page(_moved_curve(curve, x_mm, y_mm), edge) for curve in page.curves)
    words = (_moved_word(word, x_mm, y_mm, edge) for word in page.words)
    pulses = (Pulse(_moved_box(pulse.box, x_mm, y_mm), pulse.gain_mm_mv) for pulse in page.pulses)
    return replace(
        page,
        curves=tuple(curve for curve in curves if curve is not None),
        words=tuple(word for word in words if word is not None),
        pulses=tuple(pulse for pulse in pulses if _common(pulse.box, edge) == pulse.box),
    )


def _moved_curve(curve: Curve, x_mm: float, y_mm: float) -> Curve:
    return replace(
        curve,
        x_mm=(curve.x_mm + x_mm).astype(np.float32),
        y_mm=(curve.y_mm + y_mm).astype(np.float32),
        baseline_mm=curve.baseline_mm + y_mm,
    )


def _moved_box(box: Box, x_mm: float, y_mm: float) -> Box:
    return Box(box.left + x_mm, box.top + y_mm, box.right + x_mm, box.bottom + y_mm)


def _moved_word(word: Word, x_mm: float, y_mm: float, edge: Box) -> Word | None:
    """The word where most of it is still on the picture."""
    box = _moved_box(word.box, x_mm, y_mm)
    seen = _common(box, edge)
    share = _area(seen) / _area(box)
    return replace(word, box=seen) if share >= _SEEN else None


def _common(one: Box, other: Box) -> Box:
    return Box(
        max(one.left, other.left),
        max(one.top, other.top),
        min(one.right, other.right),
        min(one.bottom, other.bottom),
    )


def _area(box: Box) -> float:
    return max(0.0, box.right - box.left) * max(0.0, box.bottom - box.top)
