"""Trace: what the machine does to a signal before it prints it, and how its pen draws."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np

from ecgclip.simulation.prints.canvas import PX, Colour
from ecgclip.simulation.prints.chance import between, comes, pick
from ecgclip.simulation.prints.pen import stroke
from ecgclip.simulation.prints.placing import Panel
from ecgclip.simulation.prints.printed import Box, Curve
from ecgclip.typing import Float64s, Signal, Uint8s
from ecgclip.units import LEADS

_DOT_MM: Final = 0.125
"""Distance of the dots of a thermal head, across the paper."""
_SIDE_OR_BACK: Final = {f"V{i}R": f"V{i}" for i in range(3, 7)} | dict.fromkeys(("V7", "V8", "V9"), "V6")


class Clip(StrEnum):
    """What happens to a trace that leaves its band."""

    NONE = "none"
    HELD = "held"
    CUT = "cut"


@dataclass(frozen=True)
class Trace:
    """Pen and preparation.

    width_mm, rgb: of the line; strength: of its ink, under 1 where thermal paper has faded; step_mm: length
    of a thermal head's step along time, 0 for a smooth line; stylus: how much a hot stylus fades on fast
    parts, 0..1; zero: `mv` prints 0 mV on the baseline, `median` each lead's median, `shift` moves each
    panel so that it fits its band; clip, limit_mm: what happens beyond so many mm from the baseline.
    """

    width_mm: float
    rgb: Colour
    strength: float
    step_mm: float
    stylus: float
    zero: str
    clip: Clip
    limit_mm: float


_COLOURS: Final[dict[str, tuple[Colour, ...]]] = {
    "black": ((0, 0, 0), (15, 15, 18), (25, 22, 25)),
    "dark grey": ((55, 55, 58), (70, 66, 66), (48, 50, 60)),
    "pale grey": ((112, 112, 112), (100, 96, 96)),
    "colour": ((20, 40, 150), (170, 20, 30), (40, 40, 110), (90, 20, 90)),
}


def sample_trace(rng: np.random.Generator, pitch_mm: float) -> Trace:
    """Mostly a plain black line of a third of a millimetre."""
    colours = _COLOURS[pick(rng, {"black": 0.79, "dark grey": 0.14, "pale grey": 0.04, "colour": 0.03})]
    stylus = between(rng, 0.4, 1.0) if comes(rng, 0.03) else 0.0
    fine = pick(rng, {(0.13, 0.22): 0.25, (0.22, 0.4): 0.55, (0.4, 0.62): 0.2})
    clip = pick(rng, {Clip.NONE: 0.9, Clip.HELD: 0.06, Clip.CUT: 0.04})
    return Trace(
        width_mm=between(rng, 0.4, 0.6) if stylus else between(rng, *fine),
        rgb=colours[int(rng.integers(len(colours)))],
        strength=between(rng, 0.45, 0.85) if comes(rng, 0.12) else 1.0,
        step_mm=1 / between(rng, 8, 40) if comes(rng, 0.3) and not stylus else 0.0,
        stylus=stylus,
        zero=pick(rng, {"median": 0.6, "mv": 0.34, "shift": 0.06}),
        clip=clip,
        limit_mm=pitch_mm * between(rng, 0.5, 1.2),
    )


def curve_of(signal: Signal, rate_hz: float, panel: Panel, trace: Trace, speed_mm_s: float) -> Curve | None:
    """The panel's curve as it will be drawn; None where the record has nothing to show.

    signal: float32 [12, sample] in mV, at a rate that shows no corners.
    """
    lead, negated, share = _recorded(panel.lead)
    first = round(panel.start_s * rate_hz)
    last = min(signal.shape[1], first + round(panel.seconds * rate_hz) + 1)
    samples = signal[LEADS.index(lead), first:last].astype(np.float64)
    samples = share * (-samples if negated else samples)
    if len(samples) < 2 or not np.isfinite(samples).any():
        return None
    zero_mv = _zero(samples, trace.zero)
    baseline = panel.baseline_mm + panel.gain_mm_mv * zero_mv
    y = baseline - panel.gain_mm_mv * samples
    off = np.abs(y - panel.baseline_mm) > trace.limit_mm
    if trace.clip is Clip.HELD:
        y = np.clip(y, panel.baseline_mm - trace.limit_mm, panel.baseline_mm + trace.limit_mm)
    elif trace.clip is Clip.CUT:
        y = np.where(off, np.nan, y)
    x = panel.x_mm + np.arange(len(samples)) / rate_hz * speed_mm_s
    return Curve(
        panel.lead,
        x.astype(np.float32),
        y.astype(np.float32),
        float(baseline),
        first / rate_hz,
        speed_mm_s,
        panel.gain_mm_mv,
    )


def _recorded(lead: str) -> tuple[str, bool, float]:
    """The recorded lead behind a printed one, whether it is upside down, and its size.

    Leads of the right side and the back, which no record has, look like small ones of the left.
    """
    if lead.startswith("-"):
        return lead[1:], True, 1.0
    if lead in _SIDE_OR_BACK:
        return _SIDE_OR_BACK[lead], False, 0.45
    return lead, False, 1.0


def _zero(samples: Float64s, zero: str) -> float:
    """The potential that is printed on the baseline, mV."""
    match zero:
        case "median":
            return float(np.nanmedian(samples))
        case "shift":
            return float(np.nanmax(samples) + np.nanmin(samples)) / 2
        case _:
            return 0.0


def draw_curve(plane: Uint8s, curve: Curve, trace: Trace) -> None:
    """Draw a curve into the plane of traces, in place."""
    x, y = curve.x_mm.astype(np.float64), curve.y_mm.astype(np.float64)
    flow = _flow(x, y, trace) if trace.stylus else None
    if trace.step_mm:
        x, y = _stepped(x, y, trace.step_mm)
    stroke(plane, x * PX, y * PX, trace.width_mm * PX, flow)


def _stepped(x: Float64s, y: Float64s, step_mm: float) -> tuple[Float64s, Float64s]:
    """The curve in a thermal head's dots: y in steps of the head, held for each step of the paper."""
    edges = np.arange(x[0], x[-1] + step_mm, step_mm)
    if len(edges) < 2:
        return x, y
    held = np.round(np.interp(edges[:-1] + step_mm / 2, x, y) / _DOT_MM) * _DOT_MM
    thin = 0.02 * step_mm
    places = np.stack([edges[:-1] + thin, edges[1:] - thin], axis=1).ravel()
    return places, np.repeat(held, 2)


def _flow(x: Float64s, y: Float64s, trace: Trace) -> Float64s:
    """Share of the ink: a hot stylus has no time to blacken the paper where it moves fast."""
    slope = np.abs(np.gradient(y, x))
    slope[np.isnan(slope)] = 0.0
    return np.asarray(1 - trace.stylus * np.clip((slope - 1) / 9, 0, 1))


def on_page(curve: Curve, page: Box) -> Curve | None:
    """The curve with NaN for what lies beyond the page; None where nothing of it lies on it."""
    inside = (curve.x_mm >= page.left) & (curve.x_mm <= page.right)
    if inside.sum() < 2:
        return None
    x, y = curve.x_mm[inside], curve.y_mm[inside].copy()
    y[(y < page.top) | (y > page.bottom)] = np.nan
    if np.isnan(y).all():
        return None
    skipped_s = float(x[0] - curve.x_mm[0]) / curve.speed_mm_s
    return Curve(
        curve.lead, x, y, curve.baseline_mm, curve.start_s + skipped_s, curve.speed_mm_s, curve.gain_mm_mv
    )
