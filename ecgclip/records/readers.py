"""The table of readers: every format of records, how it is recognised, and what reads it.

A new format is a module that reads one file and a line here; the command's choices, its help, the listing of
folders and the texts of errors follow from this table.
"""

import os
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from ecgclip.errors import RecordError
from ecgclip.files import head_of

if TYPE_CHECKING:
    from ecgclip.records.ecg import Ecg
    from ecgclip.records.source import RecordSource

AUTO: Final = "auto"
"""The reader's name that means: whichever reader recognises the path."""
WFDB_SUFFIXES: Final = (".hea", ".dat", ".mat")
PTBXL_TABLE: Final = "ptbxl_database.csv"
_TEXT_SUFFIXES: Final = (".csv", ".tsv")
_TABLE_SUFFIXES: Final = (*_TEXT_SUFFIXES, ".xlsx", ".xlsm", ".parquet", ".pq")


class Reader(NamedTuple):  # and no dataclass, whose import a query would wait for
    """A format of records.

    title: in words, for help and errors. recognises: whether a path, which may not exist, is of this format;
    it is also given the first bytes of a file, none of a folder.
    read_one: "module:function" that takes (path, seconds) and returns the Ecg of one file.
    open_many: "module:function" that takes (path, rate_hz, seconds) and returns a RecordSource.
    One of the two is there: files of one record each are listed by `ecgclip.records.folder`.
    """

    name: str
    title: str
    recognises: Callable[[Path, bytes], bool]
    read_one: str = ""
    open_many: str = ""

    def read(self, path: Path, seconds: float | None) -> "Ecg":
        """Read the one record of a file; RecordError where it is damaged."""
        ecg: Ecg = _function(self.read_one)(path, seconds)
        return ecg

    def open(self, path: Path, rate_hz: float | None, seconds: float | None) -> "RecordSource":
        """List the records of a collection; RecordError where it has none."""
        source: RecordSource = _function(self.open_many)(path, rate_hz, seconds)
        return source


def _is_ptbxl(path: Path, head: bytes) -> bool:
    return path.name == PTBXL_TABLE or os.path.exists(path / PTBXL_TABLE)


def _is_synthetic(path: Path, head: bytes) -> bool:
    return str(path).partition(":")[0] == "synthetic" and not os.path.exists(path)


def _is_table(path: Path, head: bytes) -> bool:
    return head.startswith(b"PAR1") or (path.suffix.lower() in _TABLE_SUFFIXES and not os.path.isdir(path))


def is_table(path: Path) -> bool:
    """Whether a file is a table by its name or content."""
    return _is_table(path, first_bytes(path))


def _is_wfdb(path: Path, head: bytes) -> bool:
    """Whether the path is a header or signal file, or one of them without its suffix.

    A signal file may have any content; one without a header beside it is no record if its content is of a
    kind of its own.
    """
    if path.suffix.lower() not in WFDB_SUFFIXES:
        return not os.path.isfile(path) and any(os.path.lexists(f"{path}{end}") for end in WFDB_SUFFIXES)
    if not head or os.path.lexists(path.with_suffix(".hea")):
        return True
    from ecgclip.records.filetypes import file_type

    return file_type(head, path.name) is None


def _is_samples(path: Path, head: bytes) -> bool:
    """Whether a file of text names its first column as `samples_table` does."""
    first = head.removeprefix(b"\xef\xbb\xbf").lstrip(b'"')
    return path.suffix.lower() in _TEXT_SUFFIXES and first.startswith(b"time_s")


READERS: Final = (
    Reader(
        "ptbxl",
        f"PTB-XL's folder ({PTBXL_TABLE})",
        _is_ptbxl,
        open_many="ecgclip.records.ptbxl:open_ptbxl",
    ),
    Reader(
        "wfdb",
        "WFDB records (.hea beside .dat or .mat)",
        _is_wfdb,
        read_one="ecgclip.records.wfdb.record:read_wfdb",
    ),
    Reader(
        "time-series",
        "a table of one record's samples (.csv with time_s, I, II …)",
        _is_samples,
        read_one="ecgclip.records.samples_table:read_samples",
    ),
    Reader(
        "table",
        "a table of records (.csv, .xlsx, .parquet)",
        _is_table,
        open_many="ecgclip.records.table:open_source",
    ),
    Reader(
        "synthetic",
        "synthetic:200 (made-up records)",
        _is_synthetic,
        open_many="ecgclip.simulation.ecg.source:open_synthetic",
    ),
)
"""The table of readers, in the order in which they are tried on a path."""

NAMES: Final = (AUTO, *(reader.name for reader in READERS))
RECORDS: Final = ", ".join(reader.title for reader in READERS if reader.read_one)
"""The formats of one record a file, in words."""
SOURCES: Final = ", ".join(reader.title for reader in READERS)
"""All formats and collections that records are read from, in words."""


def named(reader: str) -> tuple[Reader, ...]:
    """The readers that a name means, all of them for AUTO; RecordError for a name that no reader has."""
    if reader == AUTO:
        return READERS
    found = tuple(line for line in READERS if line.name == reader)
    if not found:
        from ecgclip.records.source import did_you_mean

        near = did_you_mean(reader, NAMES)
        raise RecordError(f"unknown reader {reader!r}; expected one of {', '.join(NAMES)}{near}")
    return found


def recognised(path: Path, readers: tuple[Reader, ...]) -> Reader | None:
    """The first reader that takes a path for its own; None where none does."""
    head = first_bytes(path)
    return next((reader for reader in readers if reader.recognises(path, head)), None)


def no_record(path: Path, expected: str) -> str:
    """One line on a path that is of no reader: what was found there, what is expected and what to do."""
    if path.is_dir():
        return f"{path}: this is a folder; expected the file of one record; read_records reads folders"
    if not os.path.lexists(path):
        return f"{path}: no such file or folder; expected {expected}"
    from ecgclip.records.filetypes import explain

    words = explain(str(path), first_bytes(path), expected)
    return words or f"{path}: a file of unknown kind; expected {expected}; export the ECG as a WFDB record"


def first_bytes(path: Path) -> bytes:
    """The first bytes of a file; empty for a folder, a pipe or an unreadable file."""
    try:
        return head_of(path)
    except OSError:
        return b""


def names_record(name: str) -> bool:
    """Whether a path names a single record and not a picture; imports no library."""
    reader = recognised(Path(name), READERS)
    return reader is not None and bool(reader.read_one)


def _function(where: str) -> Callable[..., Any]:
    module, _, name = where.partition(":")
    function: Callable[..., Any] = getattr(import_module(module), name)
    return function
