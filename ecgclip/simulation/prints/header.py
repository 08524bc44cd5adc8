"""Header: person, measurements and statements, all made up, above the rows or on the grid."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from ecgclip.paper.header import Header, random_header
from ecgclip.simulation.prints.canvas import Canvas
from ecgclip.simulation.prints.chance import between, comes, pick
from ecgclip.simulation.prints.page import Page
from ecgclip.simulation.prints.typeface import Lettering, sample_lettering
from ecgclip.simulation.prints.writing import write


@dataclass(frozen=True)
class Line:
    """A line of text from (x, y) on, mm."""

    text: str
    x: float
    y: float


@dataclass(frozen=True)
class Head:
    """Lines in one lettering."""

    lines: tuple[Line, ...]
    lettering: Lettering


_PERSON: Final = (
    ("{name}", "ID: {id}", "{date}  {time}", "{age} yr {sex}"),
    ("Name: {name}", "ID {id}", "{age} Jahre  {sex}", "{date} {time}"),
    ("ID:{id}", "Nome: {name}", "{date} {time}", "Idade: {age}"),
    ("{id}", "{date} {time}", "{height} cm {weight} kg"),
    ("Patient: {name}", "DOB:", "Sex: {sex}  Age: {age}", "Time: {date} {time}"),
    ("{date} {time}", "ID: {id}"),
)
_MEASURED: Final = (
    (
        "Vent. rate   {rate} bpm",
        "PR interval   {pr} ms",
        "QRS duration   {qrs} ms",
        "QT/QTc   {qt} ms",
        "P-R-T axes   {axis}",
    ),
    ("HR {rate}/min", "PR {pr} ms", "QRS {qrs} ms", "QT/QTc {qt} ms", "P/QRS/T {axis}"),
    ("HF  {rate}", "PQ  {pr}", "QRS {qrs}", "QT/QTcB {qt}"),
    ("FC: {rate} lpm", "PR: {pr} ms", "QRS: {qrs} ms", "QT: {qt} ms"),
    ("RR   {rate}", "P   {pr} ms", "QRS   {qrs} ms"),
)
_STATED: Final = (
    ("{statement}", "Abnormal ECG"),
    ("{statement}", "Unconfirmed"),
    ("SINUS RHYTHM", "NORMAL ECG", "", "Dr. ____________"),
    ("{statement}", "No previous ECGs available", "", "Confirmed by:"),
)


def sample_head(rng: np.random.Generator, page: Page) -> Head | None:
    """Blocks side by side, as many lines as there is room for; a third of crops have none."""
    if page.top < 5 or comes(rng, 0.12):
        return None
    lettering = sample_lettering(rng, 1.6, 2.8)
    person = random_header(rng)
    kinds = [_PERSON, _MEASURED, _STATED]
    shown = kinds[: pick(rng, {1: 0.2, 2: 0.3, 3: 0.5})]
    pitch = lettering.capital_mm * between(rng, 1.45, 2.0)
    room = page.top + 0.15 * page.pitch if comes(rng, 0.8) else page.top + 0.6 * page.pitch
    x, lines = between(rng, 3, 14), []
    for kind in shown:
        block = kind[int(rng.integers(len(kind)))]
        lines += _block(block, person, x, between(rng, 4, 8) * min(1, page.top / 20), pitch, room)
        x += page.width * between(rng, 0.2, 0.34)
    return Head(tuple(lines), lettering)


def _block(
    block: tuple[str, ...], person: Header, x: float, y: float, pitch: float, room: float
) -> list[Line]:
    rows = [person.fill(text) for text in block]
    return [Line(text, x, y + i * pitch) for i, text in enumerate(rows) if y + i * pitch < room and text]


def draw_head(canvas: Canvas, head: Head) -> None:
    """Write the lines, in place."""
    for line in head.lines:
        write(canvas.text, line.text, head.lettering, line.x, line.y)
