"""The bytes of a table of records: CSV as text, Parquet with its samples read when asked for."""

from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ecgclip.errors import RecordError
from ecgclip.records.csv_rows import column_names, kept_rows
from ecgclip.records.number_lists import read_numbers
from ecgclip.records.parquet_rows import cells_of, parquet_names, rows_of

_PARQUET: Final = {".parquet", ".pq"}
TABLE_SUFFIXES: Final = frozenset({".csv", *_PARQUET})
_PLACE: Final = "\0place"  # no column can be called so: where a Parquet row lies

Array = npt.NDArray[np.float32]
Rows = list[dict[str, Any]]
Samples = Callable[[Sequence[str]], tuple[str, ...]]


def read_rows(
    path: Path, samples: Samples, wanted: Collection[str]
) -> tuple[list[str], tuple[str, ...], Rows]:
    """Return the column names, those that hold samples, and the rows (of a Parquet file without samples).

    samples: picks the columns that hold samples out of all names; wanted: the others that the rows hold.
    """
    if path.suffix.lower() not in TABLE_SUFFIXES:
        raise RecordError(f"{path}: a {path.suffix or 'suffixless'} file; expected .csv or .parquet")
    try:
        return (_parquet_rows if path.suffix.lower() in _PARQUET else _csv_rows)(path, samples, wanted)
    except OSError as error:
        raise RecordError(f"{path}: cannot be read ({error.strerror or error}); check the file") from error


def array_row(path: Path, columns: Sequence[str], row: Mapping[str, Any]) -> dict[str, Array]:
    """Return one row's samples, float32 [lead, sample] or [sample], by column."""
    if _PLACE not in row:
        return {name: _from_text(row[name], name) for name in columns}
    import pyarrow as pa

    try:
        cells = cells_of(path, row[_PLACE], columns)
    except (pa.ArrowException, OSError, StopIteration) as error:
        words = str(error)[:120] or "a damaged row group"
        raise RecordError(f"its samples cannot be read ({words}); copy the table again") from error
    return {name: _from_arrow(cell, name) for name, cell in cells.items()}


def _csv_rows(
    path: Path, samples: Samples, wanted: Collection[str]
) -> tuple[list[str], tuple[str, ...], Rows]:
    names = column_names(path)
    arrays = samples(names)
    return names, arrays, list(kept_rows(path, {*wanted, *arrays}))


def _parquet_rows(
    path: Path, samples: Samples, wanted: Collection[str]
) -> tuple[list[str], tuple[str, ...], Rows]:
    import pyarrow as pa

    try:
        names = parquet_names(path)
        arrays = samples(names)
        known = [name for name in names if name in wanted and name not in arrays]
        return names, arrays, [{**cells, _PLACE: place} for place, cells in rows_of(path, known)]
    except (pa.ArrowException, ValueError, OverflowError) as error:  # also names that are no UTF-8
        raise RecordError(f"{path}: not a Parquet table ({str(error)[:120]}); copy it again") from error


def _from_arrow(cell: Any, name: str) -> Array:
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


def _from_text(cell: str, name: str) -> Array:
    try:
        return read_numbers(cell)
    except (ValueError, TypeError, OverflowError, RecursionError) as error:
        raise RecordError(
            f"column {name!r} holds {cell.strip()[:40]!r}…; expected lists of numbers"
        ) from error
