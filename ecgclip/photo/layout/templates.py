"""How machines arrange leads: which lead stands in which row and column."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from ecgclip.units import LEADS

CABRERA: Final = ("aVL", "I", "-aVR", "II", "aVF", "III")
_CHEST: Final = LEADS[6:]


@dataclass(frozen=True)
class Template:
    """An arrangement of leads.

    leads: of each row of leads from top to bottom, from left to right; strips stand below it.
    order: `standard` or `Cabrera`. part: `limb` or `chest` of pages that show half of the leads.
    """

    leads: tuple[tuple[str, ...], ...]
    order: str = "standard"
    part: str = ""

    @property
    def rows(self) -> int:
        return len(self.leads)

    @property
    def columns(self) -> int:
        return len(self.leads[0])

    def label(self, strips: tuple[str, ...] = ()) -> str:
        """Such as `3x4+1R(II)`, `6x1 limb`, `6x2 Cabrera`; strips without a name are `?`."""
        text = f"{self.rows}x{self.columns}"
        if strips:
            text += f"+{len(strips)}R({','.join(strips)})"
        extra = [self.part] if self.part else []
        extra += [self.order] if self.order != "standard" else []
        return " ".join([text, *extra])


def _template(leads: tuple[str, ...], rows: int, order: str, part: str = "") -> Template:
    """Leads run down the columns."""
    columns = len(leads) // rows
    grid = tuple(tuple(leads[column * rows + row] for column in range(columns)) for row in range(rows))
    return Template(grid, order, part)


def _all() -> Iterator[Template]:
    for limb, order in ((LEADS[:6], "standard"), (CABRERA, "Cabrera")):
        for rows in (3, 6, 12, 4, 2):
            yield _template((*limb, *_CHEST), rows, order)
        yield _template(limb, 6, order, "limb")
        yield _template(limb, 3, order, "limb")
    yield _template(_CHEST, 6, "standard", "chest")
    yield _template(_CHEST, 3, "standard", "chest")


TEMPLATES: Final = tuple(_all())
"""The usual ones first."""
