"""When each trace of a page begins: columns follow one another, or show the same seconds."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from ecgclip.photo.signal import SIGNAL_RATE_HZ
from ecgclip.photo.vector.gaps import TimedPiece, activity, without_gaps
from ecgclip.photo.vector.laws import agreement_db
from ecgclip.photo.vector.panels import Piece
from ecgclip.typing import Float64s

_COLUMN_S: Final = 0.4
"""Pieces that begin within these seconds are one column."""
_SAME_SECONDS_DB: Final = 10.0
_SAME_SECONDS_R: Final = 0.9
_STRIP: Final = 1.5
"""A piece longer than this many columns is a rhythm strip."""


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
    strips = _strips(placed, columns)
    layout = _layout(placed, columns, strips)
    if len(set(columns)) == 1:
        return Timing(tuple(placed), layout, "one column")
    reason = _same_seconds(placed, columns)
    if reason is None:
        placed = without_gaps(placed, columns, strips)
        return Timing(tuple(placed), layout, "columns follow one another: their beats differ")
    said = f"all columns show the same seconds: {reason}"
    return Timing(tuple(_together(placed, columns)), layout, said, (said,))


def _together(placed: list[TimedPiece], columns: list[int]) -> list[TimedPiece]:
    """All columns from 0 s on."""
    starts = [min(p.time_s[0] for p, c in zip(placed, columns, strict=True) if c == own) for own in columns]
    return [replace(p, time_s=p.time_s - start) for p, start in zip(placed, starts, strict=True)]


def _columns(placed: list[TimedPiece]) -> list[int]:
    """The column of each piece, counted from the left."""
    starts = np.array([piece.time_s[0] for piece in placed])
    order = np.argsort(starts, kind="stable")
    number = np.concatenate([[0], np.cumsum(np.diff(starts[order]) > _COLUMN_S)])
    columns = np.empty(len(placed), np.int64)
    columns[order] = number
    return [int(column) for column in columns]


def _strips(placed: list[TimedPiece], columns: list[int]) -> list[int]:
    """Numbers of the rhythm strips: pieces much longer than a column; in one column, a lead's second ones."""
    if len(set(columns)) > 1:
        usual = float(np.median([piece.seconds for piece in placed]))
        return [k for k, piece in enumerate(placed) if piece.seconds > _STRIP * usual]
    seen: set[str] = set()
    strips = []
    for k in sorted(range(len(placed)), key=lambda k: placed[k].piece.curve.level()):
        if placed[k].piece.lead in seen:
            strips.append(k)
        seen.add(placed[k].piece.lead)
    return strips


def _layout(placed: list[TimedPiece], columns: list[int], strips: list[int]) -> str:
    """Such as 3x4+1R(II)."""
    own = [columns[k] for k in range(len(placed)) if k not in strips]
    rows = max(own.count(column) for column in set(own))
    label = f"{rows}x{len(set(own))}"
    ordered = sorted(strips, key=lambda k: placed[k].piece.curve.level())
    names = ",".join(placed[k].piece.lead for k in ordered)
    return f"{label}+{len(strips)}R({names})" if strips else label


def _same_seconds(placed: list[TimedPiece], columns: list[int]) -> str | None:
    """Why the columns show the same seconds; None where they follow one another."""
    together = _together(placed, columns)
    first = {p.piece.lead: p for p, c in reversed(list(zip(together, columns, strict=True))) if c == 0}
    second = {p.piece.lead: p for p, c in zip(together, columns, strict=True) if c == 1}
    if {"I", "II"} <= first.keys() and "aVR" in second:
        made = -(_sampled(first["I"]) + _sampled(first["II"])) / 2
        agreement = agreement_db(made, _sampled(second["aVR"]))
        if agreement is not None:
            return "aVR in the second is -(I + II) / 2 of the first" if agreement > _SAME_SECONDS_DB else None
    times = _times()
    early, late = activity(list(first.values()), times), activity(list(second.values()), times)
    known = np.isfinite(early) & np.isfinite(late)
    if known.sum() < SIGNAL_RATE_HZ or min(early[known].std(), late[known].std()) == 0:
        return None
    alike = float(np.corrcoef(early[known], late[known])[0, 1])
    return "their beats stand at the same places" if alike > _SAME_SECONDS_R else None


def _times() -> Float64s:
    """Ten seconds at 500 Hz: enough to compare columns by."""
    return np.arange(10 * SIGNAL_RATE_HZ) / SIGNAL_RATE_HZ


def _sampled(piece: TimedPiece) -> Float64s:
    """Heights, upwards, at these times; NaN where nothing is shown."""
    heights = np.interp(_times(), piece.time_s, -piece.piece.curve.y_mm, np.nan, np.nan)
    return np.asarray(piece.piece.sign * heights, np.float64)
