"""When each trace of a page begins: columns follow one another, or show the same seconds."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from ecgclip.photo.signal import SIGNAL_RATE_HZ
from ecgclip.photo.vector.laws import agreement_db
from ecgclip.photo.vector.panels import Piece
from ecgclip.typing import Float64s

_COLUMN_S: Final = 0.4
"""Pieces that begin within these seconds are one column."""
_SAME_SECONDS_DB: Final = 10.0
_SAME_SECONDS_R: Final = 0.9
_STRIP: Final = 1.5
"""A piece longer than this many columns is a rhythm strip."""
_ACTIVITY_S: Final = 0.02


@dataclass(frozen=True, eq=False)
class TimedPiece:
    """A trace with the seconds of its vertices, float64 [vertex]."""

    piece: Piece
    time_s: Float64s


@dataclass(frozen=True, eq=False)
class Timing:
    """All pieces in time; columns: how they stand to each other, and why."""

    pieces: tuple[TimedPiece, ...]
    layout: str
    columns: str
    warnings: tuple[str, ...] = ()


def timed(pieces: list[Piece], speed_mm_s: float) -> Timing:
    """Give every piece its seconds: its place along the page, unless columns show the same seconds."""
    zero = min(piece.curve.left for piece in pieces)
    placed = [TimedPiece(piece, (piece.curve.x_mm - zero) / speed_mm_s) for piece in pieces]
    columns = _columns(placed)
    layout = _layout(placed, columns)
    if len(set(columns)) == 1:
        return Timing(tuple(placed), layout, "one column")
    reason = _same_seconds(placed, columns)
    if reason is None:
        return Timing(tuple(placed), layout, "columns follow one another: their beats differ")
    starts = {
        column: min(p.time_s[0] for p, c in zip(placed, columns, strict=True) if c == column)
        for column in set(columns)
    }
    moved = [TimedPiece(p.piece, p.time_s - starts[c]) for p, c in zip(placed, columns, strict=True)]
    said = f"all columns show the same seconds: {reason}"
    return Timing(tuple(moved), layout, said, (said,))


def _columns(placed: list[TimedPiece]) -> list[int]:
    """The column of each piece, counted from the left."""
    starts = np.array([piece.time_s[0] for piece in placed])
    order = np.argsort(starts, kind="stable")
    number = np.concatenate([[0], np.cumsum(np.diff(starts[order]) > _COLUMN_S)])
    columns = np.empty(len(placed), np.int64)
    columns[order] = number
    return [int(column) for column in columns]


def _layout(placed: list[TimedPiece], columns: list[int]) -> str:
    """Such as 3x4+1R(II): pieces much longer than a column, or a lead's second ones, are strips."""
    lengths = np.array([piece.time_s[-1] - piece.time_s[0] for piece in placed])
    usual = float(np.median(lengths))
    many = len(set(columns)) > 1
    strips = [k for k, length in enumerate(lengths) if many and length > _STRIP * usual]
    if not many:
        seen: set[str] = set()
        for k, piece in enumerate(placed):
            if piece.piece.lead in seen:
                strips.append(k)
            seen.add(piece.piece.lead)
    own = [columns[k] for k in range(len(placed)) if k not in strips]
    rows = max(own.count(column) for column in set(own))
    label = f"{rows}x{len(set(own))}"
    strips.sort(key=lambda k: placed[k].piece.curve.level())
    names = ",".join(placed[k].piece.lead for k in strips)
    return f"{label}+{len(strips)}R({names})" if strips else label


def _same_seconds(placed: list[TimedPiece], columns: list[int]) -> str | None:
    """Why the columns show the same seconds; None where they follow one another."""
    first = {p.piece.lead: p for p, c in reversed(list(zip(placed, columns, strict=True))) if c == 0}
    second = {p.piece.lead: p for p, c in zip(placed, columns, strict=True) if c == 1}
    if {"I", "II"} <= first.keys() and "aVR" in second:
        made = -(_sampled(first["I"]) + _sampled(first["II"])) / 2
        seen = _sampled(second["aVR"])
        count = min(made.size, seen.size)
        agreement = agreement_db(made[:count], seen[:count])
        if agreement is not None:
            return "aVR in the second is -(I + II) / 2 of the first" if agreement > _SAME_SECONDS_DB else None
    early, late = _activity(list(first.values())), _activity(list(second.values()))
    count = min(early.size, late.size)
    if count < SIGNAL_RATE_HZ or min(early[:count].std(), late[:count].std()) == 0:
        return None
    alike = float(np.corrcoef(early[:count], late[:count])[0, 1])
    return "their beats stand at the same places" if alike > _SAME_SECONDS_R else None


def _sampled(piece: TimedPiece) -> Float64s:
    """Heights at 500 Hz from the piece's own start on, upwards."""
    times = np.arange(piece.time_s[0], piece.time_s[-1], 1 / SIGNAL_RATE_HZ)
    heights = np.interp(times, piece.time_s, -piece.piece.curve.y_mm)
    return np.asarray(piece.piece.sign * heights, np.float64)


def _activity(pieces: list[TimedPiece]) -> Float64s:
    """How much the leads of a column change, at 500 Hz, smoothed over 20 ms."""
    sampled = [np.abs(np.diff(_sampled(piece))) for piece in pieces]
    count = min(map(len, sampled))
    total = np.sum([np.minimum(values[:count], 1.0) for values in sampled], axis=0)
    width = round(_ACTIVITY_S * SIGNAL_RATE_HZ)
    return np.asarray(np.convolve(total, np.ones(width) / width, "same"), np.float64)
