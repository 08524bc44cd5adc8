"""Lines joined end to end, and turned upright: programs break curves, and pages lie on their side."""

from dataclasses import replace
from typing import Final

import numpy as np

from ecgclip.photo.vector.paths import PagePaths
from ecgclip.photo.vector.words import Word
from ecgclip.typing import Bools, Int64s

_TOUCHING_MM: Final = 0.03
_MANY: Final = 20
"""Points of a curve whose course says which way time runs."""
_STEADY: Final = 0.98
"""Share of a curve's way along an axis that goes one way, where it is a trace along that axis."""


def joined(paths: PagePaths) -> PagePaths:
    """Lines of one style that begin where the line before them ends become one."""
    if paths.lines < 2:
        return paths
    first, last = paths.points[paths.starts[:-1]], paths.points[paths.starts[1:] - 1]
    closed = (np.abs(first - last).max(axis=1) < _TOUCHING_MM) & (np.diff(paths.starts) > 2)
    touching = np.abs(first[1:] - last[:-1]).max(axis=1) < _TOUCHING_MM
    link = touching & _same_style(paths) & ~closed[1:] & ~closed[:-1]
    keep = np.ones(len(paths.points), bool)
    keep[paths.starts[1:-1][link]] = False
    heads = np.concatenate([[True], ~link])
    counts = np.add.reduceat(keep, paths.starts[:-1])
    lengths = np.add.reduceat(counts, np.flatnonzero(heads))
    return replace(_lines(paths, heads), points=paths.points[keep], starts=_starts(lengths))


def chosen(paths: PagePaths, lines: Bools) -> PagePaths:
    """Some of the lines, bool [line]."""
    lengths = np.diff(paths.starts)
    points = paths.points[np.repeat(lines, lengths)]
    return replace(_lines(paths, lines), points=points, starts=_starts(lengths[lines]))


def _lines(paths: PagePaths, chosen: Bools) -> PagePaths:
    """The styles of some lines; points are left to the caller."""
    return replace(
        paths,
        width_mm=paths.width_mm[chosen],
        rgb=paths.rgb[chosen],
        stroked=paths.stroked[chosen],
        filled=paths.filled[chosen],
    )


def _starts(lengths: Int64s) -> Int64s:
    return np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)


def _same_style(paths: PagePaths) -> Bools:
    """bool [line - 1]: whether a line looks as the one before it."""
    same = (paths.rgb[1:] == paths.rgb[:-1]).all(axis=1)
    same &= np.abs(np.diff(paths.width_mm)) < 1e-3
    same &= paths.stroked[1:] & paths.stroked[:-1]
    return np.asarray(same, bool)


def upright(paths: PagePaths) -> tuple[PagePaths, int]:
    """The page turned so that time runs to the right, and by how many quarters clockwise."""
    quarters = _quarter_turns(paths)
    return turned(paths, quarters), quarters


def turned(paths: PagePaths, quarters: int) -> PagePaths:
    """The page turned clockwise by quarters."""
    for _ in range(quarters % 4):
        width, height = paths.size_mm
        points = np.stack([height - paths.points[:, 1], paths.points[:, 0]], axis=1)
        marks = np.stack([height - paths.marks[:, 1], paths.marks[:, 0]], axis=1)
        words = tuple(_turned_word(word, height) for word in paths.words)
        paths = replace(paths, size_mm=(height, width), points=points, marks=marks, words=words)
    return paths


def _turned_word(word: Word, height: float) -> Word:
    x, y = word.direction
    return replace(word, x_mm=height - word.y_mm, y_mm=word.x_mm, direction=(-y, x))


def _quarter_turns(paths: PagePaths) -> int:
    """Quarters clockwise: the axis along which most curves run, and on it the way the words are written."""
    way = np.zeros(4)
    for line in np.flatnonzero(np.diff(paths.starts) >= _MANY):
        steps = np.diff(paths.points[paths.starts[line] : paths.starts[line + 1]], axis=0)
        travel, total = steps.sum(axis=0), np.abs(steps).sum(axis=0)
        for axis in (0, 1):
            if abs(travel[axis]) > _STEADY * total[axis] > 0:
                way[_direction(axis, travel[axis])] += total[axis]
    if way.max() == 0:
        return 0
    written = np.zeros(4)
    for word in paths.words:
        axis = int(abs(word.direction[1]) > abs(word.direction[0]))
        written[_direction(axis, word.direction[axis])] += len(word.text)
    axis = int(way[1] + way[3] > way[0] + way[2])
    ways = (axis, axis + 2)
    by_words = max(ways, key=lambda k: (written[k], way[k]))
    return (-by_words) % 4


def _direction(axis: int, travel: float) -> int:
    """0 right, 1 down, 2 left, 3 up."""
    return axis + (0 if travel > 0 else 2)
