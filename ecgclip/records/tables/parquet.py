"""What a Parquet file holds, and no more of it in memory than its size makes likely.

A few thousand bytes may unpack to any number of values, so what is to be unpacked is counted before, and then
decoded some rows at a time.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from ecgclip.errors import RecordError
from ecgclip.files import open_regular

_MOST_GROUP: Final = 2 * 2**30  # bytes of the samples of a row group
_UNSUSPICIOUS: Final = 2**28  # bytes that any file may unpack to
_MOST_TIMES: Final = 200  # an ECG packs to a fifth; names and reports, as objects, take 70 times their bytes
_BYTES_A_VALUE: Final = {"FLOAT": 4, "INT32": 4, "BOOLEAN": 1}
_BYTES_A_CELL: Final = 64  # of a small Python object and its place
_ROWS: Final = 2**14
_BATCH_BYTES: Final = 2**28
_NO_VALUE: Final = (ValueError, OverflowError, LookupError, TypeError)
"""Errors of the library for dates beyond Python's range, invalid UTF-8 and unknown time zones."""


def parquet_names(path: Path) -> list[str]:
    """The names of the columns."""
    with _opened(path) as file:
        return list(file.schema_arrow.names)


def rows_of(path: Path, columns: Sequence[str]) -> Iterator[tuple[tuple[int, int], dict[str, Any]]]:
    """Each row's place (row group, number in it) and its cells, without the columns of samples."""
    most = _most_unpacked(path)
    with _opened(path, texts=True) as file:
        _check(path, file.metadata.num_rows * max(len(columns), 1) * _BYTES_A_CELL, most)
        letters = 0
        for group in range(file.num_row_groups):
            _check(path, _size(file, group, columns), most)
            number = 0
            for batch in file.iter_batches(_ROWS, [group], list(columns)) if columns else ():
                letters += sum(map(_letters, batch.columns))
                _check(path, letters, most)
                for cells in _rows_of_batch(batch):
                    yield (group, number), cells
                    number += 1
            if not columns:
                yield from (((group, row), {}) for row in range(file.metadata.row_group(group).num_rows))


@dataclass(frozen=True)
class Unreadable:
    """Stands for a cell that Python cannot represent: a date beyond its range, or invalid text."""

    why: str

    def __str__(self) -> str:
        return ""


def _rows_of_batch(batch: Any) -> list[dict[str, Any]]:
    """The rows of a batch; cell by cell where Python has no value for one of them."""
    try:
        rows: list[dict[str, Any]] = batch.to_pylist()
    except _NO_VALUE:
        return [
            {name: _cell(batch.column(name)[row]) for name in batch.schema.names} for row in range(len(batch))
        ]
    return rows


def _cell(scalar: Any) -> Any:
    try:
        return scalar.as_py()
    except _NO_VALUE as error:
        return Unreadable(f"{scalar.type} without a value in Python ({type(error).__name__}: {error})"[:200])


def cells_of(path: Path, place: tuple[int, int], columns: Sequence[str]) -> Mapping[str, Any]:
    """One row's cells as Arrow scalars; the rows of a group are read in order without decoding any twice."""
    group, row = place
    changed = path.stat().st_mtime_ns
    reader = _reader(path, changed, group, tuple(columns))
    if row < reader.first:
        _reader.cache_clear()
        reader = _reader(path, changed, group, tuple(columns))
    return reader.cells(row)


class _GroupReader:
    """A row group, some rows of it decoded. first: the number of the first of them."""

    def __init__(self, path: Path, group: int, columns: Sequence[str]) -> None:
        file = _opened(path)
        size = _size(file, group, columns)
        if size > _MOST_GROUP:
            raise RecordError(
                f"a row group of {size / 2**30:.1f} GiB; expected at most {_MOST_GROUP >> 30}: "
                "write the table with row groups of some thousand records"
            )
        _check(path, size, _most_unpacked(path))
        rows = max(file.metadata.row_group(group).num_rows, 1)
        step = max(min(_BATCH_BYTES * rows // max(size, 1), rows), 1)
        self._batches = file.iter_batches(step, [group], list(columns))
        self._columns = columns
        self._batch: Any = None
        self.first, self._stop = 0, 0

    def cells(self, row: int) -> Mapping[str, Any]:
        while row >= self._stop:
            self._batch = next(self._batches)
            self.first, self._stop = self._stop, self._stop + self._batch.num_rows
        return {name: self._batch.column(name)[row - self.first] for name in self._columns}


@lru_cache(maxsize=1)
def _reader(path: Path, _changed: int, group: int, columns: tuple[str, ...]) -> _GroupReader:
    """Keep the last row group: records are mostly read in order."""
    return _GroupReader(path, group, columns)


def _opened(path: Path, *, texts: bool = False) -> Any:
    """texts: keep those that are repeated once and not as often as they stand there."""
    import pyarrow.parquet as pq

    open_regular(path).close()  # of a pipe, the library would wait for the end
    repeated: list[str] = []
    if texts:
        schema = pq.ParquetFile(path).schema
        columns = [schema.column(number) for number in range(len(schema))]
        repeated = [column.path for column in columns if column.physical_type == "BYTE_ARRAY"]
    return pq.ParquetFile(path, pre_buffer=False, read_dictionary=repeated)


def _letters(array: Any) -> int:
    """How many letters a column holds, written out."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if isinstance(array, pa.DictionaryArray):
        kind = array.dictionary.type
        if not (pa.types.is_string(kind) or pa.types.is_binary(kind)):
            return 0
        return int(pc.sum(pc.binary_length(array.dictionary).take(array.indices)).as_py() or 0)
    if isinstance(array, pa.MapArray):
        return _letters(array.keys) + _letters(array.items)
    if isinstance(array, pa.StructArray):
        return sum(map(_letters, array.flatten()))
    return _letters(array.flatten()) if isinstance(array, pa.ListArray) else 0


def _most_unpacked(path: Path) -> int:
    return max(_UNSUSPICIOUS, _MOST_TIMES * path.stat().st_size)


def _size(file: Any, group: int, columns: Sequence[str]) -> int:
    """Bytes of some columns of a row group, unpacked: its own word counts values that are repeated once."""
    facts, roots = file.metadata.row_group(group), tuple(f"{name}." for name in columns)
    chunks = [facts.column(number) for number in range(facts.num_columns)]
    wanted = [chunk for chunk in chunks if f"{chunk.path_in_schema}.".startswith(roots)]
    counted = ((_BYTES_A_VALUE.get(chunk.physical_type, 8) * chunk.num_values, chunk) for chunk in wanted)
    return sum(max(size, chunk.total_uncompressed_size) for size, chunk in counted)


def _check(path: Path, size: int, most: int) -> None:
    if size > most:
        raise RecordError(
            f"{path}: {path.stat().st_size} bytes that unpack to {size / 2**30:.2g} GiB; expected at most "
            f"{most / 2**30:.2g} (made to fill the memory?)"
        )
