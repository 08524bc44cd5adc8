"""The columns of a case: what each may be, and how it is read without fetching more than that."""

from typing import Final

COLUMNS: Final = "case_id, report, codes, age, sex, patient_id, source, fold, path, content_hash"
NAMES: Final = tuple(COLUMNS.split(", "))
KINDS: Final = (str, str, str, float, str, str, str, int, str, str)
MAY_BE_UNKNOWN: Final = (False, False, False, True, True, True, False, True, True, False)
MOST_BYTES: Final = dict.fromkeys(NAMES, 8200) | {"report": 4_000_000, "codes": 4_000_000}
"""A case_id is two names of 1,000 letters; a report a million of them."""
TOO_LONG: Final = b""
"""In the place of a value that is longer."""


def bounded(name: str) -> str:
    """The SQL of a column, which is never longer than it may be."""
    return f"CASE WHEN length(CAST({name} AS BLOB)) > {MOST_BYTES[name]} THEN x'' ELSE {name} END"


BOUNDED: Final = ", ".join(map(bounded, NAMES))


def shown(value: object) -> str:
    """A value for an error's line."""
    return "too long" if value == TOO_LONG else repr(str(value)[:40])
