"""The rows of a CSV file, however long or damaged it is: one row at a time, and none without a bound."""

import csv
from collections.abc import Iterator
from io import TextIOWrapper
from pathlib import Path
from typing import Final

from ecgclip.errors import RecordError
from ecgclip.files import open_regular

MOST_LETTERS: Final = 64 * 2**20
"""Of a row: twelve leads of an hour, written as text."""


class _Lines:
    """The lines of a file as the csv module takes them; it holds all lines of a row at once."""

    def __init__(self, file: TextIOWrapper, path: Path) -> None:
        self._file, self._path = file, path
        self._number, self._taken = 0, 0

    def __iter__(self) -> Iterator[str]:
        while line := self._file.readline(MOST_LETTERS - self._taken + 1):
            self._number += 1
            self._taken += len(line)
            if self._taken > MOST_LETTERS:
                raise RecordError(
                    f"{self._path}: the row at line {self._number} has more than {MOST_LETTERS >> 20} "
                    "million letters; expected a table of text (look for a quote that does not end)"
                )
            yield line

    def row_ended(self) -> None:
        self._taken = 0


def csv_rows(path: Path) -> Iterator[list[str]]:
    """The rows as lists of cells, the first row with the names of the columns among them; empty ones too.

    Damaged letters become marks. Errors: RecordError for what is no table, OSError for no regular file.
    """
    limit = csv.field_size_limit(MOST_LETTERS)
    try:
        # damaged letters are part of the reports; they must not stop the reading
        with TextIOWrapper(open_regular(path), "utf-8-sig", "replace", newline="") as file:
            lines = _Lines(file, path)
            for row in csv.reader(lines):
                lines.row_ended()
                yield row
    except csv.Error as error:
        raise RecordError(f"{path}: not a CSV table ({error}); copy it again") from error
    finally:
        csv.field_size_limit(limit)


def named_cells(path: Path) -> tuple[list[str], Iterator[dict[str, str]]]:
    """The names of the columns, and the other rows by these names; short rows are filled up with nothing."""
    rows = filter(None, csv_rows(path))
    names = next(rows, [])
    return names, (dict(zip(names, row + [""] * (len(names) - len(row)), strict=False)) for row in rows)
