"""Traces without names: the order in which most prints show the leads, where the limb leads then add up."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from ecgclip.photo.vector.curves import Curve
from ecgclip.photo.vector.panels import Piece
from ecgclip.units import LEADS

UNNAMED: Final = "no names of leads were found: the usual order was taken, in which the limb leads add up"
_STRIP: Final = 1.5
"""A curve longer than this many of the usual ones is a rhythm strip."""
_COLUMN_MM: Final = 8.0


def arrangements(curves: list[Curve]) -> Iterator[list[Piece]]:
    """The ways in which curves may be the leads in their usual order, without rhythm strips."""
    if not curves:
        return
    lengths = np.array([curve.right - curve.left for curve in curves])
    usual = [c for c, length in zip(curves, lengths, strict=True) if length < _STRIP * np.median(lengths)]
    columns = _columns(usual)
    heights = {len(column) for column in columns}
    if len(heights) == 1 and len(usual) in (6, 12):
        yield _pieces([curve for column in columns for curve in column])
    if len(columns) == 1 and len(usual) in (3, 4, 5, 6):
        yield _pieces(_split(columns[0][:3], 4))
        yield _pieces(_split(columns[0], 2)) if len(usual) == 6 else []


def _columns(curves: list[Curve]) -> list[list[Curve]]:
    """Curves that begin at one place, from the left; those of a column from the top."""
    columns: list[list[Curve]] = []
    for curve in sorted(curves, key=lambda curve: curve.left):
        if columns and curve.left - columns[-1][0].left < _COLUMN_MM:
            columns[-1].append(curve)
        else:
            columns.append([curve])
    return [sorted(column, key=lambda curve: curve.level()) for column in columns]


def _split(rows: list[Curve], columns: int) -> list[Curve]:
    """Rows of one curve each as equal columns."""
    parts = []
    for column in range(columns):
        for row in rows:
            share = (row.right - row.left) / columns
            last = column == columns - 1
            start, stop = row.left + column * share, np.inf if last else row.left + (column + 1) * share
            parts.append(row.part(start, stop))
    return [part for part in parts if part.x_mm.size > 1]


def _pieces(curves: list[Curve]) -> list[Piece]:
    """The curves with the names of the leads in their usual order, as many as there are curves."""
    return [Piece(lead, 1, curve) for lead, curve in zip(LEADS, curves, strict=False)]
