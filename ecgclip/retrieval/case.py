"""`Case`: a prior case as the index keeps it, described once.

The table on disk, the fields of a filter and the JSON of a match all follow from the `Column` of each field.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from math import isfinite
from typing import TYPE_CHECKING, Annotated, Final

from ecgclip.files import replace_surrogates

if TYPE_CHECKING:
    from ecgclip.records.ecg import Ecg


class Comparison(StrEnum):
    """How a filter compares the values of a field."""

    NUMBER = "number"
    TEXT = "text"
    SEX = "sex"
    CODE = "code"


@dataclass(frozen=True)
class Column:
    """How a field of a case is stored, filtered and shown.

    sql: its declaration in the table `cases`; a value may be unknown unless it says NOT NULL.
    comparison: how a filter compares it; None where no filter may use it. filter_name: its name in a filter.
    json_name: its key in a JSON document, None where it is not shown; digits: decimals of its numbers there.
    "" as a name stands for the name of the field. max_bytes: of a value in UTF-8.
    """

    sql: str
    comparison: Comparison | None = None
    filter_name: str = ""
    json_name: str | None = ""
    digits: int = 2
    max_bytes: int = 8200
    """The longest name is a case_id: two names of 1,000 letters, of up to four bytes each."""


_LONG: Final = 4_000_000
"""Bytes: a report of a million letters."""


@dataclass(frozen=True)
class Case:
    """A prior case of an index.

    A new field goes to the end, since the columns on disk stand in this order.

    Attributes:
        case_id: `<source>/<record name>`.
        report: The diagnosis report; empty where there is none.
        codes: Statement and its likelihood in percent.
        age: Years; None when unknown.
        sex: `female`, `male`, or None when unknown.
        patient_id: The source's own number of the patient; None when unknown.
        source: Where the record comes from, such as `ptbxl`.
        fold: Of a split by patients, from 1 on; None where the source has none.
        path: Where the record was read; a match shows it as `url_or_path`.
        content_hash: Of signal, report and metadata.
    """

    case_id: Annotated[str, Column("TEXT NOT NULL UNIQUE", Comparison.TEXT)]
    report: Annotated[str, Column("TEXT NOT NULL", Comparison.TEXT, max_bytes=_LONG)] = ""
    codes: Annotated[
        Mapping[str, float], Column("TEXT NOT NULL", Comparison.CODE, filter_name="code", max_bytes=_LONG)
    ] = field(default_factory=dict)
    age: Annotated[float | None, Column("REAL", Comparison.NUMBER, digits=1)] = None
    sex: Annotated[str | None, Column("TEXT", Comparison.SEX)] = None
    patient_id: Annotated[str | None, Column("TEXT", Comparison.TEXT)] = None
    source: Annotated[str, Column("TEXT NOT NULL", Comparison.TEXT)] = ""
    fold: Annotated[int | None, Column("INTEGER", Comparison.NUMBER, json_name=None)] = None
    path: Annotated[str | None, Column("TEXT", json_name="url_or_path")] = None
    content_hash: Annotated[str, Column("TEXT NOT NULL", json_name=None)] = ""

    @classmethod
    def of(cls, ecg: "Ecg", content_hash: str = "") -> "Case":
        """The case of a record; its path is made absolute."""
        return cls(
            ecg.case_id,
            ecg.report,
            dict(ecg.codes),
            ecg.age,
            ecg.sex,
            ecg.patient_id,
            ecg.source,
            ecg.fold,
            ecg.path and replace_surrogates(os.path.abspath(ecg.path)),
            content_hash,
        )

    def to_json(self) -> dict[str, object]:
        """What callers are shown, as plain values."""
        return {
            column.json_name or name: _plain(getattr(self, name), column.digits)
            for name, column in COLUMNS.items()
            if column.json_name is not None
        }


COLUMNS: Final[Mapping[str, Column]] = {one.name: one.type.__metadata__[0] for one in fields(Case)}  # type: ignore[union-attr]
"""The column of each field of a case, in the order of the table on disk."""


def json_number(value: float | None, digits: int) -> float | int | None:
    """A number that JSON can say: rounded, whole ones as integers, None for NaN and infinity."""
    if value is None or not isfinite(value):
        return None
    rounded = round(float(value), digits)
    return int(rounded) if rounded.is_integer() else rounded


def _plain(value: object, digits: int) -> object:
    match value:
        case Mapping():
            return {key: _plain(part, digits) for key, part in value.items()}
        case int() | float():
            return json_number(value, digits)
        case _:
            return value
