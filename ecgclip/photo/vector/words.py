"""The words of a page, put together from its characters by place: files hold them in any order and pieces."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from ecgclip.typing import Float64s, Int64s

_LEAST_HEIGHT_MM: Final = 1.0
"""Of a line whose font does not say how high it is."""
_SPACE: Final = 0.14
_APART: Final = 0.8
"""Gaps, in heights of the line: from the first on the next word begins, from the second on the next line."""
_BESIDE: Final = 0.35
"""Heights by which a subscript may stand below the line."""


@dataclass(frozen=True)
class Word:
    """Characters without a gap.

    line: words with the same number stand beside each other. x_mm, y_mm: where its foot begins. height_mm: of
    its font. direction: of writing, (1, 0) where it is upright.
    """

    text: str
    line: int
    x_mm: float
    y_mm: float
    height_mm: float
    direction: tuple[float, float]


class _Line:
    """The line that is being read."""

    def __init__(self, place: Float64s) -> None:
        self.direction = place[6:8] / max(1e-9, float(np.hypot(*place[6:8])))
        self.foot = float(self._across(place[:2]))
        self.end = -np.inf
        self.height = _LEAST_HEIGHT_MM

    def _across(self, point: Float64s) -> float:
        return float(-self.direction[1] * point[0] + self.direction[0] * point[1])

    def extent(self, place: Float64s) -> tuple[float, float, float]:
        """First and last place along the line, and height, of a character."""
        ends = place[[2, 3]], place[[4, 5]]
        along = sorted(float(self.direction @ end) for end in ends)
        across = [self._across(end) for end in ends]
        return along[0], along[1], abs(across[1] - across[0])

    def goes_on_with(self, place: Float64s) -> bool:
        turned = float(self.direction @ place[6:8]) < 0.98 * float(np.hypot(*place[6:8]))
        beside = abs(self._across(place[:2]) - self.foot) > _BESIDE * self.height
        gap = (self.extent(place)[0] - self.end) / self.height
        return not turned and not beside and -1.0 < gap < _APART


def words_of(codes: Int64s, places: Float64s) -> tuple[Word, ...]:
    """Words from characters in the order of the file.

    codes: of Unicode, [character]; places: as in `walk.Listing`, [character, 8].
    """
    words: list[Word] = []
    letters: list[str] = []
    line: _Line | None = None
    first, height, number, blank = np.zeros(2), 0.0, 0, False

    def finish() -> None:
        if letters and line is not None:
            direction = float(line.direction[0]), float(line.direction[1])
            word = Word("".join(letters), number, float(first[0]), float(first[1]), height, direction)
            words.append(word)
        letters.clear()

    for code, place in zip(codes.tolist(), places, strict=True):
        letter = chr(code) if code < 0x110000 else "\ufffd"
        if not letter.isprintable() or letter.isspace():
            blank = True
            continue
        if line is None or not line.goes_on_with(place):
            finish()
            line, number, blank = _Line(place), number + 1, False
        start, end, tall = line.extent(place)
        if letters and (blank or (start - line.end) > _SPACE * line.height):
            finish()
        if not letters:
            first, height = place[:2], 0.0
        letters.append(letter)
        line.end, line.height, height = end, max(line.height, tall), max(height, tall)
        blank = False
    finish()
    return tuple(words)


def lines_of(words: tuple[Word, ...]) -> list[tuple[Word, ...]]:
    """The words of each line."""
    lines: dict[int, list[Word]] = {}
    for word in words:
        lines.setdefault(word.line, []).append(word)
    return [tuple(line) for line in lines.values()]
