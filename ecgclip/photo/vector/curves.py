"""Which lines of a page are traces: curves of many points along which time runs on."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from ecgclip.photo.vector.paths import PagePaths
from ecgclip.photo.vector.pulses import Pulse
from ecgclip.typing import Bools, Float64s

_FEWEST: Final = 20
"""Points of a trace."""
_SHORTEST_MM: Final = 10.0
_BACKWARDS: Final = 0.005
"""Share of its way that a trace may run back, by the rounding of the file."""
_SAME_MM: Final = 0.05
_TWICE: Final = 30
"""Curves back at which the same curve may have been drawn before."""
_GAP_MM: Final = 0.6
_STEP_MM: Final = 4.0
"""A pen that is lifted comes down within these."""


@dataclass(frozen=True, eq=False)
class Curve:
    """A trace: x_mm, float64 [point], never falls; y_mm, float64 [point], grows downwards."""

    x_mm: Float64s
    y_mm: Float64s
    style: tuple[int, ...] = ()

    @property
    def left(self) -> float:
        return float(self.x_mm[0])

    @property
    def right(self) -> float:
        return float(self.x_mm[-1])

    def part(self, left: float, right: float) -> "Curve":
        """What stands from `left` to before `right`."""
        a, b = np.searchsorted(self.x_mm, [left, right])
        return Curve(self.x_mm[a:b], self.y_mm[a:b], self.style)

    def level(self, left: float = -np.inf, right: float = np.inf) -> float:
        """The middle of its heights in mm between two places, weighted by time; of all, if none is there."""
        a, b = np.searchsorted(self.x_mm, [left, right])
        if b - a < 2:
            a, b = 0, self.x_mm.size
        at = np.linspace(self.x_mm[a], self.x_mm[b - 1], 500)
        return float(np.median(np.interp(at, self.x_mm, self.y_mm)))


def traces_of(paths: PagePaths) -> tuple[list[Curve], Bools]:
    """The traces of a page that stands upright, and which of its lines they are, bool [line]."""
    found: list[Curve] = []
    which = np.zeros(paths.lines, bool)
    for line in np.flatnonzero(np.diff(paths.starts) >= _FEWEST):
        points = paths.points[paths.starts[line] : paths.starts[line + 1]]
        if not paths.stroked[line]:
            continue
        curve = _curve(points, (*paths.rgb[line].tolist(), round(1e3 * paths.width_mm[line])))
        if curve is not None:
            which[line] = True
            if not any(_equal(curve, other) for other in found[-_TWICE:]):
                found.append(curve)
    return found, which


def _equal(a: Curve, b: Curve) -> bool:
    """Whether two curves are one, drawn twice to make it bolder."""
    if a.x_mm.size != b.x_mm.size:
        return False
    return bool(np.abs(a.x_mm - b.x_mm).max() < _SAME_MM and np.abs(a.y_mm - b.y_mm).max() < _SAME_MM)


def _curve(points: Float64s, style: tuple[int, ...]) -> Curve | None:
    x, y = points.T
    if x[-1] < x[0]:
        x, y = x[::-1], y[::-1]
    steps = np.diff(x)
    back, total = -steps[steps < 0].sum(), np.abs(steps).sum()
    if x[-1] - x[0] < _SHORTEST_MM or back > _BACKWARDS * total:
        return None
    if len(np.unique(x)) < _FEWEST:
        return None
    return Curve(np.maximum.accumulate(x), y, style)


def without_pulses(curves: list[Curve], pulses: Sequence[Pulse]) -> list[Curve]:
    """The curves less the calibration pulses that some programs draw as their beginning or end."""
    result = []
    for curve in curves:
        for pulse in pulses:
            if curve.left < pulse.right and pulse.left < curve.right and _runs_over(curve, pulse):
                curve = _less(curve, pulse)
        if curve.x_mm.size >= _FEWEST:
            result.append(curve)
    return result


def _runs_over(curve: Curve, pulse: Pulse) -> bool:
    """Whether the pulse is a part of the curve: its top is reached at both ends."""
    for x in (pulse.left, pulse.right):
        a, b = np.searchsorted(curve.x_mm, [x - _SAME_MM, x + _SAME_MM])
        if b == a or abs(float(curve.y_mm[a:b].min()) - pulse.top) > 0.5:
            return False
    return True


def _less(curve: Curve, pulse: Pulse) -> Curve:
    """What of a curve lies beyond a pulse and its foot, on the longer side."""
    foot = np.abs(curve.y_mm - pulse.foot) < _SAME_MM
    if pulse.right - curve.left < curve.right - pulse.left:
        first = int(np.searchsorted(curve.x_mm, pulse.right + _SAME_MM))
        # the stroke of the foot ends at the trace's first vertex
        return Curve(curve.x_mm[first:], curve.y_mm[first:], curve.style)
    last = int(np.searchsorted(curve.x_mm, pulse.left - _SAME_MM))
    while last > 1 and foot[last - 1] and foot[last - 2]:
        last -= 1
    return Curve(curve.x_mm[:last], curve.y_mm[:last], curve.style)


def without_lifts(curves: list[Curve], own: Float64s) -> list[Curve]:
    """Join a curve to the one whose end it begins at, unless a name stands there: own, bool [curve]."""
    order = sorted(range(len(curves)), key=lambda k: curves[k].left)
    result: list[Curve] = []
    for k in order:
        curve = curves[k]
        before = None if own[k] else _before(result, curve)
        if before is None:
            result.append(curve)
            continue
        last = result[before]
        x, y = np.concatenate([last.x_mm, curve.x_mm]), np.concatenate([last.y_mm, curve.y_mm])
        result[before] = Curve(np.maximum.accumulate(x), y, last.style)
    return result


def _before(curves: list[Curve], curve: Curve) -> int | None:
    """Which of the curves ends where this one begins; None where none does."""
    for number, other in enumerate(curves):
        gap, step = curve.left - other.right, abs(float(curve.y_mm[0] - other.y_mm[-1]))
        if other.style == curve.style and -0.05 <= gap <= _GAP_MM and step <= _STEP_MM:
            return number
    return None
