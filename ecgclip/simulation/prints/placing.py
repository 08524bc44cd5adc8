"""Panels: where on the page each lead's piece stands, and which seconds it shows."""

from dataclasses import dataclass

import numpy as np

from ecgclip.simulation.prints.arrangement import Arrangement, Timing
from ecgclip.simulation.prints.chance import between, comes
from ecgclip.simulation.prints.page import Page
from ecgclip.simulation.prints.scale import Scale
from ecgclip.typing import Float64s


@dataclass(frozen=True)
class Panel:
    """One lead's piece: from `x_mm` on for `seconds`, around `baseline_mm`; strips count as column 0."""

    lead: str
    row: int
    column: int
    x_mm: float
    baseline_mm: float
    start_s: float
    seconds: float
    gain_mm_mv: float
    strip: bool = False

    def stop_mm(self, speed_mm_s: float) -> float:
        """Where it ends."""
        return self.x_mm + self.seconds * speed_mm_s


def place(
    rng: np.random.Generator,
    plan: Arrangement,
    page: Page,
    scale: Scale,
    duration_s: float,
    apart: bool = False,
) -> tuple[Panel, ...]:
    """The panels of leads row by row, then of the rhythm strips; `apart`: each column has its own gain."""
    lengths = _column_lengths(plan, page, scale, duration_s)
    starts = np.concatenate([[0.0], np.cumsum(lengths[:-1] + plan.gap_mm)])
    lost_s = plan.gap_mm / scale.speed_mm_s if comes(rng, 0.5) else 0.0
    times = _times(plan, lengths / scale.speed_mm_s, lost_s, duration_s, rng)
    halves = [0.5 if apart and comes(rng, 0.4) else 1.0 for _ in plan.columns]
    first = page.top + page.pitch * between(rng, 0.42, 0.68)
    own = _own_baselines(rng, plan, page.pitch)
    panels = []
    for row in range(plan.rows):
        for column in range(len(plan.columns)):
            lead = plan.leads[column * plan.rows + row]
            y = first + row * page.pitch + float(own[row, column])
            seconds = float(lengths[column] / scale.speed_mm_s)
            x, start = page.left + float(starts[column]), float(times[column])
            gain = scale.gain(lead) * halves[column]
            panels.append(Panel(lead, row, column, x, y, start, seconds, gain))
    whole = min(float(starts[-1] + lengths[-1]) / scale.speed_mm_s, duration_s)
    from_s = min(float(times[0]), duration_s - whole)
    for i, lead in enumerate(plan.strips):
        y = first + (plan.rows + i) * page.pitch + page.strip_gap
        row = plan.rows + i
        panels.append(Panel(lead, row, 0, page.left, y, from_s, whole, scale.gain(lead), strip=True))
    return tuple(panels)


def _column_lengths(plan: Arrangement, page: Page, scale: Scale, duration_s: float) -> Float64s:
    """Length of each column in mm, none longer than the record."""
    widths = np.array(plan.columns)
    room = page.length - plan.gap_mm * (len(widths) - 1)
    lengths = widths * room / max(widths.sum(), len(widths))
    most = duration_s * scale.speed_mm_s
    return np.asarray(np.minimum(lengths, most))


def _times(
    plan: Arrangement, seconds: Float64s, lost_s: float, duration_s: float, rng: np.random.Generator
) -> Float64s:
    """Second of the record at which each column starts; columns overlap where the record is too short.

    lost_s: what passes in the gap between two columns and is not printed.
    """
    follow = np.concatenate([[0.0], np.cumsum(seconds[:-1] + lost_s)])
    match plan.timing:
        case Timing.SIMULTANEOUS:
            starts = np.zeros(len(seconds))
        case Timing.OVERLAPPING:
            starts = follow * between(rng, 0.4, 0.95)
        case Timing.CONSECUTIVE:
            starts = follow
    last = duration_s - seconds[-1]
    if starts[-1] > last:
        starts = starts * max(0.0, last) / starts[-1]
    spare = max(0.0, float(np.min(duration_s - seconds - starts)))
    return np.asarray(starts + (between(rng, 0, spare) if spare > 0.2 else 0.0))


def _own_baselines(rng: np.random.Generator, plan: Arrangement, pitch: float) -> Float64s:
    """How far each panel's baseline stands off its row's, mm [row, column]."""
    shape = (plan.rows, len(plan.columns))
    if plan.narrow or (comes(rng, 0.06) and len(plan.columns) > 1):
        return np.asarray(np.clip(rng.normal(0, 0.14 * pitch, shape), -7, 7))
    return np.zeros(shape)
