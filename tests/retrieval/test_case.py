"""What follows from the fields of a case: the schema on disk, the fields of a filter, the JSON of a match."""

import sqlite3
from contextlib import closing
from dataclasses import fields

import numpy as np
import pytest

from ecgclip.retrieval.case import Case, json_number
from ecgclip.retrieval.store.columns import INSERT, case_values
from ecgclip.retrieval.store.comparison import FIELDS
from ecgclip.retrieval.store.database import SCHEMA

FORMAT_2 = """
CREATE TABLE cases (
    row INTEGER PRIMARY KEY, case_id TEXT NOT NULL UNIQUE, report TEXT NOT NULL, codes TEXT NOT NULL,
    age REAL, sex TEXT, patient_id TEXT, source TEXT NOT NULL, fold INTEGER, path TEXT,
    content_hash TEXT NOT NULL);
CREATE INDEX cases_by_patient ON cases (patient_id);
CREATE TABLE traces (row INTEGER PRIMARY KEY, millivolts BLOB NOT NULL);
"""
WHOLE = Case("s/1", "report", {"SR": 0.0, "AFIB": 33.333}, 61.25, "male", "p", "s", 3, "/data/1", "hash")


def test_the_schema_is_that_of_format_2() -> None:
    """Other hands write it, and every index of before has it."""
    assert SCHEMA.split() == FORMAT_2.split()


def test_a_filter_may_name_these_fields() -> None:
    assert set(FIELDS) == {"sex", "age", "source", "patient_id", "fold", "report", "code", "case_id"}


def test_the_json_has_these_values_in_this_order() -> None:
    assert list(WHOLE.to_json().items()) == [
        ("case_id", "s/1"),
        ("report", "report"),
        ("codes", {"SR": 0, "AFIB": 33.33}),
        ("age", 61.2),
        ("sex", "male"),
        ("patient_id", "p"),
        ("source", "s"),
        ("url_or_path", "/data/1"),
    ]
    assert Case("s/2").to_json()["age"] is None


def test_the_values_are_those_of_the_fields_in_their_order() -> None:
    with closing(sqlite3.connect(":memory:")) as db:
        db.executescript(SCHEMA)
        db.execute(INSERT, (0, *case_values(WHOLE)))
        names = ", ".join(field.name for field in fields(Case))
        found = db.execute(f"SELECT {names} FROM cases").fetchone()
    codes = '{"AFIB": 33.333, "SR": 0.0}'
    assert found == ("s/1", "report", codes, 61.25, "male", "p", "s", 3, "/data/1", "hash")


@pytest.mark.parametrize(
    ("value", "shown"),
    [(None, None), (np.nan, None), (np.inf, None), (np.float32(2), 2), (0.126, 0.13), (-0.001, 0)],
)
def test_numbers_as_json_says_them(value: float | None, shown: float | None) -> None:
    assert json_number(value, 2) == shown
