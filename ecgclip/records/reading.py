"""The front door of the records: one record, a source, or a stream of records."""

import logging
from collections.abc import Callable, Iterator
from enum import StrEnum
from functools import partial
from pathlib import Path

from ecgclip.errors import RecordError
from ecgclip.records.ecg import Ecg
from ecgclip.records.nearest import did_you_mean
from ecgclip.records.source import RecordSource, Skipped, made_or_skipped
from ecgclip.records.table_file import TABLE_SUFFIXES

_log = logging.getLogger(__name__)


class Reader(StrEnum):
    """The kinds of source; AUTO looks at the path."""

    AUTO = "auto"
    PTBXL = "ptbxl"
    WFDB = "wfdb"
    TABLE = "table"
    SYNTHETIC = "synthetic"


def read_ecg(path: str | Path, rate_hz: float | None = None, seconds: float | None = None) -> Ecg:
    """Read one record from its file.

    Args:
        path: A WFDB record, with or without suffix.
        rate_hz: Resample to this rate; None keeps the record's own.
        seconds: Read no more than its beginning, whatever the size of the file; None: all of it.

    Returns:
        Twelve leads in mV, NaN where nothing was recorded.

    Raises:
        RecordError: Where the file is missing, damaged, or holds none of the twelve leads.
    """
    from ecgclip.records.wfdb.folder import read_wfdb

    return read_wfdb(path, rate_hz, seconds)


def open_source(
    path: str | Path,
    reader: str = Reader.AUTO,
    rate_hz: float | None = None,
    seconds: float | None = None,
) -> RecordSource:
    """Open a folder, a table, one record, or `synthetic[:count[:seed]]`; reads no waveform.

    Args:
        path: Where the records are.
        reader: The kind of source; `auto` finds it out.
        rate_hz: Resample to this rate; None keeps the records' own.
        seconds: Read no more than the beginning of each record; None: all of it.

    Returns:
        The source: `ids`, and `read(id)` gives an `Ecg`.

    Raises:
        RecordError: Where the path holds nothing that the reader can list.
    """
    match _kind(path, reader):
        case Reader.PTBXL:
            from ecgclip.records.ptbxl import open_ptbxl

            return open_ptbxl(path, rate_hz, seconds)
        case Reader.TABLE:
            from ecgclip.records.table import open_table

            return open_table(path, rate_hz=rate_hz, seconds=seconds)
        case Reader.SYNTHETIC:
            return _synthetic(str(path), rate_hz)
        case _:
            from ecgclip.records.wfdb.folder import open_wfdb

            return open_wfdb(path, rate_hz, seconds)


def read_records(
    path: str | Path,
    reader: str = Reader.AUTO,
    on_skip: Callable[[Skipped], None] | None = None,
    rate_hz: float | None = None,
    seconds: float | None = None,
) -> Iterator[Ecg]:
    """Read the records of a source one by one.

    Args:
        path: A folder, a table, one record, or `synthetic:200`.
        reader: The kind of source; `auto` finds it out.
        on_skip: Called with each record that cannot be read; without it they are logged as warnings.
        rate_hz: Resample to this rate; None keeps the records' own.
        seconds: Read no more than the beginning of each record; None: all of it.

    Returns:
        An iterator; each record is read when it is asked for.

    Raises:
        RecordError: At once, where the source holds nothing that can be listed.
    """
    return _each(open_source(path, reader, rate_hz, seconds), on_skip or _log_skipped)


def _each(source: RecordSource, on_skip: Callable[[Skipped], None]) -> Iterator[Ecg]:
    for record_id in source.ids:
        read = made_or_skipped(f"{source.name}/{record_id}", partial(source.read, record_id))
        if isinstance(read, Skipped):
            on_skip(read)
        else:
            yield read


def _log_skipped(skipped: Skipped) -> None:
    _log.warning("skipped %s: %s", skipped.record, skipped.reason)


def _kind(path: str | Path, reader: str) -> Reader:
    try:
        kind = Reader(reader)
    except ValueError:
        names = [str(choice) for choice in Reader]
        raise RecordError(
            f"unknown reader {reader!r}; expected one of {', '.join(names)}{did_you_mean(reader, names)}"
        ) from None
    return kind if kind is not Reader.AUTO else _look(path)


def _look(path: str | Path) -> Reader:
    """Say what a path holds by its name and its neighbours; WFDB explains itself where it is nothing."""
    at = Path(path)
    if at.name == "ptbxl_database.csv" or (at / "ptbxl_database.csv").exists():
        return Reader.PTBXL
    if str(path).partition(":")[0] == Reader.SYNTHETIC and not at.exists():
        return Reader.SYNTHETIC
    return Reader.TABLE if at.suffix.lower() in TABLE_SUFFIXES and not at.is_dir() else Reader.WFDB


def _synthetic(path: str, rate_hz: float | None) -> RecordSource:
    from ecgclip.simulation.ecg import SyntheticSource

    kind, *numbers = path.split(":")
    if kind != Reader.SYNTHETIC or len(numbers) > 2 or not all(n.isdecimal() for n in numbers):
        raise RecordError(
            f"source {path!r}; expected synthetic, synthetic:200 or synthetic:200:7 (count, seed)"
        )
    count, seed = (*map(int, numbers), *(100, 0)[len(numbers) :])
    return SyntheticSource(count, seed) if rate_hz is None else SyntheticSource(count, seed, rate_hz)
