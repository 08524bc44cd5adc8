"""Header: person, measurements and statements, all made up: in blocks, a line, on the grid or as a table."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from ecgclip.paper.header import Header, random_header
from ecgclip.simulation.prints.canvas import Canvas, fill
from ecgclip.simulation.prints.chance import between, comes, pick
from ecgclip.simulation.prints.header_text import (
    FOOT,
    LINES,
    MEASURED,
    ON_ROWS,
    PERSON,
    STATED,
    STATEMENTS,
    TABLE,
)
from ecgclip.simulation.prints.page import Page
from ecgclip.simulation.prints.printed import Box
from ecgclip.simulation.prints.typeface import Lettering, sample_lettering
from ecgclip.simulation.prints.writing import write

_KINDS: Final = {"blocks": 0.5, "line": 0.12, "grid": 0.12, "table": 0.12, "none": 0.14}


@dataclass(frozen=True)
class Line:
    """A line of text from (x, y) on, mm; `bold` is set in the head's second lettering."""

    text: str
    x: float
    y: float
    bold: bool = False


@dataclass(frozen=True)
class Head:
    """Lines in two letterings, and the rules of a table."""

    kind: str
    lines: tuple[Line, ...]
    lettering: Lettering
    bold: Lettering
    rules: tuple[Box, ...] = ()


def sample_head(rng: np.random.Generator, page: Page, kind: str = "") -> Head:
    """A head of the kind, or of any; fewer lines where there is no room, and words at the foot of some."""
    kind = kind or pick(rng, _KINDS)
    lettering = sample_lettering(rng, 1.5, 2.7)
    bold = replace(lettering, double=True) if comes(rng, 0.5) else sample_lettering(rng, 1.8, 3.4)
    person = replace(random_header(rng), statement=STATEMENTS[int(rng.integers(len(STATEMENTS)))])
    pitch = lettering.capital_mm * between(rng, 1.45, 2.0)
    lines: list[Line] = []
    rules: list[Box] = []
    match kind if page.top > 4 else "none":
        case "blocks":
            lines = _blocks(rng, page, person, pitch)
        case "line":
            lines = _line(rng, page, person)
        case "grid":
            lines = _on_grid(rng, page, person, pitch)
        case "table":
            lines, rules = _table(rng, page, person, pitch)
        case _:
            pass
    lines += _foot(rng, page) + _on_rows(rng, page)
    return Head(kind, tuple(line for line in lines if line.text), lettering, bold, tuple(rules))


def _blocks(rng: np.random.Generator, page: Page, person: Header, pitch: float) -> list[Line]:
    """Blocks side by side: person, measurements, statements."""
    room = page.top + (0.15 if comes(rng, 0.85) else 0.6) * page.pitch
    x, lines = between(rng, 3, 14), []
    for pool in (PERSON, MEASURED, STATED)[: pick(rng, {1: 0.2, 2: 0.3, 3: 0.5})]:
        y = between(rng, 4, 8) * min(1, page.top / 20)
        lines += _block(rng, pool, person, (x, y), pitch, room)
        x += page.width * between(rng, 0.2, 0.34)
    return lines


def _block(
    rng: np.random.Generator,
    pool: tuple[tuple[str, ...], ...],
    person: Header,
    start: tuple[float, float],
    pitch: float,
    room: float,
) -> list[Line]:
    """One block of a pool from a start on, its lines down to `room`."""
    block, (x, y) = pool[int(rng.integers(len(pool)))], start
    first_bold = comes(rng, 0.2)
    rows = [person.fill(text) for text in block]
    return [
        Line(text, x, y + i * pitch, first_bold and i == 0)
        for i, text in enumerate(rows)
        if y + i * pitch < room
    ]


def _line(rng: np.random.Generator, page: Page, person: Header) -> list[Line]:
    """Maker, model, identity and time in a line, on the grid above the first row."""
    y = between(rng, 2.5, max(3.0, min(page.top, 9)))
    parts = [person.fill(text) for text in LINES[int(rng.integers(len(LINES)))]]
    step = page.width * between(rng, 0.14, 0.3)
    return [Line(text, between(rng, 3, 12) + i * step, y) for i, text in enumerate(parts)]


def _on_grid(rng: np.random.Generator, page: Page, person: Header, pitch: float) -> list[Line]:
    """Five lines in columns, names in bold, down into the first row."""
    left = between(rng, 3, 20)
    lines = []
    for column, pool in enumerate((PERSON, MEASURED)):
        block = pool[int(rng.integers(len(pool)))]
        x = left + column * page.width * between(rng, 0.2, 0.4)
        for i, text in enumerate(block):
            y = 3.5 + i * pitch
            if y < page.top + 0.3 * page.pitch:
                lines.append(Line(person.fill(text), x, y, comes(rng, 0.3)))
    return lines


def _table(
    rng: np.random.Generator, page: Page, person: Header, pitch: float
) -> tuple[list[Line], list[Box]]:
    """Measurements in a ruled table, and dotted lines for the report beside it."""
    x, wide = page.width * between(rng, 0.02, 0.6), between(rng, 32, 60)
    rows = [(person.fill(name), person.fill(value)) for name, value in TABLE]
    rows = rows[: max(1, int((page.top - 5) / pitch))]
    lines, rules, thin = [], [], 0.12
    y = 3.0
    for name, value in rows:
        lines += [Line(name, x + 1, y + 0.75 * pitch), Line(value, x + 0.55 * wide, y + 0.75 * pitch)]
        rules.append(Box(x, y - thin, x + wide, y + thin))
        y += pitch
    rules += [Box(at - thin, 3.0, at + thin, y) for at in (x, x + 0.5 * wide, x + wide)]
    rules.append(Box(x, y - thin, x + wide, y + thin))
    for i in range(int(rng.integers(0, 4))):
        lines.append(Line("." * 40, x + wide + 8, 5 + (i + 1) * pitch * 1.4))
    return lines, rules


def _foot(rng: np.random.Generator, page: Page) -> list[Line]:
    if not comes(rng, 0.3):
        return []
    y = page.height - between(rng, 1.2, 5.0)
    return [Line(FOOT[int(rng.integers(len(FOOT)))], page.width * between(rng, 0.5, 0.88), y)]


def _on_rows(rng: np.random.Generator, page: Page) -> list[Line]:
    """Words among the rows, which are no names: one print in fourteen."""
    count = int(rng.integers(1, 4)) if comes(rng, 0.07) else 0
    return [
        Line(
            ON_ROWS[int(rng.integers(len(ON_ROWS)))],
            page.left + page.length * between(rng, 0, 0.9),
            between(rng, page.top, page.height - 5),
            comes(rng, 0.4),
        )
        for _ in range(count)
    ]


def draw_head(canvas: Canvas, head: Head) -> None:
    """Write the lines and rule the table, in place."""
    for line in head.lines:
        write(canvas.text, line.text, head.bold if line.bold else head.lettering, line.x, line.y)
    for rule in head.rules:
        fill(canvas.mark, rule)
