"""A table in a file, whichever it is by its content: text (CSV), Excel or Parquet; in bounded memory."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from sys import getsizeof
from typing import Any, Final

import numpy as np

from ecgclip.errors import RecordError
from ecgclip.files import head_of
from ecgclip.records.filetypes import FileType, explain, file_type
from ecgclip.records.tables.excel import excel_names, excel_rows
from ecgclip.records.tables.numbers import read_numbers
from ecgclip.records.tables.parquet import cells_of, parquet_names, rows_of
from ecgclip.records.tables.text import open_text_table
from ecgclip.typing import Float32s

TABLES: Final = "a table (.csv, .xlsx or .parquet)"
_PARQUET: Final = (".parquet", ".pq")
_PLACE: Final = "\0place"  # no column can be called so: where a Parquet row lies
_UNSUSPICIOUS: Final = 2**29  # bytes that the rows of any file may take
_MOST_TIMES: Final = 20  # as much as the file; those of real tables take twice
_BYTES_A_ROW: Final = 200

Row = dict[str, Any]
"""Name of a column -> its cell: text, of Parquet also numbers, lists and dictionaries."""


def column_names(path: Path) -> list[str]:
    """The names of a table's columns; RecordError for what is no table."""
    with _opened(path) as kind:
        match kind:
            case FileType.PARQUET:
                return parquet_names(path)
            case FileType.EXCEL:
                return excel_names(path)
            case _:
                return [*open_text_table(path).names]


def table_rows(path: Path, wanted: Collection[str], arrays: Collection[str] = ()) -> Iterator[Row]:
    """The cells of the wanted columns and those that hold samples, which `samples_of` takes out.

    arrays: columns that hold samples; those of a Parquet table stay on disk.
    Errors: RecordError for what is no table, and for rows before they fill the memory.
    """
    with _opened(path) as kind:
        match kind:
            case FileType.PARQUET:
                names = [name for name in parquet_names(path) if name in wanted and name not in arrays]
                yield from ({**cells, _PLACE: place} for place, cells in rows_of(path, names))
            case FileType.EXCEL:
                yield from _counted(path, excel_rows(path, {*wanted, *arrays}))
            case _:
                yield from _counted(path, open_text_table(path).rows({*wanted, *arrays}))


def samples_of(path: Path, columns: Sequence[str], row: Mapping[str, Any]) -> dict[str, Float32s]:
    """One row's samples, float32 [lead, sample] or [sample], by column."""
    if _PLACE not in row:
        return {name: _from_text(row[name], name) for name in columns}
    import pyarrow as pa

    try:
        cells = cells_of(path, row[_PLACE], columns)
    except (pa.ArrowException, OSError, StopIteration) as error:
        words = str(error)[:120] or "a damaged row group"
        raise RecordError(f"its samples cannot be read ({words}); copy the table again") from error
    return {name: _from_arrow(cell, name) for name, cell in cells.items()}


@contextmanager
def _opened(path: Path) -> Iterator[FileType | None]:
    """The kind of a table; what the libraries raise on damaged bytes becomes one line with the path in it."""
    damage: tuple[type[Exception], ...] = (ValueError, OverflowError)  # also names that are no UTF-8
    kind = None
    try:
        kind = _kind(path)
        if kind is FileType.PARQUET:
            import pyarrow as pa

            damage += (pa.ArrowException,)
        yield kind
    except OSError as error:
        raise RecordError(f"{path}: cannot be read ({error.strerror or error}); check the file") from error
    except damage as error:
        name = "Parquet table" if kind is FileType.PARQUET else "table"
        raise RecordError(f"{path}: not a {name} ({str(error)[:120]}); copy it again") from error


def _kind(path: Path) -> FileType | None:
    """The kind of a table by its content, else by its suffix; RecordError for another kind of file."""
    head = head_of(path)
    kind = file_type(head, path.name)
    if kind is None and path.suffix.lower() in _PARQUET:
        return FileType.PARQUET  # damaged: what reads it says how
    if kind in (FileType.PARQUET, FileType.EXCEL, FileType.TEXT, FileType.EMPTY, None):
        return kind
    raise RecordError(explain(str(path), head, TABLES) or "")


def _counted(path: Path, rows: Iterator[Row]) -> Iterator[Row]:
    """The same rows, to be kept; RecordError before they fill the memory."""
    size, taken = path.stat().st_size, 0
    for cells in rows:
        taken += _BYTES_A_ROW + sum(map(getsizeof, cells.values()))
        if taken > max(_UNSUSPICIOUS, _MOST_TIMES * size):
            raise RecordError(
                f"{path}: {size} bytes whose rows take {taken / 2**30:.2g} GiB; expected longer rows "
                "(made to fill the memory?)"
            )
        yield cells


def _from_arrow(cell: Any, name: str) -> Float32s:
    """Turn list<number> into [sample], list<list<number>> into [lead, sample], nothing into [0]."""
    if not cell.is_valid:
        return np.empty(0, np.float32)
    if not hasattr(cell, "values"):
        raise RecordError(f"column {name!r} holds {cell.type}; expected lists of numbers")
    try:
        values = cell.values.to_numpy(zero_copy_only=False)
        # a list of lists arrives as an object array of arrays
        matrix = np.stack([*values]) if values.dtype == object else values
        return matrix.astype(np.float32)
    except (ValueError, TypeError) as error:
        raise RecordError(
            f"column {name!r} holds {cell.type} that is no matrix of numbers ({error})"
        ) from error


def _from_text(cell: str, name: str) -> Float32s:
    try:
        return read_numbers(cell)
    except (ValueError, TypeError, OverflowError, RecursionError) as error:
        raise RecordError(
            f"column {name!r} holds {cell.strip()[:40]!r}…; expected lists of numbers"
        ) from error
