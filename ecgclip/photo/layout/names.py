"""The arrangement of the leads from the names that are printed: the template whose places they fit."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from ecgclip.photo.layout.templates import TEMPLATES, Template
from ecgclip.typing import Bools, Float64s

_OFF_X_MM: Final = (-16.0, 30.0)
"""A name stands so far behind the start of its panel, at least and at most ..."""
_OFF_Y_MM: Final = (-24.0, 20.0)
"""... and so far below its baseline; the same for all names of a sheet ..."""
_NEAR_MM: Final = np.array([5.0, 3.5])
"""... but for so much, along and across."""
_WRONG: Final = 0.8
"""What a name that does not fit costs, beside 1 for one that does."""
_MISSING: Final = 0.12
"""What a panel without its name costs."""
_FEWEST: Final = 2.0
"""Names that must fit, as the sum of their chances, for names to say anything."""


@dataclass(frozen=True)
class SeenName:
    """The name of a lead on the flat sheet: its middle in mm, and how sure it is, 0..1."""

    lead: str
    x_mm: float
    y_mm: float
    chance: float


@dataclass(frozen=True, eq=False)
class SeenRow:
    """Where a row of traces runs: its baseline's y, and where its panels begin, in mm of the flat sheet."""

    baseline_mm: float
    starts_mm: tuple[float, ...]
    stop_mm: float

    def column_starts(self, columns: int) -> Float64s:
        """Where so many columns begin, float64 [column]: as seen, else evenly."""
        if len(self.starts_mm) == columns:
            return np.array(self.starts_mm)
        return np.linspace(self.starts_mm[0], self.stop_mm, columns + 1)[:-1]


@dataclass(frozen=True)
class NamedLayout:
    """What the names say.

    template: the arrangement. first: the template's row that is the sheet's first; more where the top is cut.
    strips: leads of the rows below, empty where unnamed. score: sum of the names that fit, less what does not.
    lead_by_margin: how much better than the best other arrangement. fitting: share of the names that fit.
    """

    template: Template
    first: int
    strips: tuple[str, ...]
    score: float
    lead_by_margin: float
    fitting: float

    @property
    def label(self) -> str:
        return self.template.label(tuple(lead or "?" for lead in self.strips))


def named_layout(rows: Sequence[SeenRow], names: Sequence[SeenName]) -> NamedLayout | None:
    """The arrangement that the names fit best; None where too few are seen to say.

    rows: from top to bottom.
    """
    if not rows or sum(name.chance for name in names) < _FEWEST:
        return None
    tried = [
        found
        for template in TEMPLATES
        for first in range(template.rows)
        if (found := _fitted(template, first, rows, names)) is not None
    ]
    tried.sort(key=lambda found: -found.score)
    if not tried or tried[0].score < _FEWEST / 2:
        return None
    best = tried[0]
    others = [found.score for found in tried[1:] if (found.template, found.first) != (best.template, best.first)]
    margin = best.score - max(others, default=0.0)
    return NamedLayout(best.template, best.first, best.strips, best.score, margin, best.fitting)


def _fitted(
    template: Template, first: int, rows: Sequence[SeenRow], names: Sequence[SeenName]
) -> NamedLayout | None:
    """The template with its row `first` on the sheet's first row, and the best common offset of the names."""
    shown = template.leads[first : first + len(rows)]
    below = rows[len(shown) :]
    if len(below) > 3 or (first and below) or len(shown) * 2 < template.rows:
        return None
    leads, places = _places(shown, rows)
    best: tuple[float, Bools, Float64s] | None = None
    for offset in _offsets(leads, places, names):
        fits = _fits(leads, places, names, offset)
        score = float(sum(name.chance for name, fit in zip(names, fits, strict=True) if fit))
        if best is None or score > best[0]:
            best = score, fits, offset
    if best is None:
        return None
    _, fits, offset = best
    strips = tuple(_strip_name(row, names, fits, offset) for row in below)
    used = fits | _strip_fits(below, names, offset)
    gain = sum(name.chance for name, fit in zip(names, used, strict=True) if fit)
    loss = sum(name.chance for name, fit in zip(names, used, strict=True) if not fit)
    missing = len(leads) + len(below) - len({_key(name) for name, fit in zip(names, used, strict=True) if fit})
    score = gain - _WRONG * loss - _MISSING * (max(0, missing) + 2 * first + template.rows - len(shown))
    return NamedLayout(template, first, strips, float(score), 0.0, float(gain / (gain + loss)))


def _places(shown: Sequence[tuple[str, ...]], rows: Sequence[SeenRow]) -> tuple[list[str], Float64s]:
    """The leads of the template and where their panels begin, mm [lead, (x, y)]."""
    leads, places = [], []
    for row, seen in zip(shown, rows, strict=False):
        for lead, start in zip(row, seen.column_starts(len(row)), strict=True):
            leads.append(lead)
            places.append((start, seen.baseline_mm))
    return leads, np.array(places)


def _offsets(leads: list[str], places: Float64s, names: Sequence[SeenName]) -> list[Float64s]:
    """Offsets of names from panels that occur: those of every name that the template has."""
    found = []
    for name in names:
        if name.lead in leads:
            off = np.array([name.x_mm, name.y_mm]) - places[leads.index(name.lead)]
            if _OFF_X_MM[0] <= off[0] <= _OFF_X_MM[1] and _OFF_Y_MM[0] <= off[1] <= _OFF_Y_MM[1]:
                found.append(off)
    return found


def _fits(leads: list[str], places: Float64s, names: Sequence[SeenName], offset: Float64s) -> Bools:
    """The names that stand where the template and the offset want them, bool [name]; one a lead."""
    fits = np.zeros(len(names), np.bool_)
    taken: dict[str, int] = {}
    for k, name in enumerate(names):
        if name.lead not in leads:
            continue
        off = np.array([name.x_mm, name.y_mm]) - places[leads.index(name.lead)] - offset
        if np.all(np.abs(off) <= _NEAR_MM):
            other = taken.get(name.lead)
            if other is None or names[other].chance < name.chance:
                taken[name.lead] = k
    fits[list(taken.values())] = True
    return fits


def _strip_fits(below: Sequence[SeenRow], names: Sequence[SeenName], offset: Float64s) -> Bools:
    """The names that stand at the start of a strip, bool [name]."""
    return np.array([any(_at_strip(row, name, offset) for row in below) for name in names], np.bool_)


def _at_strip(row: SeenRow, name: SeenName, offset: Float64s) -> bool:
    off = np.array([name.x_mm - row.starts_mm[0], name.y_mm - row.baseline_mm]) - offset
    return bool(np.all(np.abs(off) <= _NEAR_MM))


def _strip_name(row: SeenRow, names: Sequence[SeenName], fits: Bools, offset: Float64s) -> str:
    """The surest name at the start of a strip that no panel has; empty where none is seen."""
    here = [
        name for name, fit in zip(names, fits, strict=True) if not fit and _at_strip(row, name, offset)
    ]
    return max(here, key=lambda name: name.chance).lead if here else ""


def _key(name: SeenName) -> tuple[str, int]:
    return name.lead, round(name.y_mm)
