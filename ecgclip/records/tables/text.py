"""Tables as text (CSV): any separator, encoding and ends of lines, however long or damaged the file is.

pandas takes the cells apart, some whole rows at a time. It sets no bound on a row, so that a quote which does
not end makes one of the whole file, and fills short rows up to the width of the longest. Where rows end, and
how long and wide they are, is therefore found here first.
"""

import codecs
import csv
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from io import StringIO, TextIOWrapper
from itertools import islice
from pathlib import Path
from typing import Final, TextIO

from ecgclip.errors import RecordError
from ecgclip.files import open_regular

MOST_LETTERS: Final = 64 * 2**20
"""Longest row in letters: twelve leads of an hour, written as text."""
_MOST_CELLS: Final = 10_000
"""Most cells of a row: a cell takes more memory than its separator."""
_BLOCK_LETTERS: Final = 2**20
"""Letters of the rows that pandas parses at once, unless a single row is longer."""
_BLOCK_CELLS: Final = 2**22
"""Most cells of a block, including those that fill up short rows."""
_WIDE: Final = 1000
"""Cells of a row. pandas takes a microsecond for each before it reads a row: the csv module is quicker."""
_SEPARATORS: Final = ",;\t|"
_UTF_16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_CODE_PAGE: Final = "ecgclip.cp1252"


@dataclass(frozen=True)
class TextTable:
    """A table whose first row that holds anything names the columns; '' where a name is blank."""

    path: Path
    separator: str
    names: tuple[str, ...]

    def rows(self, wanted: Collection[str]) -> Iterator[dict[str, str]]:
        """The cells of some columns by their names; '' for what a short row lacks. Empty lines are no rows.

        Errors: RecordError for a row without end or with more cells than columns, of which nobody knows which
        cell was meant to be of which column; OSError for what is no regular file.
        """
        places = {name: place for place, name in enumerate(self.names) if name in wanted}
        with _opened(self.path) as file:
            rows = _Rows(file, self.path, self.separator)
            rows.header()
            rows.columns = len(self.names)
            for text, width in rows.blocks():
                yield from _cells(text, width, self.separator, places)


def open_text_table(path: Path) -> TextTable:
    """Read the names of the columns; the separator is the one that they have most of."""
    with _opened(path) as file:
        rows = _Rows(file, path)
        line = rows.header()
    try:
        names = next(csv.reader(StringIO(line, newline=""), delimiter=rows.separator or _SEPARATORS[0]), [])
    except csv.Error as error:
        raise RecordError(f"{path}: the names of its columns cannot be read ({error})") from error
    return TextTable(path, rows.separator, tuple(names))


def _opened(path: Path) -> TextIO:
    """UTF-16 where the file begins so; else UTF-8, and what is none of it as Windows wrote it (cp1252)."""
    file = open_regular(path)
    wide = file.read(2) in _UTF_16
    file.seek(0)
    codecs.register_error(_CODE_PAGE, _from_code_page)
    encoding, errors = ("utf-16", "replace") if wide else ("utf-8-sig", _CODE_PAGE)
    return TextIOWrapper(file, encoding, errors, newline="")


def _from_code_page(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end


class _Rows:
    """The rows of a text: lines that an open quote holds together are one.

    separator: '' = to be found; columns: no row may have more cells, but for blank ones behind its last.
    """

    def __init__(self, file: TextIO, path: Path, separator: str = "") -> None:
        self._file, self._path, self.separator = file, path, separator
        self._number = 0
        self.columns = _MOST_CELLS

    def header(self) -> str:
        """The first row that holds anything; '' where none does."""
        return next((text for text, _ in self._rows()), "")

    def blocks(self) -> Iterator[tuple[str, int]]:
        """Some rows after those that were read, as one text, and how many cells the widest has."""
        block: list[str] = []
        letters = width = 0
        for text, cells in self._rows():
            if cells > self.columns:
                self._check_beyond(text)
            filled = max(width, cells) * (len(block) + 1)
            if block and (letters > _BLOCK_LETTERS or filled > _BLOCK_CELLS):
                yield "".join(block), width
                block, letters, width = [], 0, 0
            block.append(text)
            letters, width = letters + len(text), max(width, cells)
        if block:
            yield "".join(block), width

    def _rows(self) -> Iterator[tuple[str, int]]:
        """A row and how many cells it has; RecordError for one that is too long, too wide or does not end."""
        row, letters, cells, inside = StringIO(newline=""), 0, 1, False
        while line := self._file.readline(MOST_LETTERS - letters + 1):
            self._number += 1
            if not inside and not line.strip(" \r\n"):
                continue
            self.separator = self.separator or _separator_of(line)
            further, inside = _cells_of(line, self.separator, inside=inside)
            letters, cells = letters + len(line), cells + further
            if letters > MOST_LETTERS:
                self._refuse(f"has more than {MOST_LETTERS >> 20} million letters")
            if cells > _MOST_CELLS:
                self._refuse(f"has more than {_MOST_CELLS} cells")
            row.write(line)
            if not inside:
                yield row.getvalue(), cells
                row, letters, cells = StringIO(newline=""), 0, 1
        if inside:
            self._refuse("does not end")

    def _check_beyond(self, text: str) -> None:
        (row,) = _rows_by_csv(text, self.separator) or [[]]
        if any(map(str.strip, row[self.columns :])):
            raise RecordError(
                f"{self._path}: the row at line {self._number} has {len(row)} cells; expected "
                f"{self.columns}, one a column; put cells with {self.separator!r} in them between quotes"
            )

    def _refuse(self, what: str) -> None:
        raise RecordError(
            f"{self._path}: the row at line {self._number} {what}; expected a table of text "
            "(look for a quote that does not end, or copy it again)"
        )


def _separator_of(line: str) -> str:
    """The separator that the names of the columns have most of.

    >>> [_separator_of(line) for line in ("id;path;'a,b'", 'path', '"a;b",c', "a\\tb")]
    [';', ',', ',', '\\t']
    """
    bare = re.sub(r'"[^"]*"?', "", line)
    return max(_SEPARATORS, key=bare.count)


def _cells_of(line: str, separator: str, *, inside: bool) -> tuple[int, bool]:
    """How many cells a line adds to its row, and whether it ends inside a quoted one, as it may begin."""
    if '"' not in line:
        return 0 if inside else line.count(separator), inside
    cell, rest = _patterns(separator)
    begun = rest.match(line) if inside else None
    cells = list(islice(cell.finditer(line, begun.end() if begun else 0), _MOST_CELLS + 1))
    last = cells[-1] if cells else begun
    return len(cells) - (not inside), bool(last and last["open"] is not None)


@cache
def _patterns(separator: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """A cell with the separator behind it, and the rest of a quoted one; `open`: no quote ends it."""
    quoted = rf'[^"]*+(?:""[^"]*+)*+(?:"[^{re.escape(separator)}]*+|(?P<open>\Z))'
    end = rf"(?:{re.escape(separator)}|\Z)"
    return re.compile(rf'(?!\Z)(?:"{quoted}|[^{re.escape(separator)}]*+){end}'), re.compile(f"{quoted}{end}")


def _cells(text: str, width: int, separator: str, places: Mapping[str, int]) -> Iterator[dict[str, str]]:
    """The rows of a text whose widest has so many cells; places: name -> the number of its column."""
    there = {name: place for name, place in places.items() if place < width}
    # pandas is slow where rows are wide, and before 3.0 it ends a cell at a NUL without a word
    take = _columns_by_csv if width > _WIDE or "\0" in text else _columns
    columns = take(text, width, separator, sorted({0, *there.values()}))
    for row in range(len(columns[0])):
        yield {name: columns[place][row] if place in columns else "" for name, place in places.items()}


def _columns(text: str, width: int, separator: str, wanted: list[int]) -> dict[int, list[str]]:
    """Number of a column -> its cells."""
    import pandas as pd

    names = separator.join(map(str, range(width)))
    frame = pd.read_csv(
        StringIO(f"{names}\n{text}", newline=""),
        sep=separator,
        usecols=wanted,
        index_col=False,
        dtype=str,
        na_filter=False,
    )
    return {place: frame[str(place)].tolist() for place in wanted}


def _columns_by_csv(text: str, width: int, separator: str, wanted: list[int]) -> dict[int, list[str]]:
    rows = _rows_by_csv(text, separator)
    return {place: [row[place] if place < len(row) else "" for row in rows] for place in wanted}


def _rows_by_csv(text: str, separator: str) -> list[list[str]]:
    limit = csv.field_size_limit(MOST_LETTERS)
    try:
        return [row for row in csv.reader(StringIO(text, newline=""), delimiter=separator) if row]
    finally:
        csv.field_size_limit(limit)
