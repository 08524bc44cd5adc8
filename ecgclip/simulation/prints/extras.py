"""Extras: what people and offices leave on a print: stamps, pen, barcodes, holes, blackened names."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from ecgclip.simulation.prints.canvas import Colour
from ecgclip.simulation.prints.chance import between, comes, pick
from ecgclip.simulation.prints.page import Page

_CHANCES: Final = {
    "stamp": 0.08,
    "signature": 0.1,
    "note": 0.05,
    "written": 0.13,
    "circle": 0.04,
    "barcode": 0.08,
    "qr": 0.06,
    "block": 0.14,
    "holes": 0.08,
    "fold mark": 0.1,
    "margin": 0.12,
}
_STAMPS: Final = ("CARDIOLOGY", "RECEIVED", "COPY", "Dr. med. A. Weber", "EINGEGANGEN", "URGENCIAS", "ECG OK")
_MARGINS: Final = (
    "PN 9402-020",
    "REF 2009828-061",
    "MADE IN JAPAN",
    "No. 4479-12",
    "CE 0123",
    "reorder 11996",
)
_NOTES: Final = (
    "SR 72",
    "no change",
    "St. p. MI 2009",
    "chest pain",
    "Bett 4",
    "AF?",
    "16:40",
    "ok, Dr. K.",
    "LBBB old",
    "control",
    "K 5.9",
    "Rm 12",
    "pre-op",
    "V4R",
)
_INKS: Final[tuple[Colour, ...]] = ((30, 40, 130), (20, 20, 24), (160, 30, 40), (80, 40, 120))


@dataclass(frozen=True)
class Extra:
    """One thing at (x, y) mm: `size` in mm, its colour, its text, and the seed of its details."""

    kind: str
    x: float
    y: float
    size: float
    rgb: Colour
    text: str
    seed: int


def sample_extras(rng: np.random.Generator, page: Page) -> tuple[Extra, ...]:
    """Each kind by its chance, mostly in the header and at the edges."""
    return tuple(_extra(rng, kind, page) for kind, chance in _CHANCES.items() if comes(rng, chance))


def _extra(rng: np.random.Generator, kind: str, page: Page) -> Extra:
    width, height = page.width, page.height
    x, y = between(rng, 0.03, 0.85) * width, between(rng, 0.01, 0.9) * height
    head = between(rng, 1, max(2.0, page.top * 0.7))
    place: dict[str, tuple[float, float, float]] = {
        "stamp": (x, y, between(rng, 14, 40)),
        "signature": (x, pick(rng, {head: 0.5, height - 12: 0.5}), between(rng, 25, 60)),
        "note": (x, pick(rng, {head: 0.6, y: 0.4}), between(rng, 15, 80)),
        "written": (x, pick(rng, {head: 0.5, y: 0.5}) + 4, between(rng, 3, 7)),
        "circle": (x, y, between(rng, 8, 25)),
        "barcode": (x, head, between(rng, 20, 50)),
        "qr": (pick(rng, {width - 24: 0.5, x: 0.5}), head, between(rng, 9, 18)),
        "block": (x * 0.5, head, between(rng, 15, 60)),
        "holes": (between(rng, 6, 11), height / 2, between(rng, 5.5, 6.5)),
        "fold mark": (pick(rng, {0.0: 0.5, width - 4: 0.5}), pick(rng, {0.0: 0.5, height - 6: 0.5}), 4.0),
        "margin": (x, pick(rng, {height - 1.0: 0.7, 2.2: 0.3}), between(rng, 1.2, 1.8)),
    }
    texts = {"stamp": _STAMPS, "margin": _MARGINS, "written": _NOTES}.get(kind, ("",))
    return Extra(
        kind,
        *place[kind],
        rgb=(8, 8, 10) if kind == "fold mark" else _INKS[int(rng.integers(len(_INKS)))],
        text=texts[int(rng.integers(len(texts)))],
        seed=int(rng.integers(2**31)),
    )
