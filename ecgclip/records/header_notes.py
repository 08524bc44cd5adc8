"""What the comment lines of a WFDB header say about the patient and the diagnosis."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from ecgclip.records.codes import statement_name
from ecgclip.records.people import NOTHING, read_age, read_sex


@dataclass(frozen=True)
class Notes:
    """Patient and diagnosis as the header has them; what it does not say is empty."""

    age: float | None = None
    sex: str | None = None
    report: str = ""
    codes: Mapping[str, float] = field(default_factory=dict)
    patient_id: str | None = None
    warnings: tuple[str, ...] = ()


def read_notes(comments: Iterable[str]) -> Notes:
    """Read `Age: 56`, `Sex: Female`, `Dx: 164889003,AF`, `Labels: NORM, CD`, `Report: …`, in any case.

    Dx: SNOMED codes or abbreviations, named through the Challenge's table; an unknown one is kept as
    written, with a warning. Labels are kept as written. Likelihoods are 100.

    >>> read_notes(["Age: 56", "Sex: F", "Dx: 164889003"]).codes
    {'atrial fibrillation': 100.0}
    """
    fields = _fields(comments)
    warnings: list[str] = []
    codes = _statements(fields.get("dx", ""), statement_name, warnings)
    labels = fields.get("labels", fields.get("label", ""))
    codes |= _statements(labels, lambda label: label, warnings)
    return Notes(
        age=read_age(fields.get("age", ""), warnings),
        sex=read_sex(fields.get("sex", fields.get("gender", "")), warnings),
        report=fields.get("report", ""),
        codes=codes,
        patient_id=fields.get("patient", fields.get("patient_id", fields.get("subject_id"))),
        warnings=tuple(warnings),
    )


def _fields(comments: Iterable[str]) -> dict[str, str]:
    """Key in lower case -> text; a report may go over several lines, of any other key the first counts."""
    fields: dict[str, str] = {}
    for comment in comments:
        written, _, text = (part.strip(" \t#<>") for part in comment.partition(":"))
        key = written.lower().replace(" ", "_")
        if text.lower() in NOTHING:
            continue
        if key == "report" and key in fields:
            fields[key] += " " + text
        else:
            fields.setdefault(key, text)
    return fields


def _statements(text: str, name_of: Callable[[str], str | None], warnings: list[str]) -> dict[str, float]:
    codes: dict[str, float] = {}
    for written in filter(None, map(str.strip, re.split(r"[,;|]", text))):
        name = name_of(written)
        if name is None:
            warnings.append(f"unknown code {written[:60]!r} was kept as written")
        codes[name or written] = 100.0
    return codes
