"""Short texts as people type them into a search, made from the training records that answer them."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from ecgclip.encoders.text import clean_report
from ecgclip.training.texts import LabelledText
from ecgclip.typing import Rows

MIN_RECORDS: Final = 4
"""A piece of a report becomes a question where at least so many records have it."""
MAX_SHARE: Final = 0.5
"""A piece that more than half of all records have is no question."""
MAX_WORDS: Final = 5
_PIECE: Final = re.compile(r"[.,;:()]|\s{2,}")
_JOINTS: Final = (" with ", " and ", ", ", " mit ", " und ", " ")


@dataclass(frozen=True, eq=False)
class Question:
    """A text and the records that answer it, by their rows, int64 [row]."""

    text: str
    rows: Rows


@dataclass(frozen=True, eq=False)
class Questions:
    """All questions that some records answer.

    names: of single statements; by_code: the names of each statement, to be joined as records have them;
    codes: of each record, those that have a name; pieces: word sequences of reports.
    """

    names: tuple[Question, ...]
    by_code: dict[str, list[str]]
    codes: tuple[tuple[str, ...], ...]
    pieces: tuple[Question, ...]

    def draw(
        self, count: int, names_share: float, misspelt: float, rng: np.random.Generator
    ) -> list[Question]:
        """`count` questions at random: names alone, names of one record together, pieces of reports."""
        return [self._one(names_share, misspelt, rng) for _ in range(count)]

    def _one(self, names_share: float, misspelt: float, rng: np.random.Generator) -> Question:
        if rng.random() >= names_share and self.pieces:
            found = self.pieces[rng.integers(len(self.pieces))]
        elif rng.random() < 0.5:
            found = self.names[rng.integers(len(self.names))]
        else:
            found = self._joined(rng)
        return Question(misspell(found.text, rng), found.rows) if rng.random() < misspelt else found

    def _joined(self, rng: np.random.Generator) -> Question:
        """Names of one or two statements of a record drawn at random."""
        codes = self.codes[rng.integers(len(self.codes))]
        if not codes:
            return self.names[rng.integers(len(self.names))]
        chosen = [codes[i] for i in rng.permutation(len(codes))[:2]]
        texts = [self.by_code[code][rng.integers(len(self.by_code[code]))] for code in chosen]
        rows = [i for i, have in enumerate(self.codes) if all(code in have for code in chosen)]
        return Question(_JOINTS[rng.integers(len(_JOINTS))].join(texts), np.array(rows, np.int64))


def questions_of(
    reports: Sequence[str], codes: Sequence[Sequence[str]], names: Iterable[LabelledText]
) -> Questions:
    """The questions that records answer, given their reports and statements, row by row."""
    rows_of: dict[str, list[int]] = defaultdict(list)
    for row, have in enumerate(codes):
        for code in have:
            rows_of[code].append(row)
    by_code: dict[str, list[str]] = defaultdict(list)
    for name in names:
        by_code[name.codes[0]].append(clean_report(name.text))
    asked = [
        Question(text, np.array(rows_of[code], np.int64))
        for code, texts in by_code.items()
        for text in dict.fromkeys(texts)
        if rows_of.get(code)
    ]
    named = tuple(tuple(code for code in have if code in by_code) for have in codes)
    return Questions(tuple(asked), dict(by_code), named, tuple(_pieces(reports)))


def _pieces(reports: Sequence[str]) -> Iterator[Question]:
    """Sequences of up to five words within a phrase that several reports share."""
    rows_of: dict[str, set[int]] = defaultdict(set)
    for row, report in enumerate(reports):
        for phrase in _PIECE.split(clean_report(report)):
            # sorted: the order of a set of texts differs from process to process, and draws follow it
            for text in sorted(word_sequences(phrase.split())):
                rows_of[text].add(row)
    for text, rows in rows_of.items():
        if MIN_RECORDS <= len(rows) <= MAX_SHARE * len(reports) and not text.isdigit():
            yield Question(text, np.array(sorted(rows), np.int64))


def word_sequences(words: Sequence[str]) -> set[str]:
    """All runs of one to five words.

    >>> sorted(word_sequences(["left", "axis"]))
    ['axis', 'left', 'left axis']
    """
    return {
        " ".join(words[start : start + length])
        for length in range(1, MAX_WORDS + 1)
        for start in range(len(words) - length + 1)
    }


def misspell(text: str, rng: np.random.Generator) -> str:
    """One letter dropped, doubled, swapped with the next or replaced by any other."""
    if len(text) < 5:
        return text
    i = int(rng.integers(1, len(text) - 1))
    match int(rng.integers(4)):
        case 0:
            return text[:i] + text[i + 1 :]
        case 1:
            return text[:i] + text[i] + text[i:]
        case 2:
            return text[:i] + text[i + 1] + text[i] + text[i + 2 :]
        case _:
            letter = chr(int(rng.integers(ord("a"), ord("z") + 1)))
            return text[:i] + letter + text[i + 1 :]
