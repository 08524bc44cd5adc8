"""Put statements into the words of a short report, English or German, in lower case as PTB-XL's are."""

from collections.abc import Mapping, Sequence
from typing import Final, Literal

import numpy as np

from ecgclip.simulation.ecg.combine import ARTEFACTS, INFARCTS, SINUS
from ecgclip.simulation.ecg.statements import STATEMENTS

Language = Literal["en", "de"]
_Words = Mapping[Language, tuple[str, ...]]
_OLD: Final[_Words] = {
    "en": ("{}, probably old", "old {}", "{}, age undetermined", "{}"),
    "de": ("{}, wahrscheinlich alt", "alter {}", "{}, alter unbestimmt", "{}"),
}
_NORMAL: Final[_Words] = {
    "en": ("normal ecg", "ecg within normal limits"),
    "de": ("normales ekg", "ekg im normbereich"),
}
_OTHERWISE_NORMAL: Final[_Words] = {"en": ("otherwise normal ecg",), "de": ("sonst normales ekg",)}
_ABNORMAL: Final[_Words] = {
    "en": ("abnormal ecg", "pathological ecg"),
    "de": ("pathologisches ekg", "abnormes ekg"),
}
_AXES: Final[Mapping[Language, tuple[tuple[float, float, str], ...]]] = {
    "en": ((-30.0, 90.0, "normal axis"),),
    "de": ((-30.0, 30.0, "linkstyp"), (30.0, 60.0, "lagetyp normal"), (60.0, 90.0, "steiltyp")),
}


def write_report(
    rng: np.random.Generator, codes: Sequence[str], axis_deg: float | None, language: Language
) -> str:
    """One phrase for each statement, in the order given; then a summary.

    axis_deg: named in words where normal; None where it has no meaning or another statement names it.
    """
    phrases = [phrase for code in codes for phrase in _phrase(rng, code, codes, language)]
    axis = None if axis_deg is None else axis_words(axis_deg, language)
    if axis is not None and rng.random() < 0.6:
        phrases.insert(1, axis)
    return _joined(rng, phrases + _summary(rng, codes, language), language)


def axis_words(axis_deg: float, language: Language) -> str | None:
    """The name of a normal axis; None outside the normal range.

    >>> axis_words(45.0, "de"), axis_words(45.0, "en"), axis_words(120.0, "de")
    ('lagetyp normal', 'normal axis', None)
    """
    return next((words for low, high, words in _AXES[language] if low <= axis_deg < high), None)


def _phrase(rng: np.random.Generator, code: str, codes: Sequence[str], language: Language) -> list[str]:
    if code == "NORM":
        return []  # the summary says it
    statement = STATEMENTS[code]
    phrasings = statement.english if language == "en" else statement.german
    plain = code == "SR" and not set(codes) <= {"SR", "NORM"}  # "normal" would say too much
    words = phrasings[0] if plain else str(rng.choice(phrasings))
    if code in INFARCTS and "STEMI" not in codes:
        return [str(rng.choice(_OLD[language])).format(words)]
    return [words]


def _summary(rng: np.random.Generator, codes: Sequence[str], language: Language) -> list[str]:
    found = set(codes)
    if "NORM" in found:
        words = _NORMAL if found <= {"NORM", "SR"} else _OTHERWISE_NORMAL
        return [str(rng.choice(words[language]))]
    if found <= SINUS | ARTEFACTS | {"PAC"}:
        return list(_OTHERWISE_NORMAL[language]) if rng.random() < 0.5 else []
    return [str(rng.choice(_ABNORMAL[language]))] if rng.random() < 0.3 else []


def _joined(rng: np.random.Generator, phrases: list[str], language: Language) -> str:
    if language == "en":
        return ". ".join(phrases) + "."
    text = " ".join(phrases) if rng.random() < 0.35 else ". ".join(phrases)
    return transliterated(text) if rng.random() < 0.25 else text


def transliterated(text: str) -> str:
    """German without umlauts, as old machines write it.

    >>> transliterated("überdrehter linkstyp")
    'ueberdrehter linkstyp'
    """
    for letter, letters in (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("ß", "ss")):
        text = text.replace(letter, letters)
    return text
