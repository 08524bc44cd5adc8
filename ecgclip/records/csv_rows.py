"""The rows of a CSV file, however long or damaged it is: one row at a time, and none without a bound."""

import csv
import os
import re
from collections.abc import Collection, Iterator
from io import TextIOWrapper
from itertools import islice
from pathlib import Path
from sys import getsizeof
from typing import Final, TextIO

from ecgclip.errors import RecordError
from ecgclip.files import open_regular

MOST_LETTERS: Final = 64 * 2**20
"""Of a row: twelve leads of an hour, written as text."""
_MOST_CELLS: Final = 10_000
"""Of a row; a cell takes more memory than the comma that makes it."""
_UNSUSPICIOUS: Final = 2**29  # bytes that the rows of any file may take
_MOST_TIMES: Final = 20  # as much as the file; those of real tables take twice
_BYTES_A_ROW: Final = 200
_QUOTED: Final = r'[^"]*+(?:""[^"]*+)*+(?:"[^,]*+|\Z)'
_CELL: Final = re.compile(rf'(?!\Z)(?:"{_QUOTED}|[^,]*+)(?:,|\Z)')
_REST: Final = re.compile(rf"{_QUOTED}(?:,|\Z)")


class _Lines:
    """The lines of a file as the csv module takes them; it holds all lines and cells of a row at once."""

    def __init__(self, file: TextIO, path: Path) -> None:
        self._file, self._path = file, path
        self._number, self._taken, self._cells = 0, 0, 0

    def __iter__(self) -> Iterator[str]:
        while line := self._file.readline(MOST_LETTERS - self._taken + 1):
            self._number += 1
            # what goes on after the first line of a row is a quoted cell
            self._cells += _cells(line, inside=self._taken > 0)
            self._taken += len(line)
            if self._taken > MOST_LETTERS:
                self._refuse(f"{MOST_LETTERS >> 20} million letters")
            if self._cells > _MOST_CELLS:
                self._refuse(f"{_MOST_CELLS} cells")
            yield line

    def row_ended(self) -> None:
        self._taken, self._cells = 0, 0

    def _refuse(self, what: str) -> None:
        raise RecordError(
            f"{self._path}: the row at line {self._number} has more than {what}; expected a table of text "
            "(look for a quote that does not end)"
        )


def _cells(line: str, *, inside: bool) -> int:
    """How many cells of a row a line begins, counted no further than is of interest."""
    if '"' not in line:
        return 0 if inside else line.count(",")
    rest = _REST.match(line) if inside else None
    return sum(1 for _ in islice(_CELL.finditer(line, rest.end() if rest else 0), _MOST_CELLS + 1))


def csv_rows(path: Path) -> Iterator[list[str]]:
    """The rows as lists of cells, the first row with the names of the columns among them; empty ones too.

    Damaged letters become marks. Errors: RecordError for what is no table, OSError for no regular file.
    """
    # damaged letters are part of the reports; they must not stop the reading
    with TextIOWrapper(open_regular(path), "utf-8-sig", "replace", newline="") as file:
        yield from rows_of_text(file, path)


def rows_of_text(file: TextIO, path: Path, cell: int = MOST_LETTERS) -> Iterator[list[str]]:
    """`csv_rows` of a text with its own ends of lines; path: for errors; cell: the most letters of one."""
    limit = csv.field_size_limit(cell)
    try:
        lines = _Lines(file, path)
        for row in csv.reader(lines):
            lines.row_ended()
            yield row
    except csv.Error as error:
        words = f"not a CSV table ({error}); look for a quote that does not end, or copy it again"
        raise RecordError(f"{path}: {words}") from error
    finally:
        csv.field_size_limit(limit)


def named_cells(rows: Iterator[list[str]], wanted: Collection[str]) -> Iterator[dict[str, str]]:
    """The rows after that of the names, by these names; what a short row lacks is nothing.

    >>> list(named_cells(iter([["id", "b", "report"], [], ["1"]]), ["id", "report"]))
    [{'id': '1', 'report': ''}]
    """
    rows = filter(None, rows)
    places = {name: at for at, name in enumerate(next(rows, [])) if name in wanted}
    for row in rows:
        yield {name: row[at] if at < len(row) else "" for name, at in places.items()}


def column_names(path: Path) -> list[str]:
    """The names in the first row that holds anything."""
    return next(filter(None, csv_rows(path)), [])


def kept_rows(path: Path, wanted: Collection[str]) -> Iterator[dict[str, str]]:
    """The cells of the wanted columns, to be kept; RecordError before they fill the memory."""
    size, taken = os.stat(path).st_size, 0
    for cells in named_cells(csv_rows(path), wanted):
        taken += _BYTES_A_ROW + sum(map(getsizeof, cells.values()))
        if taken > max(_UNSUSPICIOUS, _MOST_TIMES * size):
            raise RecordError(
                f"{path}: {size} bytes whose rows take {taken / 2**30:.2g} GiB; expected longer rows "
                "(made to fill the memory?)"
            )
        yield cells
