"""Orientation: rows run along the traces; of the two orientations left, cues and network choose one."""

from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Final

import numpy as np

from ecgclip.photo.layout.orientation_cues import CUES, orientation_cues
from ecgclip.photo.layout.resolve import resolve_layout
from ecgclip.photo.layout.sheet import Sheet
from ecgclip.photo.layout.time_zero import read_sheet
from ecgclip.photo.rows.find_rows import find_rows, level_strokes, row_profile
from ecgclip.photo.rows.row import Row
from ecgclip.typing import Float32s, Float64s

_SURE_VOTES: Final = 1.5
"""The network decides alone whether the traces run across or upwards where the logarithms of its chances for
the best and the worst quarter turn differ by more."""
_UNSURE: Final = 0.12
"""A sheet is also read on its side while the share of level strokes is this near to a half ..."""
_SURE_PULSES: Final = 0.5
"""... unless so many of its rows have calibration pulses, which stand one way only."""


@dataclass(frozen=True, eq=False)
class Oriented:
    """A sheet as it reads upright, and how many quarter turns counter-clockwise that takes."""

    sheet: Sheet
    quarter_turns: int


def upright_sheet(ink: Float32s, votes: Float32s) -> Oriented | None:
    """Read a sheet in its most probable orientation; None where no row is found in any.

    ink: 0..1, float32 [y, x], any side up. votes: float32 [4], the network's logarithmic chances that 0..3
    quarter turns make it upright.
    """
    if np.ptp(votes) > _SURE_VOTES:
        return _better_half_turn(ink, int(votes.argmax()) % 2, votes)
    across = level_share(ink)
    likely = 0 if across >= 0.5 else 1
    found = _better_half_turn(ink, likely, votes)
    sure = found is not None and found.sheet.pulse_share > _SURE_PULSES
    doubtful = not sure and abs(across - 0.5) < _UNSURE
    other = _better_half_turn(ink, 1 - likely, votes) if doubtful else None
    shares = (across, 1.0 - across)
    return max(
        (way for way in (found, other) if way is not None),
        key=lambda way: _trace_score(way.sheet, shares[way.quarter_turns % 2]),
        default=None,
    )


def _better_half_turn(ink: Float32s, quarter: int, votes: Float32s) -> Oriented | None:
    """The sheet after a quarter turn or none, and half a turn more where cues and votes speak for that."""
    ink = np.ascontiguousarray(np.rot90(ink, quarter))
    rows = find_rows(ink)
    if not rows:
        return None
    ink_turned, rows_turned = half_turned(ink, rows)
    upright, turned = sheet_as_it_stands(ink, rows), sheet_as_it_stands(ink_turned, rows_turned)
    cues, cues_turned = orientation_cues(ink, upright), orientation_cues(ink_turned, turned)
    odds = upright_log_odds(cues, cues_turned) + float(votes[quarter] - votes[quarter + 2])
    return Oriented(turned, quarter + 2) if odds < 0 else Oriented(upright, quarter)


def sheet_as_it_stands(ink: Float32s, rows: list[Row]) -> Sheet:
    """Time zero, traces and layout of a sheet whose rows are known, assuming that it is upright."""
    return resolve_layout(read_sheet(ink, rows))


def level_share(ink: Float32s) -> float:
    """0..1: whether the traces run along x (1) or along y (0); .5 says nothing.

    Baselines gather on a few lines across the sheet; flanks of the QRS, though long, stand apart, and the
    fourth power sees four rows, not fifty faint grid lines.
    """
    across, along = _gathered(ink), _gathered(np.ascontiguousarray(ink.T))
    return across / (across + along) if across + along > 0 else 0.5


def _gathered(ink: Float32s) -> float:
    profile = row_profile(level_strokes(ink)).astype(np.float64)
    return float(np.sqrt(np.sqrt((profile**4).sum())))


def half_turned(ink: Float32s, rows: list[Row]) -> tuple[Float32s, list[Row]]:
    """The same sheet and rows turned by 180 degrees; the curves need not be traced again."""
    turned = [row.half_turned(*ink.shape) for row in reversed(rows)]
    return np.ascontiguousarray(ink[::-1, ::-1]), turned


def upright_log_odds(cues: Float64s, cues_turned: Float64s) -> float:
    """Logarithm of the odds that a sheet stands upright, from its cues and those of the sheet half turned.

    The weights are a logistic regression over simulated photos (docs/experiments.md) without a constant, so
    that a sheet and its half turn get opposite odds.
    """
    return float(_weights() @ (cues - cues_turned))


@lru_cache(maxsize=1)
def _weights() -> Float64s:
    lines = files("ecgclip.photo.layout").joinpath("orientation.csv").read_text().split()[1:]
    table = dict(line.split(",") for line in lines)
    return np.array([float(table[name]) for name in CUES])


def _trace_score(sheet: Sheet, share: float) -> float:
    """Compares a sheet with itself on its side: millimetres of trace, more beside pulses and in a layout.

    share: of the level strokes that run along the rows.
    """
    length_mm = sum(row.length_mm * row.coverage for row in sheet.rows)
    return length_mm * share * (1.0 + sheet.pulse_share) * (1.5 if sheet.layout else 1.0)
