"""Comment lines of WFDB headers in the dialects that exist."""

import pytest

from ecgclip.records.codes import statement_name
from ecgclip.records.header_notes import Notes, read_notes


@pytest.mark.parametrize(
    ("comments", "notes"),
    [
        (
            ["Age: 71", "Sex: Female", "Dx: 426177001,427393009", "Rx: Unknown"],
            Notes(71.0, "female", codes={"sinus bradycardia": 100.0, "sinus arrhythmia": 100.0}),
        ),
        (["Age: NaN", "Sex: Unknown", "Dx: Unknown"], Notes()),
        (["age: 81", "sex: male"], Notes(81.0, "male")),
        (["LABEL: NORM,STTC"], Notes(codes={"NORM": 100.0, "STTC": 100.0})),
        (["Labels: STTC, CD", "Image: x.png"], Notes(codes={"STTC": 100.0, "CD": 100.0})),
        (
            ["Report: sinus rhythm.", "Report: normal ecg: yes"],
            Notes(report="sinus rhythm. normal ecg: yes"),
        ),
        (["Patient ID: 17"], Notes(patient_id="17")),
        (["just a remark", ""], Notes()),
        (
            ["Dx: 164889003,999"],
            Notes(
                codes={"atrial fibrillation": 100.0, "999": 100.0},
                warnings=("unknown code '999' was kept as written",),
            ),
        ),
        (["Age: 300"], Notes(90.0, warnings=("age 300 means over 89; kept as 90",))),
        (
            ["Age: 301"],
            Notes(
                warnings=("age '301' was left out; expected years (or months, weeks, days) from 0 to 120",)
            ),
        ),
        (
            ["Age: old"],
            Notes(
                warnings=("age 'old' was left out; expected years (or months, weeks, days) from 0 to 120",)
            ),
        ),
        (["<age>: 81  <sex>: F"], Notes(81.0)),
        (["Age: 012D"], Notes(12 / 365.25)),
        (["Sex: x"], Notes(warnings=("sex 'x' was left out; expected female or male",))),
    ],
)
def test_notes(comments: list[str], notes: Notes) -> None:
    assert read_notes(comments) == notes


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("164889003", "atrial fibrillation"),
        ("STD", "st depression"),
        ("Normal", "sinus rhythm"),
        ("I-AVB", "1st degree av block"),
        ("67741000119109", "left atrial enlargement"),
        ("atrial flutter", "atrial flutter"),
        ("1648890", None),
        ("", None),
    ],
)
def test_snomed_names(written: str, name: str | None) -> None:
    assert statement_name(written) == name
