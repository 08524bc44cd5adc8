"""Filters against a plain Python reading of the same filter, over made cases."""

import sqlite3
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecgclip.errors import FilterError
from ecgclip.retrieval.case import Case
from ecgclip.retrieval.store.cases import CaseStore
from ecgclip.retrieval.store.columns import INSERT, case_values
from ecgclip.retrieval.store.database import SCHEMA
from ecgclip.retrieval.store.where import MAX_DEPTH, MAX_LENGTH, compile_where

CASES = [
    Case("a/1", "sinus rhythm. normal ecg", {"NORM": 100.0, "SR": 0.0}, 30.0, "female", "11", "a", 1, "x"),
    Case("a/2", "Vorhofflimmern. LINKSTYP", {"AFIB": 100.0}, 61.0, "male", "12", "a", 9),
    Case("b/1", "überdrehter rechtstyp", {}, None, None, None, "b"),
    Case("b/2", "flutter' OR 1=1 --", {"AFLT": 50.0, "AFIB": 15.0}, 60.0, "female", "11", "b", 9),
]


def store(folder: Path) -> CaseStore:
    path = folder / "cases.sqlite"
    db = sqlite3.connect(path)
    db.executescript(SCHEMA)
    rows = [(row, *case_values(case)) for row, case in enumerate(CASES)]
    db.executemany(INSERT, rows)
    db.executemany("INSERT INTO traces VALUES (?, zeroblob(8000))", [(row,) for row in range(len(CASES))])
    db.commit()
    db.close()
    with path.open("rb") as file:
        return CaseStore(path, file.fileno(), len(CASES))


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return store(tmp_path_factory.mktemp("cases"))


def found(made: CaseStore, expression: str) -> list[int]:
    return made.allowed(compile_where(expression)).nonzero()[0].tolist()


@pytest.mark.parametrize(
    ("expression", "rows"),
    [
        ('sex = "female" and age > 60', []),
        ('sex = "female" and age >= 60', [3]),
        ("sex = F", [0, 3]),
        ("sex != female", [1, 2]),
        ("not sex = female", [1, 2]),
        ("age < 61", [0, 3]),
        ("not age < 61", [1, 2]),
        ("age = unknown", [2]),
        ("age != unknown and fold == 9", [1, 3]),
        ("age <> 61", [0, 2, 3]),
        ("source in (b, c)", [2, 3]),
        ("source not in (b)", [0, 1]),
        ("patient_id = 11", [0, 3]),
        ("code = afib", [1, 3]),
        ("code != AFIB", [0, 2]),
        ('code in (AFLT, "NORM")', [0, 3]),
        ("code in (afib, nothing, Norm)", [0, 1, 3]),
        ("code not in (afib, norm)", [2]),
        ("code ~ AFL", [3]),
        ("report ~ 'ÜBERDREHTER'", [2]),
        ("report ~ linkstyp or age = 30 and sex = male", [1]),
        ("(report ~ linkstyp or age = 30) and sex = male", [1]),
        ("(report ~ linkstyp or age = 30) and (not (sex = male))", [0]),
        ('report = "flutter\' OR 1=1 --"', [3]),
        ("case_id = b/1", [2]),
        ("AGE > 1 AND NOT FOLD IN (1)", [1, 3]),
    ],
)
def test_finds_the_cases_it_says(made, expression, rows):
    assert found(made, expression) == rows


@pytest.mark.parametrize(
    ("expression", "says"),
    [
        ("agee > 3", "did you mean age"),
        ("", "is empty"),
        ("age >", "the filter ends too early; expected a value"),
        ("age > old", "'old'; expected a number"),
        ("age > unknown", "expected = or !="),
        ("age ~ 3", "compares age by ~"),
        ("sex < 3", "compares sex by <"),
        ("sex = femal", "expected female, male or unknown"),
        ("(age > 3", "the filter ends too early; expected )"),
        ("age > 3)", "')' at character 8; expected and, or"),
        ("age > 3 sex = male", "'sex' at character 9"),
        ("and age > 3", "expected a field"),
        ("age in 3", "expected ("),
        ("age in (3 4)", "'4' at character 11; expected )"),
        ("age not 3", "expected in"),
        ('report ~ "open', "at character 10"),
        ("age > 3; drop table cases", "';"),
        ("(" * 60 + "age > 3" + ")" * 60, "deeper than 50"),
        ("not " * 60 + "age > 3", "deeper than 50"),
        ("age > 3 or " * 400 + "age > 3", "at most 4000"),
    ],
)
def test_what_is_not_understood_is_named_in_one_line(expression, says):
    with pytest.raises(FilterError) as raised:
        compile_where(expression)
    assert says in str(raised.value)
    assert "\n" not in str(raised.value)


def test_the_longest_chain_runs(made):
    assert found(made, "age>3 or " * 443 + "age>3") == [0, 1, 3]
    assert found(made, f"fold in ({','.join('1' * 1900)})") == [0]
    assert found(made, f"fold not in ({','.join('1' * 1900)})") == [1, 2, 3]


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=60))
def test_any_text_is_a_filter_or_a_filter_error(made, text):
    with suppress(FilterError):
        made.allowed(compile_where(text))


LEAVES = {
    "age > 40": lambda case: case.age is not None and case.age > 40,
    "sex = female": lambda case: case.sex == "female",
    "fold != 9": lambda case: case.fold != 9,
    "code = AFIB": lambda case: "AFIB" in case.codes,
    "report ~ sinus": lambda case: "sinus" in case.report,
}
TREES = st.recursive(
    st.sampled_from(sorted(LEAVES)).map(lambda leaf: (leaf, LEAVES[leaf])),
    lambda inner: st.one_of(
        inner.map(lambda a: (f"not ({a[0]})", lambda case: not a[1](case))),
        st.tuples(inner, inner).map(
            lambda ab: (f"({ab[0][0]}) and ({ab[1][0]})", lambda case: ab[0][1](case) and ab[1][1](case))
        ),
        st.tuples(inner, inner).map(
            lambda ab: (f"({ab[0][0]} or {ab[1][0]})", lambda case: ab[0][1](case) or ab[1][1](case))
        ),
    ),
    max_leaves=8,
)


@settings(max_examples=100, deadline=None)
@given(TREES)
def test_any_tree_agrees_with_python(made, tree):
    expression, meaning = tree
    assert found(made, expression) == [row for row, case in enumerate(CASES) if meaning(case)]


NESTS = st.lists(st.sampled_from(["not", "(", "and", "or"]), min_size=1, max_size=200)


@settings(max_examples=150, deadline=None)
@given(NESTS, st.lists(st.sampled_from(sorted(LEAVES)), min_size=1, max_size=3), st.booleans())
def test_whatever_nests_as_deep_as_is_accepted_agrees_with_python(made, steps, leaves, leans_left):
    """From the inside out, until the next step would go beyond the limit of depth or of length."""
    expression, depth, meaning = leaves[0], 1, LEAVES[leaves[0]]
    for place, step in enumerate(steps):
        leaf = leaves[place % len(leaves)]
        other, inner = LEAVES[leaf], meaning
        match step:
            case "not":
                longer, meaning = f"not ({expression})", lambda case, a=inner: not a(case)
            case "(":
                longer = f"({expression})"
            case "and":
                longer = f"({expression}) and {leaf}" if leans_left else f"{leaf} and ({expression})"
                meaning = lambda case, a=inner, b=other: a(case) and b(case)
            case _:
                longer = f"({expression}) or {leaf}" if leans_left else f"{leaf} or ({expression})"
                meaning = lambda case, a=inner, b=other: a(case) or b(case)
        depth += 2 if step == "not" else 1
        if depth > MAX_DEPTH or len(longer) > MAX_LENGTH:
            break
        expression = longer
        assert found(made, expression) == [row for row, case in enumerate(CASES) if meaning(case)]


@pytest.mark.parametrize("leaf", ["age > 40", "code ~ afib", "report ~ 'x'", "fold not in (1, 2, 3)"])
@pytest.mark.parametrize(
    ("opening", "closing"),
    [
        ("not ", ""),
        ("not (", ")"),
        ("(", ")"),
        ("age > 3 and (sex = m or (", "))"),
        ("age > 3 or (not (sex = m and (", ")))"),
        ("(code in (AFIB, AFLT) and not (", ") or age = 3)"),
        ("not (code = x or ", ")"),
    ],
)
def test_every_filter_that_is_accepted_runs(made, opening, closing, leaf):
    """To the last level that the parser takes, and one more is refused by name."""
    runs = 0
    for levels in range(1, MAX_DEPTH + 2):
        expression = opening * levels + leaf + closing * levels
        try:
            condition = compile_where(expression)
        except FilterError as error:
            refused = str(error)
            break
        made.allowed(condition)
        runs += 1
    assert runs >= 12
    assert f"deeper than {MAX_DEPTH}" in refused


def test_a_wide_filter_within_a_deep_one_runs(made):
    wide = " or ".join(["age > 3"] * 250)
    deep = 40
    assert found(made, "not (age < 0 or " * (deep // 2) + wide + ")" * (deep // 2)) == [0, 1, 3]


def test_a_negation_of_a_negation_is_the_condition_itself():
    assert compile_where("not not age > 3") == compile_where("age > 3")
    assert compile_where("not " * 49 + "age > 3") == compile_where("not age > 3")


def test_cases_come_back_as_they_went_in(made):
    assert list(made) == CASES
    assert made.get("b/1") == CASES[2]
    assert made.get("b/9") is None
    assert made.ids([3, 0]) == {0: "a/1", 3: "b/2"}
