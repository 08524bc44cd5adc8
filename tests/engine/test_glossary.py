"""What people type, as the glossary reads it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecgclip.encoders.text import clean_report
from ecgclip.engine.glossary import Glossary, Language, NamedStatement, edits, shipped_glossary, sound

GLOSSARY = Glossary(
    (
        NamedStatement("AFIB", ("atrial fibrillation",), ("vorhofflimmern",), ("AF",)),
        NamedStatement("CLBBB", ("left bundle branch block",), ("linksschenkelblock",), ("LBBB", "LSB")),
        NamedStatement("2AVB", ("second degree av block",), ("av-block ii",), ()),
        NamedStatement("1AVB", ("first degree av block",), ("av-block i",), ()),
        NamedStatement("LNGQT", ("long qt interval",), ("qt-verlängerung",), ()),
        NamedStatement("", ("infarct",), ("infarkt",), ()),
    )
)
FIBRILLATION = ("atrial fibrillation", "vorhofflimmern")


def brute_force_edits(a: str, b: str) -> int:
    """Optimal string alignment by its definition."""
    if not a or not b:
        return len(a) + len(b)
    ways = [
        brute_force_edits(a[1:], b) + 1,
        brute_force_edits(a, b[1:]) + 1,
        brute_force_edits(a[1:], b[1:]) + (a[0] != b[0]),
    ]
    if a[:2] == b[1::-1] and len(a) > 1 and len(b) > 1:
        ways.append(brute_force_edits(a[2:], b[2:]) + 1)
    return min(ways)


@given(st.text("ab", max_size=5), st.text("ab", max_size=5), st.integers(0, 4))
def test_edits_are_those_of_the_definition(a: str, b: str, at_most: int) -> None:
    assert edits(a, b, at_most) == min(brute_force_edits(a, b), at_most + 1)


@pytest.mark.parametrize(
    "question",
    [
        "atrial fibrillation",
        "Vorhofflimmern",
        "AF",
        "af",
        "AFIB",
        "atrial fibrilation",
        "Vorhoflimern",
        "Vorhofflimmren",
    ],
)
def test_every_way_to_say_it_is_asked_alike(question: str) -> None:
    assert GLOSSARY.readings(question) == FIBRILLATION


@pytest.mark.parametrize(
    "question", ["QT-Verlängerung", "qt-verlaengerung", "qt verlÄngerung", "QT Verlangerung"]
)
def test_umlauts_however_typed(question: str) -> None:
    assert GLOSSARY.readings(question) == ("long qt interval", "qt-verlängerung")


def test_several_names_in_any_mixture_of_languages() -> None:
    both = ("atrial fibrillation, left bundle branch block", "vorhofflimmern, linksschenkelblock")
    assert GLOSSARY.readings("AF with LSB") == both
    assert GLOSSARY.readings("EKG: Vorhofflimmern und left bundle branch block") == both


def test_the_longest_name_counts_and_its_numbers() -> None:
    assert GLOSSARY.readings("AV-Block II")[0] == "second degree av block"
    assert GLOSSARY.readings("AV-Block I")[0] == "first degree av block"


def test_other_words_stay_as_they_are() -> None:
    assert GLOSSARY.readings("No infarct, ST in V1-V3") == ("no infarct, st in v1-v3",)
    assert GLOSSARY.readings("kein Infarkt") == ("kein infarkt",)
    assert GLOSSARY.readings("linksschenkelbock seit 2010") == ("linksschenkelblock seit 2010",)


def test_abbreviations_among_other_words_are_written_out() -> None:
    assert GLOSSARY.readings("fast AF") == ("fast atrial fibrillation", "fast vorhofflimmern")


@pytest.mark.parametrize("question", ["left", "right", "heft", "bundles", "artrial flutter", "?!", ""])
def test_what_is_no_name_is_not_taken_for_one(question: str) -> None:
    assert GLOSSARY.readings(question) == (clean_report(question) if question != "?!" else "",)


def test_shipped_names_mean_one_statement_each_and_every_one_is_found() -> None:
    glossary = shipped_glossary()
    for name in glossary.names:
        (piece,) = glossary.pieces(name.text)
        assert piece.name is not None, name
        assert piece.name.statement == name.statement, name


def test_usual_names_come_in_both_languages() -> None:
    for statement in shipped_glossary().statements:
        usual = tuple(statement.usual(language) for language in (Language.ENGLISH, Language.GERMAN))
        assert shipped_glossary().readings(usual[0]) == shipped_glossary().readings(usual[1]) == usual


def test_opposites_do_not_sound_alike() -> None:
    pairs = [("linksschenkelblock", "rechtsschenkelblock"), ("tachykardie", "bradykardie"), ("hyper", "hypo")]
    assert all(sound(a) != sound(b) for a, b in pairs)
    glossary = shipped_glossary()
    for a, b in pairs[:2]:
        assert glossary.readings(a) != glossary.readings(b)


@given(st.text(max_size=40))
def test_any_text_has_a_reading(question: str) -> None:
    assert 1 <= len(shipped_glossary().readings(question)) <= 2
