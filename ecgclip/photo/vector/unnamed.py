"""Traces without names: the order in which most prints show the leads, where the limb leads then add up."""

from collections.abc import Iterator
from typing import Final

import numpy as np

from ecgclip.photo.vector.curves import Curve
from ecgclip.photo.vector.laws import agreement_db
from ecgclip.photo.vector.panels import Piece
from ecgclip.units import LEADS

UNNAMED: Final = "no names of leads were found: the usual order was taken, in which the limb leads add up"
_STRIP: Final = 1.5
"""A curve longer than this many of the usual ones is a rhythm strip."""
_COLUMN_MM: Final = 8.0
_REPEATS_DB: Final = 12.0


def arrangements(curves: list[Curve]) -> Iterator[list[Piece]]:
    """The ways in which curves may be the leads in their usual order, with strips that repeat some."""
    if not curves:
        return
    usual, strips = _by_length(curves)
    columns = _columns(usual)
    heights = {len(column) for column in columns}
    if len(heights) == 1 and len(usual) in (6, 12):
        yield _pieces([curve for column in columns for curve in column], strips)
    if len(columns) == 1 and len(usual) in (3, 4, 5, 6):
        yield _pieces(_split(columns[0][:3], 4), columns[0][3:])
    if len(columns) == 1 and len(usual) == 6:
        yield _pieces(_split(columns[0], 2), [])


def chest_leads(curves: list[Curve]) -> list[Piece]:
    """Six curves below each other as V1 to V6, on a page behind one of limb leads; else none."""
    columns = _columns(_by_length(curves)[0]) if curves else []
    if [len(column) for column in columns] != [6]:
        return []
    return [Piece(lead, 1, curve) for lead, curve in zip(LEADS[6:], columns[0], strict=True)]


def _by_length(curves: list[Curve]) -> tuple[list[Curve], list[Curve]]:
    """The curves of usual length, and those that are much longer, as rhythm strips are."""
    lengths = np.array([curve.right - curve.left for curve in curves])
    limit = _STRIP * np.median(lengths)
    return (
        [curve for curve, length in zip(curves, lengths, strict=True) if length < limit],
        [curve for curve, length in zip(curves, lengths, strict=True) if length >= limit],
    )


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


def _pieces(curves: list[Curve], strips: list[Curve]) -> list[Piece]:
    """The curves named in the usual order of the leads; strips with the name of the lead they repeat."""
    named = [Piece(lead, 1, curve) for lead, curve in zip(LEADS, curves, strict=False)]
    return named + [piece for strip in strips if (piece := _repeating(strip, named)) is not None]


def _repeating(strip: Curve, named: list[Piece]) -> Piece | None:
    """The strip as the lead whose trace it repeats at the same places; None where it repeats none."""
    found = [(_alike_db(strip, piece.curve), piece.lead) for piece in named]
    best, lead = max(found, default=(-np.inf, ""))
    return Piece(lead, 1, strip) if best > _REPEATS_DB else None


def _alike_db(strip: Curve, curve: Curve) -> float:
    x = np.linspace(max(strip.left, curve.left), min(strip.right, curve.right), 1000)
    if x[-1] <= x[0]:
        return -np.inf
    found = agreement_db(np.interp(x, strip.x_mm, strip.y_mm), np.interp(x, curve.x_mm, curve.y_mm))
    return -np.inf if found is None else found
