"""The SQLite file of an index, opened without trusting it.

A file that somebody else wrote can hold views that never end, triggers, virtual tables or values of gigabytes
in place of ours. So its schema must be exactly the one that we write, its values have a limit, and every
statement has one of time; whatever SQLite finds wrong is an IndexStoreError in one line.
"""

import os
import sqlite3
import sys
import time
from collections.abc import Callable, Sequence
from hashlib import blake2b
from math import inf
from pathlib import Path
from threading import Lock
from typing import Any, Final

from ecgclip.errors import IndexStoreError
from ecgclip.retrieval.store.columns import TABLE

SCHEMA: Final = f"""
{TABLE};
CREATE INDEX cases_by_patient ON cases (patient_id);
CREATE TABLE traces (row INTEGER PRIMARY KEY, millivolts BLOB NOT NULL);
"""
MAX_VALUE_BYTES: Final = 1 << 22
"""Of one value and of one row: a report of half a million words fits."""
_OWN_INDEX: Final = "sqlite_autoindex_cases_1"
"""The index that SQLite makes for UNIQUE."""
_SCHEMA_QUERY: Final = "SELECT type, name, sql FROM sqlite_master LIMIT 100"
_STEPS: Final = 20_000
"""Instructions of SQLite's virtual machine between two looks at the clock: about a millisecond."""
_PATIENCE_S: Final = 5.0
_BYTES_A_SECOND: Final = 160_000_000
"""So slow a disk reads 20,000 cases a second; a common filter reads a million."""
_BYTES_A_COMPARISON_A_SECOND: Final = 8_000_000_000
"""A million statements of cases are compared with a value of a filter, on a busy machine."""
_FACTOR: Final = 4
"""File systems that compress pack the files of an index less than this."""
OPENING_S: Final = 8.0
"""Limit of one statement while an index is opened, whatever its size."""


class Database:
    """Read access to a finished file; threads take turns, a statement each."""

    def __init__(self, path: Path, handle: int) -> None:
        """handle: the same file, opened before; its size alone says how long a question may take."""
        self.path = path
        self._lock = Lock()
        self._deadline = _Deadline()
        self._bytes = bytes_on_disk(handle)
        self._db = _connected(f"{path.absolute().as_uri()}?mode=ro&immutable=1", path)
        try:
            self._db.set_progress_handler(self._deadline.is_over, _STEPS)
            self._harden()
            self._check_same(handle)
            check_schema(self.rows(_SCHEMA_QUERY, most_s=OPENING_S), path)
        except BaseException:
            self._db.close()
            raise

    @property
    def close(self) -> Callable[[], None]:
        """Closes the connection; it does not refer to this object, so that it can be its finaliser."""
        return self._db.close

    def rows(self, query: str, values: Sequence[object] = (), most_s: float = inf) -> list[Any]:
        """All rows of one statement; IndexStoreError where SQLite cannot read them, or not in time."""
        with self._lock:
            pace = 1 / _BYTES_A_SECOND + len(values) / _BYTES_A_COMPARISON_A_SECOND
            seconds = min(_PATIENCE_S + self._bytes * pace, most_s)
            self._deadline.end = time.monotonic() + seconds
            try:
                return self._fetched(self._db.execute(query, values))
            except (sqlite3.Error, OverflowError, MemoryError) as error:
                late = "interrupted" in str(error)
                words = f"a question took longer than {seconds:.0f} s" if late else str(error)
                raise unreadable(self.path, words) from error

    def _fetched(self, cursor: sqlite3.Cursor) -> list[Any]:
        """All rows; together they cannot be larger than the file, unless rows share its pages."""
        rows, room = [], _FACTOR * self._bytes + MAX_VALUE_BYTES
        for row in cursor:
            room -= sum(len(value) for value in row if isinstance(value, (str, bytes)))
            if room < 0:
                raise sqlite3.DataError("its values are larger than the file")
            rows.append(row)
        return rows

    def _harden(self) -> None:
        self._db.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
        self.rows("PRAGMA query_only = ON")
        self.rows("PRAGMA mmap_size = 0")  # a map would end the process where the file is cut off

    def _check_same(self, handle: int) -> None:
        """Between opening the folder and this, a commit may have put another file there."""
        try:
            is_same = os.path.samestat(os.fstat(handle), os.stat(self.path))
        except FileNotFoundError:
            is_same = False
        if not is_same:
            raise IndexStoreError(f"{self.path} was replaced while it was opened; try again")


class _Deadline:
    """Ends a statement that takes too long; a reference to the database would keep that for ever."""

    end = 0.0

    def is_over(self) -> bool:
        return time.monotonic() > self.end


def bytes_on_disk(handle: int) -> int:
    """The bytes a file takes on the disk: a file with holes takes less than its length, which can be any."""
    stat = os.fstat(handle)
    return min(stat.st_size, stat.st_blocks * 512) if stat.st_blocks else stat.st_size


def connect_for_writing(path: Path) -> sqlite3.Connection:
    """A connection to a growing file that `create_database` made."""
    db = _connected(str(path), path)
    try:
        db.execute("PRAGMA journal_mode = DELETE")
        db.execute("PRAGMA secure_delete = ON")
        check_schema(db.execute(_SCHEMA_QUERY).fetchall(), path)
    except BaseException:
        db.close()
        raise
    return db


def generation_mark(generation: str) -> int:
    """The number that the database of a generation carries: 31 bits, never 0.

    In SQLite's `user_version`; 0 in a file that no ecgclip wrote, or one before marks.
    """
    return int.from_bytes(blake2b(generation.encode(), digest_size=4).digest()) >> 1 | 1


def create_database(path: Path) -> None:
    """Fill an empty file with the schema."""
    db = sqlite3.connect(path)
    try:
        db.executescript(SCHEMA)
    finally:
        db.close()


def check_schema(entries: Sequence[tuple[str, str, str | None]], path: Path) -> None:
    """IndexStoreError unless the file has our tables and our index, and nothing else."""
    statements = {_flat(sql) for _, name, sql in entries if sql is not None}
    implied = {name for _, name, sql in entries if sql is None}
    expected = {_flat(statement) for statement in SCHEMA.split(";") if statement.strip()}
    if statements != expected or implied != {_OWN_INDEX} or len(entries) != len(expected) + 1:
        names = sorted(f"{kind} {name}"[:60] for kind, name, _ in entries)
        raise IndexStoreError(
            f"{path} has another schema ({', '.join(names[:5]) or 'nothing'}); expected the tables cases and "
            "traces as build-index writes them; build the index anew with build-index"
        )


def unreadable(path: Path, error: str) -> IndexStoreError:
    words = " ".join(error.split()) or "out of memory"
    return IndexStoreError(
        f"{path}: not a readable case file ({words[:200]}); build the index anew with build-index"
    )


def _connected(name: str, path: Path) -> sqlite3.Connection:
    """A connection with the functions that filters use, and the limits of what it takes."""
    try:
        db = sqlite3.connect(name, uri=name.startswith("file:"), check_same_thread=False)
    except sqlite3.Error as error:
        raise unreadable(path, str(error)) from error
    db.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MAX_VALUE_BYTES)
    db.create_function("casefold", 1, lambda text: text and str(text).casefold(), deterministic=True)
    try:
        db.execute("PRAGMA trusted_schema = OFF")
        db.execute("PRAGMA cell_size_check = ON")
    except sqlite3.Error as error:
        db.close()
        raise unreadable(path, str(error)) from error
    if sys.version_info >= (3, 12):
        db.setconfig(sqlite3.SQLITE_DBCONFIG_DEFENSIVE, True)
    return db


def _flat(sql: str) -> str:
    return " ".join(str(sql).split())
