"""Tables in Excel's format: the first sheet of an .xlsx, row by row, by the optional package openpyxl.

pandas would hold the whole sheet, with every empty cell between those far apart: a few kilobytes may make
gigabytes of it. Here no more columns are looked at than the names need.
"""

from collections.abc import Collection, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final
from warnings import catch_warnings, simplefilter
from zipfile import ZipFile

from ecgclip.errors import EcgClipError, RecordError

_MOST_UNPACKED: Final = 2**28
"""Bytes: PTB-XL's table of 21,799 records takes a tenth."""
_MOST_ROWS: Final = 2**20
"""Most rows of a sheet: Excel's own limit."""
_MOST_COLUMNS: Final = 1000


def excel_names(path: Path) -> list[str]:
    """The names of the columns, in the first row that holds anything."""
    with _rows(path, _MOST_COLUMNS) as rows:
        names = next(filter(any, rows), [])
    while names and not names[-1]:
        names.pop()
    return names


def excel_rows(path: Path, wanted: Collection[str]) -> Iterator[dict[str, str]]:
    """The cells of some columns as text; rows that hold nothing at all are none."""
    places = {name: place for place, name in enumerate(excel_names(path)) if name in wanted}
    with _rows(path, max(places.values(), default=0) + 1) as rows:
        cells = filter(any, rows)
        next(cells, None)
        for row in cells:
            yield {name: row[place] for name, place in places.items()}


@contextmanager
def _rows(path: Path, columns: int) -> Iterator[Iterator[list[str]]]:
    """The first sheet's rows, each of so many cells; RecordError where the file is damaged."""
    try:
        import openpyxl
    except ImportError as error:
        raise RecordError(
            f"{path}: an Excel table (xlsx) needs another package: type  pip install 'ecgclip[excel]'  "
            "or save the table as CSV"
        ) from error
    try:
        with ZipFile(path) as file:
            size = sum(part.file_size for part in file.infolist())
        if size > _MOST_UNPACKED:
            words = f"unpacks to {size >> 20} MiB; expected at most {_MOST_UNPACKED >> 20}"
            raise RecordError(f"{path}: {words}; save the table as CSV or Parquet")
        with catch_warnings():
            simplefilter("ignore")  # what openpyxl misses of styles and forms concerns no cell
            with closing(openpyxl.load_workbook(path, read_only=True, data_only=True)) as book:
                rows = book.worksheets[0].iter_rows(max_row=_MOST_ROWS, max_col=columns, values_only=True)
                yield ([_text(cell) for cell in row] for row in rows)
    except (EcgClipError, OSError):
        raise
    except Exception as error:  # whatever the libraries raise on damaged bytes
        words = f"no Excel table (xlsx) that can be read ({type(error).__name__}: {error})"
        raise RecordError(f"{path}: {words[:300]}; save it again, or as CSV") from error


def _text(cell: Any) -> str:
    return "" if cell is None else str(cell)
