"""Which lead each trace shows: all names of a page stand at one distance from their traces."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np

from ecgclip.photo.vector.curves import Curve
from ecgclip.photo.vector.settings import Label
from ecgclip.typing import Float64s

_BEFORE_MM: Final = 22.0
"""A name may stand this far before the start of its trace …"""
_LEAST_AFTER_MM: Final = 10.0
"""… and this much of the trace must follow it."""
_LEVEL_MM: Final = 40.0
"""Stretch of a trace behind its name whose middle is its height."""
_FURTHEST_MM: Final = 25.0
_MISS_MM: Final = 7.0
"""From where a name stands beside its trace on the rest of the page."""
_COLUMN_MM: Final = 5.0
_NEAR: Final = 0.02
"""What a millimetre between names and traces weighs against one of irregularity: nearer is likelier."""
_START_MM: Final = 4.0


@dataclass(frozen=True, eq=False)
class Piece:
    """A trace with its name, in mm of the page."""

    lead: str
    sign: int
    curve: Curve


def pieces_of(curves: list[Curve], labels: tuple[Label, ...]) -> list[Piece]:
    """The traces that have a name, cut where the next name's trace begins."""
    if not curves or not labels:
        return []
    owner = _owners(curves, labels)
    pieces: list[Piece] = []
    for number, curve in enumerate(curves):
        own = [label for k, label in enumerate(labels) if owner[k] == number]
        pieces.extend(_cut(curve, _apart(sorted(own, key=lambda label: label.x_mm))))
    return pieces


def has_own_name(curves: list[Curve], labels: tuple[Label, ...]) -> Float64s:
    """bool [curve]: whether a name stands at the start of a curve."""
    return np.array(
        [
            any(
                -_BEFORE_MM / 2 < label.x_mm - curve.left < _BEFORE_MM / 2
                and abs(label.y_mm - curve.level(curve.left, curve.left + _LEVEL_MM)) < _FURTHEST_MM / 2
                for label in labels
            )
            for curve in curves
        ],
        bool,
    )


def _owners(curves: list[Curve], labels: tuple[Label, ...]) -> list[int]:
    """The number of the curve that each label names; -1 where it names none.

    Names stand above, below or beside their traces, but all alike: the distance at which most names find a
    trace of their own is taken.
    """
    apart = np.full((len(labels), len(curves)), np.inf)
    for i, label in enumerate(labels):
        for j, curve in enumerate(curves):
            if curve.left - _BEFORE_MM < label.x_mm < curve.right - _LEAST_AFTER_MM:
                x = max(label.x_mm, curve.left)
                apart[i, j] = label.y_mm - curve.level(x - 2, x + _LEVEL_MM)
    tried = apart[np.abs(apart) < _FURTHEST_MM]
    if not tried.size:
        return [-1] * len(labels)
    costs = [_cost(apart, distance) for distance in tried]
    distance = tried[int(np.argmin(costs))]
    miss = np.abs(apart - distance)
    return [int(np.argmin(row)) if row.min() < _MISS_MM else -1 for row in miss]


def _cost(apart: Float64s, distance: float) -> float:
    miss = np.abs(apart - distance).min(axis=1)
    return float(np.minimum(miss, _MISS_MM).sum() + _NEAR * abs(distance) * len(miss))


def _apart(labels: list[Label]) -> list[Label]:
    """Names from the left, each with room for its trace: of two at one place the first counts."""
    result: list[Label] = []
    for label in labels:
        if not result or label.x_mm - result[-1].x_mm > _LEAST_AFTER_MM:
            result.append(label)
    return result


def _cut(curve: Curve, labels: list[Label]) -> list[Piece]:
    """The parts of a curve that belong to its names."""
    ends = [*_starts(curve, labels), np.inf]
    parts = [curve.part(left, right) for left, right in pairwise(ends)]
    return [
        Piece(label.lead, label.sign, part)
        for label, part in zip(labels, parts, strict=True)
        if part.x_mm.size > 1
    ]


def _starts(curve: Curve, labels: list[Label]) -> list[float]:
    """Where on a curve the traces of its names begin: at equal distances, else as far before each name."""
    if not labels:
        return []
    first = labels[0].x_mm
    share = (curve.right - curve.left) / len(labels)
    equal = [curve.left + k * share for k in range(len(labels))]
    seen = [curve.left + label.x_mm - first for label in labels]
    close = all(abs(a - b) < _START_MM for a, b in zip(equal, seen, strict=True))
    starts = equal if close else seen
    return [-np.inf, *starts[1:]]
