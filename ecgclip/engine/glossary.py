"""Names of the SCP statements in English and German with their abbreviations, and how queries use them.

"Vorhofflimmern", "AF" and "atrial fibrilation" should find the same cases. A query that consists of known
names only is replaced by their usual names in both languages; in any other query abbreviations are written
out and misspelt names corrected.
"""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, cached_property
from pathlib import Path

from ecgclip.encoders.text import clean_report

FILE = Path(__file__).with_name("glossary.csv")
"""One row a statement; several names in a cell are divided by |, the first is the usual one."""
FILLERS = frozenset({"with", "and", "plus", "mit", "und", "bei", "ecg", "ekg", "the", "of"})
"""Words between names that say nothing about the heart."""
_WORD = re.compile(r"[a-z0-9]+")
_SOUNDS = (
    ("ph", "f"),
    ("th", "t"),
    ("rh", "r"),
    ("ae", "e"),
    ("oe", "o"),
    ("ue", "u"),
    ("k", "c"),
    ("y", "i"),
)
_TWICE = re.compile(r"([a-hj-z])\1+")
"""But not i: it counts in "av-block ii"."""

Words = tuple[str, ...]


class Language(StrEnum):
    """The columns of the glossary; SHORT are abbreviations of either language."""

    ENGLISH = "english"
    GERMAN = "german"
    SHORT = "short"


@dataclass(frozen=True)
class NamedStatement:
    """A statement's names, first the usual one of each language. code: "" where there is no SCP code."""

    code: str
    english: Words
    german: Words
    short: Words

    def usual(self, language: Language) -> str:
        return (self.german if language is Language.GERMAN else self.english)[0]


@dataclass(frozen=True)
class Name:
    """One name of a statement."""

    text: str
    language: Language
    statement: NamedStatement


@dataclass(frozen=True)
class Piece:
    """A word of a question, or several that are one name."""

    text: str
    gap: str
    """The spaces and marks before it."""
    name: Name | None = None


@dataclass(frozen=True)
class Glossary:
    """The statements by every name that they have; their codes are names, too."""

    statements: tuple[NamedStatement, ...]

    @cached_property
    def names(self) -> tuple[Name, ...]:
        return tuple(name for statement in self.statements for name in _names(statement))

    @cached_property
    def _by_words(self) -> dict[Words, Name]:
        return {tuple(_WORD.findall(clean_report(name.text))): name for name in reversed(self.names)}

    @cached_property
    def _by_sound(self) -> dict[Words, Name]:
        return {tuple(map(sound, words)): name for words, name in self._by_words.items()}

    @cached_property
    def _sounds(self) -> frozenset[str]:
        return frozenset(one for name in self._by_sound for one in name)

    @cached_property
    def _longest(self) -> int:
        return max(map(len, self._by_sound), default=0)

    def readings(self, question: str) -> Words:
        """The one or two texts that stand for a text query: usual names, or the query corrected; see the
        module.

        >>> shipped_glossary().readings("VHF und Sinusbradicardie")
        ('atrial fibrillation, sinus bradycardia', 'vorhofflimmern, sinusbradykardie')
        >>> shipped_glossary().readings("Linksschenkelbock bei Betablocker, V1-V3")
        ('linksschenkelblock bei betablocker, v1-v3',)
        """
        pieces = self.pieces(question)
        named = dict.fromkeys(piece.name.statement for piece in pieces if piece.name)
        languages = (Language.ENGLISH, Language.GERMAN)
        if named and all(piece.name or piece.text in FILLERS for piece in pieces):
            return tuple(", ".join(one.usual(language) for one in named) for language in languages)
        texts = ["".join(p.gap + _written_out(p, language) for p in pieces) for language in languages]
        return tuple(dict.fromkeys(texts))

    def pieces(self, question: str) -> list[Piece]:
        """The question in lower case, umlauts spelled out, cut into the longest names and single words."""
        text = clean_report(question)
        words = list(_WORD.finditer(text))
        spellings = tuple(word[0] for word in words)
        sounds = tuple(map(self._nearest, spellings))
        found: list[Piece] = []
        start, end = 0, 0
        while start < len(words):
            count, name = self._name_at(spellings, sounds, start)
            first, last = words[start], words[start + count - 1]
            found.append(Piece(text[first.start() : last.end()], text[end : first.start()], name))
            start, end = start + count, last.end()
        return found

    def _name_at(self, spellings: Words, sounds: Words, start: int) -> tuple[int, Name | None]:
        """The longest name that begins at `start`, with its number of words; (1, None) where none does."""
        for count in range(min(self._longest, len(spellings) - start), 0, -1):
            part = slice(start, start + count)
            name = self._by_words.get(spellings[part]) or self._by_sound.get(sounds[part])
            if name is not None:
                return count, name
        return 1, None

    def _nearest(self, word: str) -> str:
        """The sound of the word, or of the word of a name that it seems to misspell."""
        sounded, allowed = sound(word), allowed_errors(word)
        if not allowed or sounded in self._sounds:
            return sounded
        near = [(edits(sounded, one, allowed), one) for one in self._sounds if one[0] == sounded[0]]
        errors, meant = min(near, default=(allowed + 1, sounded))
        return meant if errors <= allowed else sounded


def sound(word: str) -> str:
    """The word spelt by its sound, which is nearly the same in both languages; doubled letters become one.

    >>> sound("arrhythmie"), sound("arritmie"), sound("bradykardie") == sound("bradycardie")
    ('aritmie', 'aritmie', True)
    """
    for written, sounded in _SOUNDS:
        word = word.replace(written, sounded)
    return _TWICE.sub(r"\1", word)


def allowed_errors(word: str) -> int:
    """How many letters may be wrong: none in short words, which are too similar ("left", "heft")."""
    if not word.isalpha() or len(word) < 6:
        return 0
    return 1 if len(word) < 10 else 2


def edits(a: str, b: str, at_most: int) -> int:
    """Letters to change, add, drop or swap with their neighbour to get from a to b; at_most + 1 where more.

    Damerau's optimal string alignment, row by row.
    """
    if abs(len(a) - len(b)) > at_most:
        return at_most + 1
    before: list[int] = []
    above = list(range(len(b) + 1))
    for i, left in enumerate(a, 1):
        row = [i]
        for j, right in enumerate(b, 1):
            cost = min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (left != right))
            if i > 1 and j > 1 and left == b[j - 2] and a[i - 2] == right:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        before, above = above, row
    return min(above[-1], at_most + 1)


@cache
def shipped_glossary() -> Glossary:
    """The names that come with the package."""
    with FILE.open(encoding="utf-8", newline="") as stream:
        return Glossary(
            tuple(
                NamedStatement(
                    row["code"], *(tuple(filter(None, row[column].split("|"))) for column in Language)
                )
                for row in csv.DictReader(stream)
            )
        )


def _names(statement: NamedStatement) -> Iterator[Name]:
    columns = (statement.english, statement.german, (*statement.short, *filter(None, [statement.code])))
    for language, texts in zip(Language, columns, strict=True):
        yield from (Name(text, language, statement) for text in texts)


def _written_out(piece: Piece, language: Language) -> str:
    """A word as it stands, a name as it is spellings, an abbreviation as the usual name of the language."""
    if piece.name is None:
        return piece.text
    return piece.name.statement.usual(language) if piece.name.language is Language.SHORT else piece.name.text
