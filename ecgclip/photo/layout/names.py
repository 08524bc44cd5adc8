"""The arrangement of the leads from the names that are printed: the template whose places they fit."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Final

import numpy as np

from ecgclip.photo.flat.words import OTHER
from ecgclip.photo.layout.templates import TEMPLATES, Template
from ecgclip.photo.seen.ridges import RidgeRow, column_step_mm
from ecgclip.photo.seen.words import SeenWord
from ecgclip.typing import Bools, Float64s

_OFF_X_MM: Final = (-16.0, 30.0)
"""A name stands so far behind the start of its panel, at least and at most ..."""
_OFF_Y_MM: Final = (-24.0, 20.0)
"""... and so far below its baseline; the same for all names of a sheet ..."""
_NEAR_MM: Final = (6.0, 4.0)
"""... but for so much, along and across."""
_WRONG: Final = 0.8
"""What a name that does not fit costs, beside 1 for one that does."""
_MISSING: Final = 0.12
"""What a panel without its name costs."""
_USUAL_STRIPS: Final = ("II", "V1", "V5")
_ODD_STRIP: Final = 0.4
_CLEAR: Final = 0.7
"""Share of the names' chances from which on no row is left out to fit them better."""
_LEFT_OUT: Final = 1.2
"""What a row that is left out costs."""
_STEPPED: Final = 0.1
"""What it costs that the last columns may be cut off."""
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
        fitting: Share of the names that fit, by their chances.
        step_mm: Distance of the columns; None where they share the rows evenly, or stand as they were seen.
    """

    template: Template
    first: int
    rows: tuple[RidgeRow, ...]
    strips: tuple[str, ...]
    score: float
    fitting: float
    step_mm: float | None = None

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
    if not rows or not names:
        return None
    best = _best_fit(rows, names, None)
    if best is None or best.score < _CLEAR * _sum(names, np.ones(len(names), np.bool_)):
        for out in range(len(rows)):
            fewer = [row for k, row in enumerate(rows) if k != out]
            best = _best_fit(fewer, names, best, _LEFT_OUT)
    return best if best is not None and best.score >= _FEWEST else None


def _best_fit(
    rows: Sequence[RidgeRow], names: Sequence[SeenWord], best: NamedLayout | None, cost: float = 0.0
) -> NamedLayout | None:
    """The best fit of any arrangement, if it is better than `best`; cost: taken off its score."""
    for template, step in product(TEMPLATES, {None, column_step_mm(rows)}):
        # rows that a sheet lacks are its template's first or last ones
        for first in range(max(1, template.rows - len(rows) + 1)):
            price = cost + _STEPPED * (step is not None)
            if best is not None and _at_most(template, first, rows, names) - price <= best.score:
                continue
            found = _fitted(template, first, tuple(rows), names, step)
            if found is not None and (best is None or found.score - price > best.score):
                best = replace(found, score=found.score - price)
    return best


def _at_most(template: Template, first: int, rows: Sequence[RidgeRow], names: Sequence[SeenWord]) -> float:
    """A score that no fit can exceed: each of its leads named once, strips by the surest other names."""
    shown = {lead for row in template.leads[first : first + len(rows)] for lead in row}
    strips = max(0, len(rows) - template.rows)
    surest: dict[str, float] = {}
    others: list[float] = []
    for name in names:
        if name.value in shown and name.chance > surest.get(name.value, 0.0):
            others += [surest[name.value]] if name.value in surest else []
            surest[name.value] = name.chance
        else:
            others.append(name.chance)
    others.sort(reverse=True)
    # several names may stand at one strip
    gain = sum(surest.values()) + (sum(others) if strips else 0.0)
    return gain - _WRONG * (0.0 if strips else sum(others))


def _fitted(
    template: Template,
    first: int,
    rows: tuple[RidgeRow, ...],
    names: Sequence[SeenWord],
    step_mm: float | None,
) -> NamedLayout | None:
    """The template with its row `first` on the sheet's first row, and the best common offset of the names."""
    shown = template.leads[first : first + len(rows)]
    below = rows[len(shown) :]
    if not shown or len(below) > _MOST_STRIPS or (first and below) or 2 * len(shown) < template.rows:
        return None
    tried = [
        (_fits(leads, places, names, offset), offset)
        for leads, places in _all_places(shown, rows, step_mm)
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
    score = gain - _WRONG * loss - _MISSING * (max(0, missing) + unseen) - _odd_strips(below, strips)
    return NamedLayout(template, first, rows, strips, score, gain / max(1e-6, gain + loss), step_mm)


def _odd_strips(rows: Sequence[RidgeRow], strips: Sequence[str]) -> float:
    """What it costs that strips have panels in them, or names that strips rarely have, or the same name."""
    named = [lead for lead in strips if lead]
    divided = sum(bool(row.inner_starts_mm) for row in rows)
    rare = sum(lead not in _USUAL_STRIPS for lead in named)
    return _ODD_STRIP * (divided + rare + len(named) - len(set(named)))


def _sum(names: Sequence[SeenWord], chosen: Bools) -> float:
    return float(sum(name.chance for name, use in zip(names, chosen, strict=True) if use))


def _all_places(
    shown: Sequence[tuple[str, ...]], rows: Sequence[RidgeRow], step_mm: float | None
) -> Iterator[tuple[list[str], Float64s]]:
    """The places of the panels by their own baselines, and by those of their rows where they differ."""
    leads, places = _places(shown, rows, step_mm, own=True)
    yield leads, places
    others = _places(shown, rows, step_mm, own=False)[1]
    if float(np.abs(others - places).max()) > _NEAR_MM[1] / 2:
        yield leads, others


def _places(
    shown: Sequence[tuple[str, ...]], rows: Sequence[RidgeRow], step_mm: float | None, *, own: bool
) -> tuple[list[str], Float64s]:
    """The leads of the template and where their panels begin, mm [lead, (x, y)].

    own: y is that of the panel's own baseline, else that of the row.
    """
    leads, places = [], []
    for row, seen in zip(shown, rows, strict=False):
        for lead, start in zip(row, seen.column_starts_mm(len(row), step_mm), strict=True):
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
    # one of those that are nearly the same
    return list({tuple(np.round(off / 2).astype(int)): off for off in found}.values())


def _fits(leads: list[str], places: Float64s, names: Sequence[SeenWord], offset: Float64s) -> Bools:
    """The names that stand where the template and the offset want them, bool [name]; one a lead."""
    fits = np.zeros(len(names), np.bool_)
    wanted = dict(zip(leads, (places + offset).tolist(), strict=True))
    taken: set[str] = set()
    # the surest come first
    for k in sorted(range(len(names)), key=lambda k: -names[k].chance):
        name = names[k]
        at = wanted.get(name.value)
        if at is None or name.value in taken:
            continue
        if abs(name.x_mm - at[0]) <= _NEAR_MM[0] and abs(name.y_mm - at[1]) <= _NEAR_MM[1]:
            taken.add(name.value)
            fits[k] = True
    return fits


def _at_strip(row: RidgeRow, name: SeenWord, offset: Float64s) -> bool:
    off = np.array([name.x_mm - row.start_mm, name.y_mm - row.level_at_mm(row.start_mm + 2.0)]) - offset
    return bool(np.all(np.abs(off) <= np.array(_NEAR_MM)))


def _strip_name(row: RidgeRow, names: Sequence[SeenWord], fits: Bools, offset: Float64s) -> str:
    """The surest name at the start of a strip that no panel has; empty where none is seen."""
    here = [name for name, fit in zip(names, fits, strict=True) if not fit and _at_strip(row, name, offset)]
    surest = max(here, key=lambda name: name.chance).value if here else ""
    return "" if surest == OTHER else surest
