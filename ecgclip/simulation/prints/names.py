"""Names of the leads: their lettering and place beside each trace."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np

from ecgclip.simulation.prints.canvas import PX, Canvas, Colour, fill, outline
from ecgclip.simulation.prints.chance import between, comes, pick
from ecgclip.simulation.prints.placing import Panel
from ecgclip.simulation.prints.printed import Box, Word
from ecgclip.simulation.prints.spelling import Spelling, sample_spelling
from ecgclip.simulation.prints.typeface import Lettering, sample_lettering
from ecgclip.simulation.prints.writing import advance_mm, text_box, united, write
from ecgclip.typing import Uint8s

_LOWER: Final = 0.75
"""Height of a number that is set lower, over that of its letter."""


class Place(StrEnum):
    """Where a name stands."""

    ABOVE = "above"
    BELOW = "below"
    ON = "on the baseline"
    LEFT = "left of the trace"


@dataclass(frozen=True)
class Names:
    """How names are printed; lengths in mm.

    dx: from the start of a panel; dy: foot of the letters above (+) or below (-) the baseline; box: `white`
    hides what is under the name, `frame` has a line, too; missing: chance of each name to be absent;
    tick: a `bar`, `dash` or `arrow` that stands left of each name;
    lead_in: room left of a name that stands before its trace.
    """

    spelling: Spelling
    lettering: Lettering
    place: Place
    dx: float
    dy: float
    box: str
    missing: float
    tick: str = ""


def sample_names(rng: np.random.Generator, pitch_mm: float) -> Names:
    """Below or above the start of a trace; one page in thirty has none."""
    place = pick(rng, {Place.BELOW: 0.42, Place.ABOVE: 0.4, Place.ON: 0.14, Place.LEFT: 0.04})
    lettering = sample_lettering(rng, 1.8, 4.0 if pitch_mm > 16 else 2.9)
    dx = between(rng, -1.0, 5.0) if comes(rng, 0.85) else between(rng, 5.0, 22.0)
    room = min(1.0, pitch_mm / 26)
    capital = lettering.capital_mm
    dy = {
        Place.ABOVE: between(rng, 2.0, 13.0) * room,
        Place.BELOW: -capital - between(rng, 0.8, 6.5) * room,
        Place.ON: between(rng, -0.6, 0.3) * capital,
        Place.LEFT: between(rng, -0.8, 0.6) * capital,
    }[place]
    return Names(
        spelling=sample_spelling(rng),
        lettering=lettering,
        place=place,
        dx=dx if place is not Place.LEFT else -between(rng, 1.0, 3.0),
        dy=dy,
        box=pick(rng, {"": 0.91, "white": 0.06, "frame": 0.03}),
        missing=pick(rng, {0.0: 0.85, 0.04: 0.1, 0.3: 0.02, 1.0: 0.03}),
        tick=pick(rng, {"": 0.95, "bar": 0.02, "dash": 0.015, "arrow": 0.015}),
    )


def draw_names(
    canvas: Canvas,
    names: Names,
    panels: tuple[Panel, ...],
    paper: Colour,
    rng: np.random.Generator,
) -> tuple[tuple[Word, ...], tuple[Box, ...]]:
    """Write the names, in place; return the words, and the boxes that hide what is under them."""
    words: list[Word] = []
    hidden: list[Box] = []
    for panel in panels:
        if names.missing and comes(rng, names.missing):
            continue
        name = names.spelling.name(panel.lead)
        x, y = _start(names, name, panel)
        if names.box:
            found = _parts_box(name, names.lettering, x, y)
            if found is None:
                continue
            wide = Box(found.left - 0.6, found.top - 0.6, found.right + 0.6, found.bottom + 0.6)
            hide(canvas, wide, paper)
            words = [word for word in words if not touched(word.box, [wide])]
            hidden.append(wide)
            if names.box == "frame":
                outline(canvas.mark, wide, 0.18)
        box = _write_parts(canvas, name, names.lettering, x, y)
        if box is not None:
            _tick(canvas.mark, names.tick, box)
            words.append(Word("lead", panel.lead, box))
    return tuple(words), tuple(hidden)


def touched(box: Box, covers: Sequence[Box]) -> bool:
    """Whether any cover hides a part of the box."""
    return any(
        cover.left < box.right
        and box.left < cover.right
        and cover.top < box.bottom
        and box.top < cover.bottom
        for cover in covers
    )


def _tick(plane: Uint8s, tick: str, name: Box) -> None:
    """The small mark left of a name."""
    x, middle = name.left - 0.8, (name.top + name.bottom) / 2
    match tick:
        case "bar":
            fill(plane, Box(x - 0.15, name.top - 0.3, x + 0.15, name.bottom + 0.3))
        case "dash":
            fill(plane, Box(x - 1.8, middle - 0.15, x, middle + 0.15))
        case "arrow":
            fill(plane, Box(x - 0.6, name.top, x - 0.4, name.bottom))
            for i in range(5):
                half = 0.12 * (5 - i)
                y = name.bottom + 0.16 * i
                fill(plane, Box(x - 0.5 - half, y, x - 0.5 + half, y + 0.16))
        case _:
            pass


def _start(names: Names, name: str, panel: Panel) -> tuple[float, float]:
    x = panel.x_mm + names.dx
    if names.place is Place.LEFT:
        x -= advance_mm(name.replace("_", ""), names.lettering)
    return max(0.3, x), panel.baseline_mm - names.dy


def _parts(name: str, lettering: Lettering) -> list[tuple[str, Lettering, float]]:
    """Pieces of a name with their lettering and drop: `V_1` has its number set lower and smaller."""
    high, mark, low = name.partition("_")
    if not mark:
        return [(name, lettering, 0.0)]
    small = Lettering(
        lettering.face,
        lettering.capital_mm * _LOWER,
        lettering.stretch,
        0.0,
        max(5, round(lettering.bitmap_px * _LOWER)) if lettering.bitmap_px else 0,
        lettering.double,
    )
    return [(high, lettering, 0.0), (low, small, 0.3 * lettering.capital_mm)]


def _parts_box(name: str, lettering: Lettering, x: float, y: float) -> Box | None:
    boxes = []
    for text, letters, drop in _parts(name, lettering):
        boxes.append(text_box(text, letters, x, y + drop))
        x += advance_mm(text, letters)
    found = [box for box in boxes if box is not None]
    return united(found) if found else None


def _write_parts(canvas: Canvas, name: str, lettering: Lettering, x: float, y: float) -> Box | None:
    start = x
    for text, letters, drop in _parts(name, lettering):
        write(canvas.text, text, letters, x, y + drop)
        x += advance_mm(text, letters)
    return _parts_box(name, lettering, start, y)


def hide(canvas: Canvas, box: Box, paper: Colour) -> None:
    """Paint a rectangle in the paper's colour, over grid and every ink, in place."""
    rows = slice(max(0, round(box.top * PX)), max(0, round(box.bottom * PX)))
    columns = slice(max(0, round(box.left * PX)), max(0, round(box.right * PX)))
    canvas.ground[rows, columns] = paper
    for plane in (canvas.trace, canvas.pulse, canvas.mark, canvas.text):
        plane[rows, columns] = 0
