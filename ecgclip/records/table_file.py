"""The bytes of a table of records: CSV as text, Parquet with its samples read when asked for."""

import csv
import json
import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ecgclip.errors import RecordError

_PARQUET: Final = {".parquet", ".pq"}
TABLE_SUFFIXES: Final = frozenset({".csv", *_PARQUET})
_MAX_GROUP_BYTES: Final = 2 * 2**30  # a row group is decoded as a whole
_MAX_CELL: Final = 64 * 2**20  # characters; 12 leads of an hour
_PLACE: Final = "\0place"  # no column can be called so: where a Parquet row lies

Array = npt.NDArray[np.float32]
Rows = list[dict[str, Any]]


def read_rows(
    path: Path, samples: Callable[[Sequence[str]], tuple[str, ...]]
) -> tuple[list[str], tuple[str, ...], Rows]:
    """Return the column names, those that hold samples, and the rows (of a Parquet file without samples).

    samples: picks the columns that hold samples out of all names.
    """
    if path.suffix.lower() in _PARQUET:
        return _parquet_rows(path, samples)
    if path.suffix.lower() == ".csv":
        return _csv_rows(path, samples)
    raise RecordError(f"{path}: a {path.suffix or 'suffixless'} file; expected .csv or .parquet")


def array_row(path: Path, columns: Sequence[str], row: Mapping[str, Any]) -> dict[str, Array]:
    """Return one row's samples, float32 [lead, sample] or [sample], by column."""
    if _PLACE not in row:
        return {name: _from_text(row[name], name) for name in columns}
    import pyarrow as pa

    group, line = row[_PLACE]
    try:
        table = _row_group(path, path.stat().st_mtime_ns, group, tuple(columns))
    except (pa.ArrowException, OSError) as error:
        raise RecordError(f"its samples cannot be read ({str(error)[:120]}); copy the table again") from error
    return {name: _from_arrow(table.column(name)[line], name) for name in columns}


def _csv_rows(
    path: Path, samples: Callable[[Sequence[str]], tuple[str, ...]]
) -> tuple[list[str], tuple[str, ...], Rows]:
    limit = csv.field_size_limit(_MAX_CELL)
    try:
        with path.open(newline="", encoding="utf-8-sig", errors="replace") as file:
            reader = csv.DictReader(file)
            names = list(reader.fieldnames or [])
            rows: Rows = [{key: line[key] or "" for key in names} for line in reader]
    except csv.Error as error:
        raise RecordError(f"{path}: not a CSV table ({error}); copy it again") from error
    finally:
        csv.field_size_limit(limit)
    return names, samples(names), rows


def _parquet_rows(
    path: Path, samples: Callable[[Sequence[str]], tuple[str, ...]]
) -> tuple[list[str], tuple[str, ...], Rows]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows: Rows = []
    try:
        with pq.ParquetFile(path) as file:
            names = list(file.schema_arrow.names)
            arrays = samples(names)
            known = [name for name in names if name not in arrays]
            for group in range(file.num_row_groups):
                count = file.metadata.row_group(group).num_rows
                lines = file.read_row_group(group, columns=known).to_pylist() if known else [{}] * count
                rows += [{**line, _PLACE: (group, number)} for number, line in enumerate(lines)]
    except pa.ArrowException as error:
        raise RecordError(f"{path}: not a Parquet table ({str(error)[:120]}); copy it again") from error
    return names, arrays, rows


@lru_cache(maxsize=1)
def _row_group(path: Path, _changed: int, group: int, columns: tuple[str, ...]) -> Any:
    """Keep the last row group: records are mostly read in order."""
    import pyarrow.parquet as pq

    with pq.ParquetFile(path) as file:
        size = file.metadata.row_group(group).total_byte_size
        if size > _MAX_GROUP_BYTES:
            raise RecordError(
                f"a row group of {size / 2**30:.1f} GiB; expected at most {_MAX_GROUP_BYTES >> 30}: "
                "write the table with row groups of some thousand records"
            )
        return file.read_row_group(group, columns=list(columns))


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
    """Read `[[0.1, 0.2], …]`, `[0.1, null]` or numbers separated by spaces, commas or semicolons."""
    text = cell.strip()
    try:
        values = json.loads(text) if text.startswith("[") else re.split(r"[\s,;]+", text) if text else []
        return np.array(values, np.float32)
    except (ValueError, TypeError, OverflowError, RecursionError) as error:
        raise RecordError(f"column {name!r} holds {text[:40]!r}…; expected lists of numbers") from error
