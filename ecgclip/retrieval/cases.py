"""The cases of an index in one SQLite file: report, statements, patient, and the traces for re-ranking.

`row` is the number of a case's vector. A finished file is never changed in place, so it is opened as
immutable: any number of readers, no lock, no journal.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ecgclip.errors import IndexStoreError
from ecgclip.retrieval.base import Mask
from ecgclip.retrieval.comparison import Sql

TRACES_SHAPE: Final = (4, 1000)
"""Rows of the canonical page, samples at 100 Hz."""
SCHEMA: Final = """
CREATE TABLE cases (
    row INTEGER PRIMARY KEY, case_id TEXT NOT NULL UNIQUE, report TEXT NOT NULL, codes TEXT NOT NULL,
    age REAL, sex TEXT, patient_id TEXT, source TEXT NOT NULL, fold INTEGER, path TEXT,
    content_hash TEXT NOT NULL);
CREATE INDEX cases_by_patient ON cases (patient_id);
CREATE TABLE traces (row INTEGER PRIMARY KEY, millivolts BLOB NOT NULL);
"""
COLUMNS: Final = "case_id, report, codes, age, sex, patient_id, source, fold, path, content_hash"
_PARAMETERS_AT_ONCE: Final = 500
"""SQLite allows 999 parameters in its oldest builds."""

Traces = npt.NDArray[np.float32]
CaseValues = tuple[str, str, str, float | None, str | None, str | None, str, int | None, str | None, str]


@dataclass(frozen=True)
class Case:
    """A prior case as the index keeps it.

    codes: statement -> likelihood in percent; age in years; content_hash: of signal, report and metadata.
    """

    case_id: str
    report: str = ""
    codes: Mapping[str, float] = field(default_factory=dict)
    age: float | None = None
    sex: str | None = None
    patient_id: str | None = None
    source: str = ""
    fold: int | None = None
    path: str | None = None
    content_hash: str = ""


class CaseStore:
    """Read access to the cases of one finished file, in the order of their rows."""

    def __init__(self, path: Path) -> None:
        uri = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
        self._db = connect(uri, is_uri=True)

    def close(self) -> None:
        self._db.close()

    def __len__(self) -> int:
        return int(self._db.execute("SELECT count(*) FROM cases").fetchone()[0])

    def __iter__(self) -> Iterator[Case]:
        return map(_case, self._db.execute(f"SELECT {COLUMNS} FROM cases ORDER BY row"))

    def get(self, case_id: str) -> Case | None:
        found = self._db.execute(f"SELECT {COLUMNS} FROM cases WHERE case_id = ?", (case_id,)).fetchone()
        return None if found is None else _case(found)

    def of_patient(self, patient_id: str) -> list[tuple[str, str]]:
        """(case_id, source) of the patient's cases; sources may number their patients alike."""
        query = "SELECT case_id, source FROM cases WHERE patient_id = ? ORDER BY row"
        return [(case_id, source) for case_id, source in self._db.execute(query, (patient_id,))]

    def ids(self, rows: Sequence[int]) -> dict[int, str]:
        """case_id of each row."""
        return dict(self._select("SELECT row, case_id FROM cases WHERE row IN", rows))

    def hashes(self) -> dict[str, str]:
        """case_id -> content_hash of every case."""
        return dict(self._db.execute("SELECT case_id, content_hash FROM cases"))

    def places(self) -> dict[str, str]:
        """case_id -> path of every case that has one."""
        return dict(self._db.execute("SELECT case_id, path FROM cases WHERE path IS NOT NULL"))

    def allowed(self, where: Sql, count: int) -> Mask:
        """Which of `count` rows meet the condition, bool [row]."""
        mask = np.zeros(count, np.bool_)
        found = self._db.execute(f"SELECT row FROM cases WHERE {where.text}", where.parameters)
        mask[np.fromiter((row for (row,) in found), np.int64)] = True
        return mask

    def traces(self, rows: Sequence[int]) -> Traces:
        """float32 [len(rows), 4, 1000] in mV at 100 Hz, NaN where the record shows nothing."""
        traces = np.full((len(rows), *TRACES_SHAPE), np.nan, np.float32)
        places: dict[int, list[int]] = {}
        for place, row in enumerate(rows):
            places.setdefault(int(row), []).append(place)
        for row, blob in self._select("SELECT row, millivolts FROM traces WHERE row IN", list(places)):
            traces[places[row]] = np.frombuffer(blob, np.float16).reshape(TRACES_SHAPE)
        return traces

    def problems(self) -> list[str]:
        """What SQLite's own check finds."""
        found = self._db.execute("PRAGMA integrity_check(5)").fetchall()
        return [str(line) for (line,) in found if line != "ok"]

    def _select(self, query: str, values: Sequence[int]) -> Iterator[tuple[int, Any]]:
        for start in range(0, len(values), _PARAMETERS_AT_ONCE):
            part = [int(value) for value in values[start : start + _PARAMETERS_AT_ONCE]]
            yield from self._db.execute(f"{query} ({','.join('?' * len(part))})", part)


def connect(name: str, *, is_uri: bool = False) -> sqlite3.Connection:
    """A connection with the functions that filters use; IndexStoreError where there is no database."""
    try:
        db = sqlite3.connect(name, uri=is_uri, check_same_thread=False)
        db.create_function("casefold", 1, lambda text: text and str(text).casefold(), deterministic=True)
        db.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.Error as error:
        raise IndexStoreError(
            f"{name}: not a readable case file ({error}); build the index anew with build-index"
        ) from error
    return db


def case_values(case: Case) -> CaseValues:
    """The case as the columns of `COLUMNS`."""
    codes = json.dumps(dict(case.codes), ensure_ascii=False, sort_keys=True)
    # fmt: off
    return (case.case_id, case.report, codes, case.age, case.sex, case.patient_id, case.source, case.fold,
            case.path, case.content_hash)
    # fmt: on


def trace_blobs(traces: npt.NDArray[np.floating]) -> Iterable[bytes]:
    """One blob a case from [case, 4, 1000]: little-endian float16."""
    return (one.astype("<f2").tobytes() for one in traces)


def _case(values: CaseValues) -> Case:
    case_id, report, codes = values[:3]
    return Case(case_id, report, json.loads(codes), *values[3:])
