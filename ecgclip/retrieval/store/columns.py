"""The SQL of the table `cases`, from the fields of `Case`: its schema, and how rows are written and read."""

import json
from collections.abc import Mapping
from math import isfinite
from typing import Final

from ecgclip.retrieval.case import COLUMNS, Case, Column

TABLE: Final = "CREATE TABLE cases (\n    row INTEGER PRIMARY KEY, {})".format(
    ", ".join(f"{name} {column.sql}" for name, column in COLUMNS.items())
)
INSERT: Final = f"INSERT INTO cases (row, {', '.join(COLUMNS)}) VALUES ({','.join('?' * (len(COLUMNS) + 1))})"
"""Takes the number of a row and what `case_values` gives."""
_TYPES: Final[Mapping[str, type]] = {"TEXT": str, "REAL": float, "INTEGER": int}
_TOO_LONG: Final = b""
"""SQLite gives it in the place of a value that is longer than it may be."""


def bounded(name: str) -> str:
    """The SQL that reads a column without fetching a value that is longer than it may be."""
    return f"CASE WHEN length(CAST({name} AS BLOB)) > {COLUMNS[name].max_bytes} THEN x'' ELSE {name} END"


BOUNDED: Final = ", ".join(map(bounded, COLUMNS))
"""All columns, as `bounded`."""


def case_values(case: Case) -> tuple[object, ...]:
    """The values of a case as SQLite takes them, in the order of the columns."""
    return tuple(_stored(getattr(case, name)) for name in COLUMNS)


def type_of(column: Column) -> type:
    """The Python type of the values of a column."""
    return _TYPES[column.sql.split()[0]]


def is_valid(value: object, column: Column) -> bool:
    """Whether a value that SQLite gave is one that the column may hold."""
    if value is None:
        return "NOT NULL" not in column.sql
    return isinstance(value, type_of(column)) and not (isinstance(value, float) and not isfinite(value))


def shown(value: object) -> str:
    """A value for the line of an error."""
    return "too long" if value == _TOO_LONG else repr(str(value)[:40])


def _stored(value: object) -> object:
    """Statements become a JSON object in one text."""
    if not isinstance(value, Mapping):
        return value
    return json.dumps(dict(value), ensure_ascii=False, sort_keys=True, allow_nan=False)
