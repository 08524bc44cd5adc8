"""Every question is answered by the records that have or say what it asks for."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from ecgclip.training.text.questions import misspell, questions_of, word_sequences
from ecgclip.training.texts import LabelledText

REPORTS = [
    "sinus rhythm. left axis deviation",
    "Sinus rhythm, left axis",
    "left axis. sinus rhythm",
    "left axis",
] + ["nothing"] * 5
CODES = [("SR", "LAFB"), ("SR",), ("SR", "LAFB"), ("LAFB",)] + [()] * 5
NAMES = [
    LabelledText("Sinus Rhythm", ("SR",)),
    LabelledText("hemiblock", ("LAFB",)),
    LabelledText("none", ("X",)),
]
QUESTIONS = questions_of(REPORTS, CODES, NAMES)


def test_names_are_answered_by_the_records_with_the_statement() -> None:
    assert {one.text: one.rows.tolist() for one in QUESTIONS.names} == {
        "sinus rhythm": [0, 1, 2],
        "hemiblock": [0, 2, 3],
    }


def test_pieces_are_answered_by_the_records_that_say_them() -> None:
    found = {one.text: one.rows.tolist() for one in QUESTIONS.pieces}
    # "sinus rhythm" is said by three records, one too few; "nothing" by more than half of them
    assert found == {"left": [0, 1, 2, 3], "axis": [0, 1, 2, 3], "left axis": [0, 1, 2, 3]}
    assert list(found) == ["axis", "left", "left axis"]  # the same in every process, as draws follow it


@given(st.integers(0, 1000))
def test_what_is_drawn_is_answered_by_its_words(seed: int) -> None:
    rng = np.random.default_rng(seed)
    answered = {"sinus rhythm": "SR", "hemiblock": "LAFB"}
    for one in QUESTIONS.draw(8, names_share=1.0, misspelt=0.0, rng=rng):
        asked = {code for name, code in answered.items() if name in one.text}
        assert asked
        assert one.rows.tolist() == [row for row, codes in enumerate(CODES) if asked <= set(codes)]


def test_the_same_seed_draws_the_same() -> None:
    drawn = [QUESTIONS.draw(20, 0.5, 0.5, np.random.default_rng(3)) for _ in range(2)]
    assert [one.text for one in drawn[0]] == [one.text for one in drawn[1]]


@given(st.text("abc ", max_size=12), st.integers(0, 99))
def test_misspelling_changes_one_letter(text: str, seed: int) -> None:
    from ecgclip.engine.glossary import edits

    assert edits(text, misspell(text, np.random.default_rng(seed)), 3) <= 1


def test_most_long_words_are_misspelt_when_asked_for() -> None:
    spelt = [misspell("hypertrophy", np.random.default_rng(seed)) for seed in range(20)]
    assert sum(word != "hypertrophy" for word in spelt) >= 15


@given(st.lists(st.sampled_from("abcd"), max_size=8))
def test_word_sequences_are_the_runs_of_up_to_five(words: list[str]) -> None:
    runs = {
        " ".join(words[i:j]) for i in range(len(words)) for j in range(i + 1, len(words) + 1) if j - i <= 5
    }
    assert word_sequences(words) == runs
