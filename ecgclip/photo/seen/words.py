"""Words that a reader uses, found on the network's map of words."""

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from ecgclip.photo.flat.cells import WORD_PX
from ecgclip.photo.flat.paper_map import FLAT_PX_PER_MM
from ecgclip.photo.flat.words import WORDS
from ecgclip.typing import Float32s

_CELL_MM: Final = WORD_PX / FLAT_PX_PER_MM
_SOME: Final = 0.3
"""Chance that a cell holds a word of some kind, from which it counts."""
_LEAST: Final = 0.25
"""Least chance of a word's own class."""


@dataclass(frozen=True)
class SeenWord:
    """A word on the flat sheet.

    kind, value: as in `flat.words.WORDS`. x_mm, y_mm: its middle. chance: that it is this word, 0..1.
    """

    kind: str
    value: str
    x_mm: float
    y_mm: float
    chance: float


def seen_words(maps: Float32s) -> tuple[SeenWord, ...]:
    """The words of an upright sheet; maps: float32 [word, y/8, x/8] of `SheetReading.words`."""
    found: list[SeenWord] = []
    for kind in ("lead", "speed", "gain"):
        classes = [number for number, (of, _) in enumerate(WORDS) if of == kind]
        found += _words_of(maps[classes], kind, [WORDS[number][1] for number in classes])
    return tuple(sorted(found, key=lambda word: -word.chance))


def _words_of(maps: Float32s, kind: str, values: list[str]) -> list[SeenWord]:
    """Patches of cells that hold some word of this kind, each the class that is likeliest in it."""
    some = maps.sum(axis=0)
    count, patch = cv2.connectedComponents((some > _SOME).astype(np.uint8), connectivity=8)
    found = []
    for number in range(1, count):
        y, x = np.nonzero(patch == number)
        weight = some[y, x]
        each = (maps[:, y, x] * weight).sum(axis=1) / weight.sum()
        best = int(each.argmax())
        chance = float(maps[best, y, x].max() * each[best] / max(1e-6, float(each.sum())))
        if chance > _LEAST:
            middle = [(float((at * weight).sum() / weight.sum()) + 0.5) * _CELL_MM for at in (x, y)]
            found.append(SeenWord(kind, values[best], middle[0], middle[1], chance))
    return found
