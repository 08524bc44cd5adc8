"""The words that the network sees on a sheet, each with its place: patches of cells, one class a patch."""

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from ecgclip.photo.flat.cells import WORD_PX
from ecgclip.photo.flat.paper_map import FLAT_PX_PER_MM
from ecgclip.photo.flat.words import WORDS
from ecgclip.typing import Float32s

_SEEN: Final = 0.5
"""Least chance that a cell shows a word of a kind, whichever it is."""
_MM: Final = WORD_PX / FLAT_PX_PER_MM
_KINDS: Final = tuple(dict.fromkeys(kind for kind, _ in WORDS))


@dataclass(frozen=True)
class SeenWord:
    """A word on the flat sheet.

    kind, value: as in `words.WORDS`. x_mm, y_mm: its middle from the upper left corner; width_mm,
    height_mm: of its cells, which reach about 1 mm beyond the letters. chance: that it is this word, 0..1.
    """

    kind: str
    value: str
    x_mm: float
    y_mm: float
    width_mm: float
    height_mm: float
    chance: float


def seen_words(words: Float32s, least: float = _SEEN) -> tuple[SeenWord, ...]:
    """The words of `SheetReading.words`, from the top of the sheet to its foot.

    Cells of one kind that touch are one word: where they disagree, the one that all together favour.
    """
    found = [word for kind in _KINDS for word in _of_kind(words, kind, least)]
    return tuple(sorted(found, key=lambda word: (word.y_mm, word.x_mm)))


def _of_kind(words: Float32s, kind: str, least: float) -> list[SeenWord]:
    classes = [number for number, (name, _) in enumerate(WORDS) if name == kind]
    chances = words[classes]
    any_of_kind = chances.sum(axis=0)
    count, patches, boxes, _ = cv2.connectedComponentsWithStats(
        (any_of_kind > least).astype(np.uint8), connectivity=4
    )
    found = []
    for patch in range(1, count):
        inside = patches == patch
        sums = chances[:, inside].sum(axis=1)
        best = int(sums.argmax())
        weights = any_of_kind * inside
        y, x = (
            float((weights.sum(axis=1 - axis) * (np.arange(side) + 0.5)).sum() / weights.sum()) * _MM
            for axis, side in enumerate(weights.shape)
        )
        width, height = (float(boxes[patch, side]) * _MM for side in (cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT))
        chance = float(sums[best] / sums.sum() * any_of_kind[inside].max())
        found.append(SeenWord(kind, WORDS[classes[best]][1], x, y, width, height, chance))
    return found
