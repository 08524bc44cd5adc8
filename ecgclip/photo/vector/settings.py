"""What is printed: names of leads with their places, paper speed and gain."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from ecgclip.photo.vector.words import Word, lines_of
from ecgclip.units import lead_name

SPEEDS_MM_S: Final = (5.0, 6.25, 10.0, 12.5, 25.0, 50.0, 100.0, 200.0)
GAINS_MM_MV: Final = (1.0, 1.25, 2.0, 2.5, 4.0, 5.0, 10.0, 15.0, 20.0, 40.0, 80.0)

_NUMBER: Final = r"(?<![\d.,])(\d{1,3}(?:[.,]\d{1,3})?)"
_SPEED: Final = re.compile(_NUMBER + r"\s*(?:mm|мм)\s*/\s*(?:s|с)(?:ec|ek)?(?![a-z])", re.IGNORECASE)
_GAIN: Final = re.compile(
    r"(?:(limb|ext\w*|chest|prec\w*|V|C)\s*:?\s*)?(?<![\d.,])[x×]?(\d{1,2}(?:[.,]\d{1,3})?)"
    r"(?:\s*/\s*(\d{1,2}(?:[.,]\d{1,3})?))?\s*(mm|мм|cm)\s*/\s*1?\s*(?:mV|мВ)",
    re.IGNORECASE,
)
_MIDDLE: Final = 0.3
"""Of a capital above its foot, in heights of the font."""
_BOTH: Final = re.compile(r"(?:chest\s*/\s*limb|limb\s*/\s*chest)\s*:?", re.IGNORECASE)
_BEFORE: Final = frozenset(
    ("lead", "ableitung", "derivation", "derivação", "derivación", "dérivation", "отведение", "导联", "誘導")
)
_ALIKE: Final = str.maketrans({"В": "V", "С": "C", "І": "I", "−": "-", "–": "-", "‑": "-", "|": "I"})
_NAMES: Final = {
    **{f"{first}{len(roman)}": roman for first in "LD" for roman in ("I", "II", "III")},
    **{f"L{roman}": roman for roman in ("I", "II", "III")},
    **{f"V{limb}": f"aV{limb}" for limb in "RLF"},
    **{f"C{number}": f"V{number}" for number in range(1, 7)},
}
_MINUS: Final = re.compile(r"^\(?-\)?(?=a?V?R$)|(?<=R)-$", re.IGNORECASE)


@dataclass(frozen=True)
class Label:
    """The name of a lead on the page: left end and middle height. sign: -1 of `-aVR`."""

    lead: str
    sign: int
    x_mm: float
    y_mm: float


@dataclass(frozen=True)
class Settings:
    """Paper speed and gain as printed, None where they are not, or not alike everywhere."""

    speed_mm_s: float | None = None
    gain_mm_mv: float | None = None
    chest_gain_mm_mv: float | None = None
    """Of V1 to V6, where it differs."""


def labels_of(words: tuple[Word, ...]) -> tuple[Label, ...]:
    """The names of leads: lines that hold nothing else, so that no sentence of a header counts."""
    found: list[Label] = []
    for line in lines_of(words):
        named = [word for word in line if word.text.lower().strip(":") not in _BEFORE]
        whole = spelled("".join(word.text for word in named))
        each = [spelled(word.text) for word in named]
        if whole is not None and len(named) > 0:
            found.append(_label(named[0], whole))
        elif named and all(each):
            found.extend(_label(word, name) for word, name in zip(named, each, strict=True) if name)
    return tuple(found)


def _label(word: Word, name: tuple[str, int]) -> Label:
    return Label(*name, word.x_mm, word.y_mm - _MIDDLE * word.height_mm)


def spelled(text: str) -> tuple[str, int] | None:
    """The lead that a word names, and its sign; None where it names none.

    >>> spelled("AVR"), spelled("-aVR"), spelled("DII"), spelled("C4"), spelled("Ⅲ"), spelled("BPM")
    (('aVR', 1), ('aVR', -1), ('II', 1), ('V4', 1), ('III', 1), None)
    """
    plain = unicodedata.normalize("NFKC", text).translate(_ALIKE).strip(" :._")
    for word in _BEFORE:
        if plain.lower().startswith(word):
            plain = plain[len(word) :].strip(" :-")
    bare = _MINUS.sub("", plain)
    name = _NAMES.get(bare.upper()) or lead_name(bare)
    if name is None and bare in ("l", "ll", "lll"):
        name = "I" * len(bare)
    return None if name is None else (name, -1 if bare != plain else 1)


def settings_of(words: tuple[Word, ...]) -> Settings:
    """Paper speed and gain where the page says them."""
    speeds: Counter[float] = Counter()
    gains: Counter[float] = Counter()
    chest: Counter[float] = Counter()
    for line in lines_of(words):
        text = _BOTH.sub("", unicodedata.normalize("NFKC", " ".join(word.text for word in line)))
        speeds.update(value for value in _speeds(text) if value in SPEEDS_MM_S)
        for where, value in _gains(text):
            if value in GAINS_MM_MV:
                (chest if where == "chest" else gains)[value] += 1
    gain, on_chest = _agreed(gains), _agreed(chest)
    return Settings(_agreed(speeds), gain or on_chest, on_chest if gain and on_chest != gain else None)


def _speeds(text: str) -> Iterator[float]:
    return (_number(found) for found in _SPEED.findall(text))


def _gains(text: str) -> Iterator[tuple[str, float]]:
    for where, first, second, unit in _GAIN.findall(text):
        factor = 10.0 if unit.lower() == "cm" else 1.0
        on_chest = bool(re.match(r"chest|prec|[VC]$", where, re.IGNORECASE))
        yield "chest" if on_chest else "", factor * _number(first)
        if second:
            yield "chest", factor * _number(second)


def _number(text: str) -> float:
    return float(text.replace(",", "."))


def _agreed(found: Counter[float]) -> float | None:
    """What is said most often; None where two values are said equally often."""
    ranked = found.most_common(2)
    if not ranked or (len(ranked) == 2 and ranked[0][1] == ranked[1][1]):
        return None
    return ranked[0][0]
