"""Which leads stand in which rows and columns, and which seconds of the record the columns show."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np

from ecgclip.simulation.prints.chance import between, comes, pick
from ecgclip.units import LEADS

LAYOUTS: Final = {
    "3x4+1R": 0.36,
    "3x4": 0.13,
    "3x4+3R": 0.07,
    "3x4+2R": 0.03,
    "6x2": 0.10,
    "6x2+1R": 0.08,
    "6x1": 0.06,
    "12x1": 0.06,
    "narrow": 0.06,
    "4x3": 0.012,
    "2x6": 0.008,
    "strips": 0.03,
}
"""Shares of layouts; narrow is three-channel paper, 3x4 with or without a rhythm strip."""
_RHYTHM: Final = {"II": 0.72, "V1": 0.11, "V5": 0.07} | {
    lead: 0.1 / 9 for lead in LEADS if lead not in ("II", "V1", "V5")
}
CABRERA: Final = ("aVL", "I", "-aVR", "II", "aVF", "III")
_CHEST: Final = LEADS[6:]


class Timing(StrEnum):
    """Which seconds the columns show."""

    CONSECUTIVE = "consecutive"
    SIMULTANEOUS = "simultaneous"
    OVERLAPPING = "overlapping"


@dataclass(frozen=True)
class Arrangement:
    """Leads of a page.

    leads: column by column, `rows` each; strips: leads of the rhythm rows below; columns: relative widths;
    gap_mm: blank between columns; narrow: three-channel paper whose columns have baselines of their own.
    """

    rows: int
    leads: tuple[str, ...]
    strips: tuple[str, ...]
    columns: tuple[float, ...]
    timing: Timing
    gap_mm: float = 0.0
    narrow: bool = False
    order: str = "standard"

    @property
    def label(self) -> str:
        """Such as `3x4+1R(II)`."""
        grid = f"{self.rows}x{len(self.columns)}"
        return f"{grid}+{len(self.strips)}R({','.join(self.strips)})" if self.strips else grid


def sample_arrangement(rng: np.random.Generator, layouts: Mapping[str, float] | None = None) -> Arrangement:
    """A layout by its share, with an order of leads and the time of its columns."""
    layout = pick(rng, layouts or LAYOUTS)
    if layout == "strips":
        return _strips(rng)
    narrow = layout == "narrow"
    if narrow:
        layout = "3x4+1R" if comes(rng, 0.5) else "3x4"
    grid, _, strips = layout.partition("+")
    rows, columns = (int(number) for number in grid.split("x"))
    leads, order = _leads(rng, rows, columns)
    return Arrangement(
        rows=rows,
        leads=leads,
        strips=_rhythm(rng, int(strips[0]) if strips else 0),
        columns=_widths(rng, columns),
        timing=pick(rng, {Timing.CONSECUTIVE: 0.82, Timing.SIMULTANEOUS: 0.13, Timing.OVERLAPPING: 0.05}),
        gap_mm=_gap(rng, columns, narrow),
        narrow=narrow,
        order=order,
    )


def _strips(rng: np.random.Generator) -> Arrangement:
    """One to three single leads, as monitors and event recorders print."""
    count = pick(rng, {1: 0.5, 2: 0.3, 3: 0.2})
    leads = [str(lead) for lead in rng.choice(LEADS, count, replace=False)]
    if comes(rng, 0.6):
        leads = (["II", *[lead for lead in leads if lead != "II"]])[:count]
    return Arrangement(count, tuple(leads), (), (1.0,), Timing.CONSECUTIVE, order="strips")


def _leads(rng: np.random.Generator, rows: int, columns: int) -> tuple[tuple[str, ...], str]:
    """The leads column by column, and the name of their order."""
    order = pick(rng, {"standard": 0.86, "cabrera": 0.08, "chest first": 0.02, "by row": 0.01, "right": 0.03})
    leads = list(LEADS)
    if order == "cabrera":
        leads[:6] = CABRERA
    if order == "right":
        leads = _further(rng)
    if order == "chest first" and columns > 1:
        leads = [*leads[6:], *leads[:6]]
    if rows * columns == 6:
        leads = leads[6:] if comes(rng, 0.4) else leads[:6]
    elif order == "by row" and columns > 1:
        leads = [lead for column in range(columns) for lead in leads[column::columns]]
    return tuple(leads), order


def _further(rng: np.random.Generator) -> list[str]:
    """Leads of the right side or the back in place of V3 to V6."""
    names = pick(
        rng,
        {
            ("V3R", "V4R", "V5R", "V6R"): 0.5,
            ("V3", "V4R", "V5", "V6"): 0.2,
            ("V7", "V8", "V9", "V4R"): 0.1,
            ("V3", "V7", "V8", "V9"): 0.2,
        },
    )
    return [*LEADS[:8], *names]


def _rhythm(rng: np.random.Generator, count: int) -> tuple[str, ...]:
    if count == 3 and comes(rng, 0.5):
        return ("V1", "II", "V5") if comes(rng, 0.7) else ("II", "V1", "V5")
    chosen: list[str] = []
    while len(chosen) < count:
        lead = pick(rng, _RHYTHM)
        if lead not in chosen:
            chosen.append(lead)
    return tuple(chosen)


def _widths(rng: np.random.Generator, columns: int) -> tuple[float, ...]:
    """Equal columns; now and then the first is shorter, or all differ a little."""
    kind = pick(rng, {"equal": 0.88, "first short": 0.06, "unequal": 0.06})
    widths = np.ones(columns)
    if kind == "first short" and columns > 1:
        widths[0] = between(rng, 0.8, 0.95)
    if kind == "unequal":
        widths = rng.uniform(2.0, 2.6, columns) / 2.5
    return tuple(round(float(width), 3) for width in widths)


def _gap(rng: np.random.Generator, columns: int, narrow: bool) -> float:
    if columns == 1:
        return 0.0
    if narrow:
        return pick(rng, {10.0: 0.45, 0.0: 0.3, 2.0: 0.25})
    return between(rng, 0.8, 5.0) if comes(rng, 0.22) else 0.0
