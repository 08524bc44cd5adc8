"""The grid of a page: many equal straight lines, dashes or dots; their pitch says what a millimetre is."""

from dataclasses import dataclass
from itertools import combinations
from typing import Final

import numpy as np

from ecgclip.photo.vector.paths import PagePaths
from ecgclip.typing import Float64s

_THIN_MM: Final = 0.8
"""Widest stroke that a filled box may be."""
_LENGTH_MM: Final = 20.0
"""Least length of a ruling, its dashes or dots put together."""
_FEWEST: Final = 8
_SAME_MM: Final = 0.05
_REGULAR: Final = 0.9
"""Share of the gaps between rulings that are whole multiples of the pitch."""
_OFF: Final = 0.06
"""Share of the pitch that a ruling may be off its place."""
_SMALLEST_MM: Final = 0.3
_MINOR_IN_MAJOR: Final = 5
_NEAR: Final = 0.5, 2.0
"""How far from its true size a grid of one kind of square may be drawn."""
_DOT_MM: Final = 0.6
_FEWEST_DOTS: Final = 500


@dataclass(frozen=True, eq=False)
class Straight:
    """Straight lines along an axis: where they stand across it, and from where to where they run, [line]."""

    at: Float64s
    start: Float64s
    stop: Float64s
    style: Float64s

    @property
    def length(self) -> Float64s:
        return self.stop - self.start


def straight_lines(paths: PagePaths) -> tuple[Straight, Straight]:
    """The vertical lines (standing at x) and the horizontal ones (at y): every straight piece of every line.

    Thin filled boxes count as the line in their middle.
    """
    points, starts = paths.points, paths.starts
    line = np.repeat(np.arange(paths.lines), np.diff(starts))
    inner = line[1:] == line[:-1]
    stroked = paths.stroked[line[1:]]
    use = inner & stroked
    a, b, owner = points[:-1][use], points[1:][use], line[1:][use]
    boxes, box_owner = _boxes(paths)
    a = np.concatenate([a, boxes[:, 0]])
    b = np.concatenate([b, boxes[:, 1]])
    owner = np.concatenate([owner, box_owner])
    style = _style_numbers(paths)[owner] if paths.lines else np.empty(0)
    low, high, middle = np.minimum(a, b), np.maximum(a, b), (a + b) / 2
    size = high - low
    found = []
    for across, along in ((0, 1), (1, 0)):
        flat = (size[:, across] < 0.02) & (size[:, along] > 0.02)
        found.append(Straight(middle[flat, across], low[flat, along], high[flat, along], style[flat]))
    return found[0], found[1]


def _boxes(paths: PagePaths) -> tuple[Float64s, Float64s]:
    """Filled boxes that are thin, as lines [box, end, 2], and the numbers of their lines."""
    small = np.flatnonzero(paths.filled & ~paths.stroked & (np.diff(paths.starts) <= 8))
    if not small.size:
        return np.empty((0, 2, 2)), np.empty(0, np.int64)
    low = np.minimum.reduceat(paths.points, paths.starts[:-1])[small]
    high = np.maximum.reduceat(paths.points, paths.starts[:-1])[small]
    size = high - low
    across = np.argmin(size, axis=1)
    thin = size.min(axis=1) < np.minimum(_THIN_MM, 0.5 * size.max(axis=1))
    middle = (low + high) / 2
    rows = np.arange(len(small))
    low[rows, across] = high[rows, across] = middle[rows, across]
    return np.stack([low, high], axis=1)[thin], small[thin]


def _style_numbers(paths: PagePaths) -> Float64s:
    """One number for each colour and width of line, float64 [line]."""
    weights = np.array([1.0, 256.0, 65536.0])
    return np.asarray(paths.rgb @ weights + 2.0**24 * np.round(paths.width_mm, 2), np.float64)


def pitches(lines: Straight) -> list[float]:
    """Pitches of the regular sets of rulings among straight lines, in mm, the smallest first."""
    found = []
    for style in np.unique(lines.style):
        of_style = lines.style == style
        pitch = _pitch(_places(lines.at[of_style], lines.length[of_style]))
        if pitch is not None:
            found.append(pitch)
    return sorted(found)


def dots_of(paths: PagePaths) -> Float64s:
    """Where dots stand, float64 [dot, 2]: marks of a font, and drawn shapes as small as a pen's point."""
    if not paths.lines:
        return paths.marks
    low = np.minimum.reduceat(paths.points, paths.starts[:-1])
    high = np.maximum.reduceat(paths.points, paths.starts[:-1])
    small = (high - low).max(axis=1) < _DOT_MM
    return np.concatenate([paths.marks, ((low + high) / 2)[small]])


def dot_pitches(dots: Float64s) -> tuple[list[float], list[float]]:
    """Pitches of a grid of dots along x and along y."""
    if len(dots) < _FEWEST_DOTS:
        return [], []
    pitches = []
    for axis in (0, 1):
        places = _places(dots[:, axis], np.full(len(dots), _LENGTH_MM / _FEWEST))
        found = _pitch(places)
        pitches.append([] if found is None else [found])
    return pitches[0], pitches[1]


def _places(at: Float64s, length: Float64s) -> Float64s:
    """Where rulings stand, [ruling]: pieces at one place are put together, short ones left out."""
    if not at.size:
        return at
    order = np.argsort(at)
    at, length = at[order], length[order]
    groups = np.concatenate([[0], np.cumsum(np.diff(at) > _SAME_MM)]).astype(np.int64)
    total = np.bincount(groups, length)
    middle = np.bincount(groups, at) / np.bincount(groups)
    return np.asarray(middle[total > _LENGTH_MM], np.float64)


def _pitch(places: Float64s) -> float | None:
    """The distance of neighbours among regular places, by least squares; None where they are not regular."""
    if places.size < _FEWEST:
        return None
    gaps = np.diff(places)
    pitch = float(np.median(gaps))
    if pitch < _SMALLEST_MM:
        return None
    steps = gaps / pitch
    if np.mean(np.abs(steps - np.round(steps)) < _OFF * np.maximum(1, np.round(steps))) < _REGULAR:
        return None
    for _ in range(3):  # of a set without every fifth line the first guess is exact, and this refines it
        number = np.concatenate([[0], np.cumsum(np.round(gaps / pitch))])
        pitch = float(np.polyfit(number, places, 1)[0])
    return pitch


def millimetre(sets: list[float]) -> float | None:
    """What a millimetre of the grid measures on the page in mm; None without a grid.

    sets: pitches, the smallest first. Two in the ratio of five are the small and the large squares; a single
    one is taken for whichever is nearer to its true size, and for none where it is far from both.
    """
    for minor, major in combinations(sets, 2):
        if abs(major / minor / _MINOR_IN_MAJOR - 1) < 0.02:
            return (minor + major) / (1 + _MINOR_IN_MAJOR)
    if not sets:
        return None
    scales = [sets[0], sets[0] / _MINOR_IN_MAJOR]
    nearest = min(scales, key=lambda scale: abs(np.log(scale)))
    return nearest if _NEAR[0] < nearest < _NEAR[1] else None
