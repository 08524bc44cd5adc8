"""The arrangement of the leads from the names that are printed: the template whose places they fit."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from ecgclip.photo.layout.templates import TEMPLATES, Template
from ecgclip.photo.seen.ridges import RidgeRow
from ecgclip.photo.seen.words import SeenWord
from ecgclip.typing import Bools, Float64s

_OFF_X_MM: Final = (-16.0, 30.0)
"""A name stands so far behind the start of its panel, at least and at most ..."""
_OFF_Y_MM: Final = (-24.0, 20.0)
"""... and so far below its baseline; the same for all names of a sheet ..."""
_NEAR_MM: Final = np.array([6.0, 4.0])
"""... but for so much, along and across."""
_WRONG: Final = 0.8
"""What a name that does not fit costs, beside 1 for one that does."""
_MISSING: Final = 0.12
"""What a panel without its name costs."""
_LEFT_OUT: Final = 0.6
"""What a row that is left out costs."""
_FEWEST: Final = 1.5
"""The least score of names that say something."""
_MOST_STRIPS: Final = 3


@dataclass(frozen=True, eq=False)
class NamedLayout:
    """What the names say.

    Attributes:
        template: The arrangement.
        first: The template's row that is the sheet's first; more than 0 where the top is cut off.
        rows: The rows that show it, from top to bottom: those of the template, then strips.
        strips: Leads of the strips, empty where unnamed.
        score: Sum of the names that fit, less what does not.
        margin: How much better that is than the best other arrangement.
        fitting: Share of the names that fit, by their chances.
    """

    template: Template
    first: int
    rows: tuple[RidgeRow, ...]
    strips: tuple[str, ...]
    score: float
    margin: float
    fitting: float

    @property
    def label(self) -> str:
        return self.template.label(tuple(lead or "?" for lead in self.strips))

    @property
    def leads(self) -> tuple[tuple[str, ...], ...]:
        """The leads of each of the rows, those of strips included; an unnamed strip has none."""
        own = self.template.leads[self.first : self.first + len(self.rows) - len(self.strips)]
        return own + tuple((lead,) if lead else () for lead in self.strips)


def named_layout(rows: Sequence[RidgeRow], words: Sequence[SeenWord]) -> NamedLayout | None:
    """The arrangement that the names fit best; None where too few are seen to say.

    rows: from top to bottom. A row may be left out, since a line of print may look like one.
    """
    names = [word for word in words if word.kind == "lead"]
    tried = sorted(_all_fits(rows, names), key=lambda found: -found.score)
    if not tried or tried[0].score < _FEWEST:
        return None
    best = tried[0]
    others = (found.score for found in tried[1:] if found.leads != best.leads)
    return replace(best, margin=best.score - max(others, default=0.0))


def _all_fits(rows: Sequence[RidgeRow], names: Sequence[SeenWord]) -> Iterator[NamedLayout]:
    for kept, cost in _kept(rows):
        for template in TEMPLATES:
            for first in range(template.rows):
                if (found := _fitted(template, first, kept, names)) is not None:
                    yield replace(found, score=found.score - cost)


def _kept(rows: Sequence[RidgeRow]) -> Iterator[tuple[tuple[RidgeRow, ...], float]]:
    """All rows, and all but one."""
    yield tuple(rows), 0.0
    if len(rows) > 1:
        for out in range(len(rows)):
            yield tuple(row for k, row in enumerate(rows) if k != out), _LEFT_OUT


def _fitted(
    template: Template, first: int, rows: tuple[RidgeRow, ...], names: Sequence[SeenWord]
) -> NamedLayout | None:
    """The template with its row `first` on the sheet's first row, and the best common offset of the names."""
    shown = template.leads[first : first + len(rows)]
    below = rows[len(shown) :]
    if not shown or len(below) > _MOST_STRIPS or (first and below) or 2 * len(shown) < template.rows:
        return None
    tried = [
        (_fits(leads, places, names, offset), offset)
        for leads, places in (_places(shown, rows, own=True), _places(shown, rows, own=False))
        for offset in _offsets(leads, places, names)
    ]
    if not tried:
        return None
    fits, offset = max(tried, key=lambda found: _sum(names, found[0]))
    strips = tuple(_strip_name(row, names, fits, offset) for row in below)
    used = fits | np.array([any(_at_strip(row, name, offset) for row in below) for name in names], np.bool_)
    gain, loss = _sum(names, used), _sum(names, ~used)
    missing = sum(map(len, shown)) + len(below) - int(used.sum())
    unseen = 2 * first + template.rows - len(shown)
    score = gain - _WRONG * loss - _MISSING * (max(0, missing) + unseen)
    return NamedLayout(template, first, rows, strips, score, 0.0, gain / max(1e-6, gain + loss))


def _sum(names: Sequence[SeenWord], chosen: Bools) -> float:
    return float(sum(name.chance for name, use in zip(names, chosen, strict=True) if use))


def _places(
    shown: Sequence[tuple[str, ...]], rows: Sequence[RidgeRow], *, own: bool
) -> tuple[list[str], Float64s]:
    """The leads of the template and where their panels begin, mm [lead, (x, y)].

    own: y is that of the panel's own baseline, else that of the row.
    """
    leads, places = [], []
    for row, seen in zip(shown, rows, strict=False):
        for lead, start in zip(row, seen.column_starts_mm(len(row)), strict=True):
            leads.append(lead)
            places.append((start, seen.level_at_mm(start + 2.0) if own else seen.level_mm))
    return leads, np.array(places)


def _offsets(leads: list[str], places: Float64s, names: Sequence[SeenWord]) -> list[Float64s]:
    """Offsets of names from panels that occur: those of every name that the template has."""
    found = []
    for name in names:
        if name.value in leads:
            off = np.array([name.x_mm, name.y_mm]) - places[leads.index(name.value)]
            if _OFF_X_MM[0] <= off[0] <= _OFF_X_MM[1] and _OFF_Y_MM[0] <= off[1] <= _OFF_Y_MM[1]:
                found.append(off)
    return found


def _fits(leads: list[str], places: Float64s, names: Sequence[SeenWord], offset: Float64s) -> Bools:
    """The names that stand where the template and the offset want them, bool [name]; one a lead."""
    fits = np.zeros(len(names), np.bool_)
    taken: dict[str, int] = {}
    for k, name in enumerate(names):
        if name.value not in leads:
            continue
        off = np.array([name.x_mm, name.y_mm]) - places[leads.index(name.value)] - offset
        if np.all(np.abs(off) <= _NEAR_MM):
            other = taken.get(name.value)
            if other is None or names[other].chance < name.chance:
                taken[name.value] = k
    fits[list(taken.values())] = True
    return fits


def _at_strip(row: RidgeRow, name: SeenWord, offset: Float64s) -> bool:
    off = np.array([name.x_mm - row.start_mm, name.y_mm - row.level_at_mm(row.start_mm + 2.0)]) - offset
    return bool(np.all(np.abs(off) <= _NEAR_MM))


def _strip_name(row: RidgeRow, names: Sequence[SeenWord], fits: Bools, offset: Float64s) -> str:
    """The surest name at the start of a strip that no panel has; empty where none is seen."""
    here = [name for name, fit in zip(names, fits, strict=True) if not fit and _at_strip(row, name, offset)]
    return max(here, key=lambda name: name.chance).value if here else ""
