"""Curves put together from pieces by place, where their order in the file does not show what is one."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from ecgclip.photo.vector.paths import PagePaths
from ecgclip.typing import Bools, Float64s, Indices

_FEWEST: Final = 20
"""Pieces of one style that are worth putting together."""
_MOST: Final = 40_000
_STRAIGHT: Final = 0.95
"""Share of level and upright pieces in a style that makes a grid."""
_GAP_MM: Final = 0.5
_BACK_MM: Final = 0.06
_STEP_MM: Final = 3.0
"""A pen that was lifted comes down within these."""
_FAR: Final = 10.0
"""What a millimetre of height weighs against one of time where two ends are near a piece."""


@dataclass
class _Chain:
    """Pieces in order; x, y: of its end."""

    pieces: list[int]
    x: float
    y: float


def chained(paths: PagePaths) -> PagePaths:
    """The page, upright, its scattered pieces of curves joined from left to right."""
    lengths = np.diff(paths.starts)
    first, last = paths.points[paths.starts[:-1]], paths.points[paths.starts[1:] - 1]
    loose = paths.stroked & (np.abs(last - first)[:, 0] < 40) & ~_closed(first, last)
    looks = np.column_stack([paths.rgb, np.round(100 * paths.width_mm)])
    styles = np.unique(looks, axis=0, return_inverse=True)
    order: list[list[int]] = []
    for style in range(len(styles[0])):
        which = np.flatnonzero(loose & (styles[1].ravel() == style))
        if _FEWEST <= which.size <= _MOST and not _is_grid(first[which], last[which], lengths[which]):
            chains = _chains(first[which], last[which])
            order += [[int(which[k]) for k in chain] for chain in chains if len(chain) > 1]
    return _relaid(paths, order) if order else paths


def _closed(first: Float64s, last: Float64s) -> Bools:
    return np.asarray(np.abs(last - first).max(axis=1) < 1e-3, bool)


def _is_grid(first: Float64s, last: Float64s, lengths: Indices) -> bool:
    size = np.abs(last - first)
    return float(np.mean((size.min(axis=1) < 1e-3) & (lengths == 2))) > _STRAIGHT


def _chains(first: Float64s, last: Float64s) -> list[list[int]]:
    """Numbers of pieces that follow each other in time, each behind the end that is nearest to it."""
    left = np.where((first[:, 0] <= last[:, 0])[:, None], first, last)
    right = np.where((first[:, 0] <= last[:, 0])[:, None], last, first)
    finished: list[_Chain] = []
    growing: list[_Chain] = []
    for k in np.lexsort((right[:, 0], left[:, 0])).tolist():
        (x, y), (end_x, end_y) = left[k].tolist(), right[k].tolist()
        finished += [chain for chain in growing if chain.x < x - _GAP_MM]
        growing = [chain for chain in growing if chain.x >= x - _GAP_MM]
        near = [
            (abs(x - chain.x) + _FAR * abs(y - chain.y), number)
            for number, chain in enumerate(growing)
            if chain.x - _BACK_MM <= x and abs(y - chain.y) < _STEP_MM
        ]
        if near:
            chain = growing[min(near)[1]]
            chain.pieces.append(k)
            chain.x, chain.y = end_x, end_y
        else:
            growing.append(_Chain([k], end_x, end_y))
    return [chain.pieces for chain in finished + growing]


def _relaid(paths: PagePaths, order: list[list[int]]) -> PagePaths:
    """The lines, those of each chain as one from left to right."""
    taken = np.zeros(paths.lines, bool)
    lines, heads = [], []
    for chain in order:
        parts = []
        for k in chain:
            part = paths.points[paths.starts[k] : paths.starts[k + 1]]
            parts.append(part if part[0, 0] <= part[-1, 0] else part[::-1])
            taken[k] = True
        lines.append(np.concatenate(parts))
        heads.append(chain[0])
    rest = np.flatnonzero(~taken)
    lines += [paths.points[paths.starts[k] : paths.starts[k + 1]] for k in rest]
    index = np.concatenate([np.array(heads, np.int64), rest])
    starts = np.concatenate([[0], np.cumsum([len(line) for line in lines])]).astype(np.int64)
    return replace(
        paths,
        points=np.concatenate(lines),
        starts=starts,
        width_mm=paths.width_mm[index],
        rgb=paths.rgb[index],
        stroked=paths.stroked[index],
        filled=paths.filled[index],
    )
