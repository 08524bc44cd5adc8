"""Reading records: one record, a source of many, or a stream of them."""

import logging
import os
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from ecgclip.errors import RecordError
from ecgclip.records.ecg import Ecg
from ecgclip.records.readers import AUTO, RECORDS, named, no_record, recognised
from ecgclip.records.resample import resampled
from ecgclip.records.source import RecordSource, Skipped, result_or_skipped

_log = logging.getLogger(__name__)


def read_ecg(
    path: str | Path, rate_hz: float | None = None, seconds: float | None = None, reader: str = AUTO
) -> Ecg:
    """Read the one record of a file of any supported format.

    Args:
        path: A file, recognised by its content; of a WFDB record with or without suffix.
        rate_hz: Resample to this rate; None keeps the record's own.
        seconds: Read no more than its beginning, whatever the size of the file; None: all of it.
        reader: A name from the table of readers; `auto` recognises the format.

    Returns:
        Twelve leads in mV, NaN where nothing was recorded.

    Raises:
        RecordError: Where the file is missing, damaged, of no known format or without any of the leads.
    """
    files = tuple(line for line in named(reader) if line.read_one)
    found = recognised(Path(path), files)
    if found is None:
        raise RecordError(no_record(Path(path), RECORDS))
    ecg = found.read(Path(path), seconds)
    return ecg if rate_hz is None else resampled(ecg, rate_hz)


def open_source(
    source: str | Path | RecordSource,
    reader: str = AUTO,
    rate_hz: float | None = None,
    seconds: float | None = None,
) -> RecordSource:
    """Open a folder, a table, one record, or `synthetic[:count[:seed]]`; reads no waveform.

    Args:
        source: Where the records are; a source that was opened before comes back as it is.
        reader: The kind of source; `auto` recognises it.
        rate_hz: Resample to this rate; None keeps the records' own.
        seconds: Read no more than the beginning of each record; None: all of it.

    Returns:
        The source: `ids`, and `read(id)` gives an `Ecg`.

    Raises:
        RecordError: Where the path holds nothing that the reader can list.
    """
    if not isinstance(source, str | os.PathLike):
        return source
    lines = named(reader)
    found = lines[0] if len(lines) == 1 else recognised(Path(source), lines)
    if found is not None and found.open_many:
        return found.open(Path(source), rate_hz, seconds)
    from ecgclip.records.folder import open_folder

    return open_folder(Path(source), reader, rate_hz, seconds)


def read_records(
    source: str | Path | RecordSource,
    reader: str = AUTO,
    on_skip: Callable[[Skipped], None] | None = None,
    rate_hz: float | None = None,
    seconds: float | None = None,
) -> Iterator[Ecg]:
    """Read the records of a source one by one.

    Args:
        source: A folder, a table, one record, or `synthetic:200`.
        reader: The kind of source; `auto` finds it out.
        on_skip: Called with each record that cannot be read; without it they are logged as warnings.
        rate_hz: Resample to this rate; None keeps the records' own.
        seconds: Read no more than the beginning of each record; None: all of it.

    Returns:
        An iterator that reads each record when it reaches it.

    Raises:
        RecordError: At once, where the source holds nothing that can be listed.
    """
    return _each(open_source(source, reader, rate_hz, seconds), on_skip or _log_skipped)


def _each(source: RecordSource, on_skip: Callable[[Skipped], None]) -> Iterator[Ecg]:
    for record_id in source.ids:
        read = result_or_skipped(f"{source.name}/{record_id}", partial(source.read, record_id))
        if isinstance(read, Skipped):
            on_skip(read)
        else:
            yield read


def _log_skipped(skipped: Skipped) -> None:
    _log.warning("skipped %s: %s", skipped.record, skipped.reason)
