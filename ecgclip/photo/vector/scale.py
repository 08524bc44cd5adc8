"""How long a second and a millivolt are on the page: by its grid, its pulses and what it says."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from ecgclip.photo.vector.curves import traces_of
from ecgclip.photo.vector.join import chosen
from ecgclip.photo.vector.paths import PagePaths
from ecgclip.photo.vector.pulses import Pulse, pulses_of
from ecgclip.photo.vector.rulings import dot_pitches, dots_of, millimetre, pitches, straight_lines
from ecgclip.photo.vector.settings import GAINS_MM_MV, Settings, settings_of
from ecgclip.typing import Float64s
from ecgclip.units import GAIN_MM_MV, SPEED_MM_S

_CLOSE: Final = 0.05
"""Share by which a measured height may miss the gain that is printed."""
_ROUNDED: Final = 0.003
"""Share by which a grid of dots of true size may seem larger, since the widths of a font are rounded."""
_PULSE_S: Final = 0.2


@dataclass(frozen=True, eq=False)
class Scale:
    """Paper speed and gain, in millimetres of the grid.

    x, y: mm of the page in a millimetre of the grid. has_grid: else the page's own millimetres count.
    warnings: what was assumed.
    """

    x: float
    y: float
    has_grid: bool
    speed_mm_s: float
    gain_mm_mv: float
    chest_gain_mm_mv: float
    pulses: tuple[Pulse, ...] = ()
    warnings: tuple[str, ...] = ()


def scale_of(paths: PagePaths) -> Scale | None:
    """The scale of an upright page; None where neither a grid nor what is printed says it: a chart."""
    _, traces = traces_of(paths)
    upright, across = straight_lines(chosen(paths, ~traces))
    x, y = millimetre(pitches(upright)), millimetre(pitches(across))
    if x is None and y is None:
        dots = dot_pitches(dots_of(chosen(paths, ~traces)))
        x, y = (_true_size(millimetre(found)) for found in dots)
    has_grid = x is not None or y is not None
    x, y = x or y or 1.0, y or x or 1.0
    stretched = replace(paths, points=paths.points / np.array([x, y]))
    pulses = tuple(pulses_of(*straight_lines(stretched)))
    said = settings_of(paths.words)
    if not has_grid and (shrunk := _shrunk(pulses, said)) is not None:
        x, y = shrunk, shrunk
        pulses = tuple(Pulse(*(np.array([p.left, p.right, p.top, p.foot]) / shrunk)) for p in pulses)
    if not has_grid and (said.speed_mm_s is None or (said.gain_mm_mv is None and not pulses)):
        return None
    return _settled(Scale(x, y, has_grid, 0.0, 0.0, 0.0, pulses), said)


def _true_size(scale: float | None) -> float | None:
    """A grid drawn at its true size but for the rounding of a font is of exactly that size."""
    return 1.0 if scale is not None and abs(scale - 1) < _ROUNDED else scale


def _shrunk(pulses: tuple[Pulse, ...], said: Settings) -> float | None:
    """How much smaller than true a page without a grid was drawn, by its pulse; None at true size."""
    height = _height(pulses)
    if height is None or _snapped(height) is not None:
        return None
    return height / (said.gain_mm_mv or GAIN_MM_MV)


def _settled(scale: Scale, said: Settings) -> Scale:
    warnings = [] if scale.has_grid else ["no grid was found: the page's own millimetres were taken"]
    speed, gain = said.speed_mm_s, said.gain_mm_mv
    if speed is None:
        speed = _by_width(scale.pulses)
        warnings.append(f"the paper speed is not printed: {speed:g} mm/s are assumed")
    height = _height(scale.pulses)
    seen = None if height is None else _snapped(height)
    if gain is None:
        gain = seen or GAIN_MM_MV
        if seen is None:
            warnings.append(f"no gain is printed and no pulse was found: {gain:g} mm/mV are assumed")
    elif seen is not None and abs(seen / gain - 1) > _CLOSE and seen != said.chest_gain_mm_mv:
        warnings.append(f"{gain:g} mm/mV are printed and were taken, but the pulse is {height:.1f} mm high")
    chest = said.chest_gain_mm_mv or gain
    return replace(scale, speed_mm_s=speed, gain_mm_mv=gain, chest_gain_mm_mv=chest, warnings=tuple(warnings))


def _by_width(pulses: tuple[Pulse, ...]) -> float:
    """50 mm/s where pulses, which mostly last .2 s, are as wide as that; else 25."""
    if not pulses:
        return SPEED_MM_S
    width = float(np.median([pulse.width for pulse in pulses]))
    return 2 * SPEED_MM_S if abs(width / (2 * SPEED_MM_S * _PULSE_S) - 1) < _CLOSE else SPEED_MM_S


def _height(pulses: tuple[Pulse, ...]) -> float | None:
    return float(np.median([pulse.height for pulse in pulses])) if pulses else None


def _snapped(height: float) -> float | None:
    """The gain of which a pulse of 1 mV has this height; None where there is none."""
    nearest = min(GAINS_MM_MV, key=lambda gain: abs(np.log(height / gain)))
    return nearest if abs(height / nearest - 1) < _CLOSE else None


def in_grid_mm(paths: PagePaths, scale: Scale) -> PagePaths:
    """The page in millimetres of its grid."""
    sizes: Float64s = np.array([scale.x, scale.y])
    words = tuple(
        replace(word, x_mm=word.x_mm / scale.x, y_mm=word.y_mm / scale.y, height_mm=word.height_mm / scale.y)
        for word in paths.words
    )
    size_mm = paths.size_mm[0] / scale.x, paths.size_mm[1] / scale.y
    return replace(
        paths,
        size_mm=size_mm,
        points=paths.points / sizes,
        width_mm=paths.width_mm / scale.y,
        marks=paths.marks / sizes,
        words=words,
    )
