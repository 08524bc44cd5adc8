"""Calibration pulses: in each row or in one, left, right or before columns; their shape, length and feet."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np

from ecgclip.simulation.prints.canvas import PX, Colour
from ecgclip.simulation.prints.chance import between, comes, pick
from ecgclip.simulation.prints.pen import stroke
from ecgclip.simulation.prints.placing import Panel
from ecgclip.simulation.prints.printed import Box, Pulse
from ecgclip.simulation.prints.scale import Scale
from ecgclip.typing import Float64s, Uint8s


class Where(StrEnum):
    """Which rows and which end."""

    LEFT = "left of each row"
    ONE = "left of one row"
    RIGHT = "right of each row"
    COLUMNS = "before each column"
    NONE = "none"


_LEAST_FOOT_MM: Final = 0.4
_WHERE: Final = {
    Where.LEFT: 0.4,
    Where.ONE: 0.28,
    Where.RIGHT: 0.2,
    Where.COLUMNS: 0.04,
    Where.NONE: 0.08,
}


@dataclass(frozen=True)
class Pulses:
    """Lengths in mm.

    row: of all rows, the one with the only pulse, 0..1 from the first to the last; before, after: the feet;
    slope: how far each flank leans; rounded: the plateau is reached as a capacitor is charged; stepped: a
    step at the chest leads' gain follows where it differs; rgb: None is the trace's colour.
    """

    where: Where
    row: float
    width: float
    before: float
    after: float
    slope: float
    rounded: bool
    stepped: bool
    gap: float
    rgb: Colour | None = None

    @property
    def zone_mm(self) -> tuple[float, float]:
        """Room before and after the rows."""
        room = self.before + self.width * (2 if self.stepped else 1) + self.after + self.gap
        return (
            room if self.where in (Where.LEFT, Where.ONE, Where.COLUMNS) else 0.0,
            room if self.where is Where.RIGHT else 0.0,
        )


def sample_pulses(rng: np.random.Generator, scale: Scale, narrow: bool) -> Pulses:
    """Mostly .2 s long and square."""
    where = Where.COLUMNS if narrow and comes(rng, 0.5) else pick(rng, _WHERE)
    natural = 0.2 * scale.speed_mm_s
    width = pick(rng, {natural: 0.8, 5.0: 0.08, natural / 2: 0.08, 10.0: 0.04})
    if where is Where.COLUMNS:
        width = pick(rng, {2.5: 0.6, 5.0: 0.4})
    feet = pick(rng, {(0.4, 2.5): 0.5, (2.0, 5.0): 0.3, (_LEAST_FOOT_MM, _LEAST_FOOT_MM): 0.2})
    sloped = comes(rng, 0.15)
    return Pulses(
        where=where,
        row=pick(rng, {1.0: 0.5, 0.0: 0.35, 0.5: 0.15}),
        width=width,
        before=between(rng, *feet),
        after=between(rng, *feet),
        slope=between(rng, 0.2, 0.8) if sloped else 0.0,
        rounded=not sloped and comes(rng, 0.08),
        stepped=scale.apart and comes(rng, 0.7),
        gap=pick(rng, {0.0: 0.6, 1.0: 0.2, 3.0: 0.2}),
        rgb=(30, 50, 200) if comes(rng, 0.02) else None,
    )


def draw_pulses(
    plane: Uint8s, pulses: Pulses, panels: tuple[Panel, ...], scale: Scale, line_mm: float
) -> tuple[Pulse, ...]:
    """Draw the pulses, in place, and tell where they stand."""
    if pulses.where is Where.NONE:
        return ()
    found: list[Pulse] = []
    for x, panel in _places(pulses, panels, scale.speed_mm_s):
        first = panel.gain_mm_mv
        heights = (first, scale.chest_mm_mv) if pulses.stepped and panel.column == 0 else (first,)
        xs, ys = _corners(pulses, x, panel.baseline_mm, heights)
        stroke(plane, xs * PX, ys * PX, line_mm * PX)
        left = x + pulses.before
        for i, height in enumerate(heights):
            start = left + i * pulses.width
            lean = pulses.slope if i == len(heights) - 1 else 0.0
            right = start + pulses.width + lean
            found.append(Pulse(Box(start, panel.baseline_mm - height, right, panel.baseline_mm), height))
    return tuple(found)


def _places(pulses: Pulses, panels: tuple[Panel, ...], speed: float) -> list[tuple[float, Panel]]:
    """Left end of each pulse's foot, and the panel on whose baseline it stands."""
    before, _ = pulses.zone_mm
    rows = sorted({panel.row for panel in panels})
    heads = {row: [p for p in panels if p.row == row] for row in rows}
    match pulses.where:
        case Where.LEFT:
            return [(heads[row][0].x_mm - before, heads[row][0]) for row in rows]
        case Where.ONE:
            row = rows[round(pulses.row * (len(rows) - 1))]
            return [(heads[row][0].x_mm - before, heads[row][0])]
        case Where.RIGHT:
            last = [heads[row][-1] for row in rows]
            return [(p.stop_mm(speed) + pulses.gap, p) for p in last]
        case _:
            row = rows[min(1, len(rows) - 1)]
            return [(p.x_mm - before, p) for p in heads[row] if not p.strip]


def _corners(
    pulses: Pulses, x: float, baseline: float, heights: tuple[float, ...]
) -> tuple[Float64s, Float64s]:
    """The pulse's line [point] in mm; x ascends, flanks lean by at least a hair."""
    lean = max(pulses.slope, 0.01)
    at = x + pulses.before
    xs, ys = [x, at], [baseline, baseline]
    level = baseline
    for height in heights:
        top = baseline - height
        if pulses.rounded:
            share = np.linspace(0.02, 1, 24)
            xs += list(at + share * (pulses.width - 0.05))
            ys += list(level + (top - level) * (1 - np.exp(-share * 9)))
        else:
            xs += [at + lean, at + pulses.width - 0.01]
            ys += [top, top]
        at, level = at + pulses.width, top
    xs += [at + lean, at + lean + pulses.after + 0.01]
    ys += [baseline, baseline]
    return np.array(xs), np.array(ys)
