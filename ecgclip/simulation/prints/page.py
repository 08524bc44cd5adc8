"""Paper: the size of a sheet, roll or screenshot, and the box on it in which the rows stand."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from ecgclip.simulation.prints.arrangement import Arrangement
from ecgclip.simulation.prints.chance import between, comes, pick
from ecgclip.simulation.prints.scale import Scale

_SHEETS: Final = {
    "A4": (297.0, 210.0),
    "Letter": (279.4, 215.9),
    "A4 upright": (210.0, 297.0),
    "Letter upright": (215.9, 279.4),
}
_FULL_S: Final = 10.0


@dataclass(frozen=True)
class Page:
    """A page and its rows, lengths in mm.

    left, top: of the first column's start and of the first row's upper edge; length: of a full row, gaps
    included; pitch: from row to row; strip_gap: added before the first rhythm strip.
    """

    kind: str
    width: float
    height: float
    left: float
    top: float
    length: float
    pitch: float
    strip_gap: float


def sample_page(
    rng: np.random.Generator,
    plan: Arrangement,
    scale: Scale,
    ends_mm: tuple[float, float],
    kinds: Mapping[str, float] | None = None,
    pitches: tuple[float, float] | None = None,
) -> Page:
    """A page that holds the arrangement.

    Args:
        rng: Of all that is drawn.
        plan: The leads.
        scale: Gives the length of rows that show ten seconds at most.
        ends_mm: What is kept free before and after the rows.
        kinds: Shares of kinds of paper, where a maker has its own.
        pitches: From and to, from row to row, where a maker has its own.
    """
    rows = plan.rows + len(plan.strips)
    kind = "roll" if plan.narrow else pick(rng, kinds or _kinds(plan))
    strip_gap = _strip_gap(rng, plan)
    if kind in _SHEETS:
        return _sheet(rng, kind, plan, scale, ends_mm, strip_gap, pitches)
    before_mm, after_mm = ends_mm
    pitch = between(rng, *pitches) if pitches else _pitch(rng, kind, rows)
    head, foot = (between(rng, 4, 14), between(rng, 3, 9)) if kind == "roll" else _margins(rng)
    content = rows * pitch + strip_gap
    longest = 290 - before_mm - after_mm
    length = min(longest, _length(rng, plan, scale))
    if kind == "roll" and plan.narrow:
        head = between(rng, 3, 12)
    left = before_mm + between(rng, 2, 12 if kind == "roll" else 6)
    right = after_mm + between(rng, 1, 14 if kind == "roll" else 5)
    return Page(kind, left + length + right, head + content + foot, left, head, length, pitch, strip_gap)


def _kinds(plan: Arrangement) -> dict[str, float]:
    rows = plan.rows + len(plan.strips)
    if plan.order == "strips":
        return {"roll": 0.5, "screen": 0.35, "A4": 0.15}
    upright = 0.3 if len(plan.columns) == 1 and rows > 5 else 0.02
    shares = {"A4": 0.3, "Letter": 0.27, "screen": 0.3, "A4 upright": upright, "Letter upright": upright / 3}
    return shares | ({"roll": 0.13} if rows <= 6 else {})


def _strip_gap(rng: np.random.Generator, plan: Arrangement) -> float:
    if not plan.strips:
        return 0.0
    if plan.narrow:
        return pick(rng, {0.0: 0.4, 7.0: 0.3, -4.0: 0.3})
    return between(rng, -3, 8) if comes(rng, 0.3) else 0.0


def _pitch(rng: np.random.Generator, kind: str, rows: int) -> float:
    """From row to row on rolls and screens: rolls of three rows are 50 to 80 mm high, of six to 112."""
    if kind == "roll":
        return between(rng, 11, 20) if rows <= 4 and comes(rng, 0.7) else between(rng, 14, 112 / max(rows, 4))
    low, high = {1: (24, 50), 2: (22, 45), 3: (20, 46), 4: (18, 40)}.get(rows, (9, 30))
    return between(rng, low, high) if rows < 10 else between(rng, 8, 18)


def _margins(rng: np.random.Generator) -> tuple[float, float]:
    """Above and below the rows of a screenshot: cut close, or with a header."""
    return (between(rng, 12, 35) if comes(rng, 0.35) else between(rng, 0, 6), between(rng, 1, 9))


def _length(rng: np.random.Generator, plan: Arrangement, scale: Scale) -> float:
    """Millimetres of a full row: ten seconds at 25 mm/s, or what fits; strips may be shorter."""
    columns = len(plan.columns)
    full = _FULL_S * 25.0
    if plan.order == "strips":
        full = between(rng, 75, 250)
    elif plan.narrow:
        full = columns * between(rng, 38, 64)
    elif comes(rng, 0.15):
        full *= between(rng, 0.75, 1.08)
    if columns == 1 or (plan.strips and comes(rng, 0.6)):
        full = min(full, _FULL_S * scale.speed_mm_s)
    return full


def _sheet(
    rng: np.random.Generator,
    kind: str,
    plan: Arrangement,
    scale: Scale,
    ends_mm: tuple[float, float],
    strip_gap: float,
    pitches: tuple[float, float] | None,
) -> Page:
    width, height = _SHEETS[kind]
    rows = plan.rows + len(plan.strips)
    before, after = ends_mm
    length = min(_length(rng, plan, scale), width - before - after - 6)
    slack = width - length - before - after
    left = before + slack * (between(rng, 0.15, 0.85) if comes(rng, 0.6) else between(rng, 0.02, 0.3))
    head = between(rng, 20, 62) if comes(rng, 0.8) else between(rng, 6, 20)
    foot = between(rng, 8, 22)
    room = height - head - foot - strip_gap
    wanted = between(rng, *(pitches or (32, 47)))
    pitch = min(room / rows * between(rng, 0.82, 1.0), wanted)
    top = head + (room - rows * pitch) * between(rng, 0, 1)
    return Page(kind, width, height, left, top, length, pitch, strip_gap)
