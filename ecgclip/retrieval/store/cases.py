"""The cases of an index in one SQLite file: report, statements, patient, and the traces for re-ranking.

`row` is the number of a case's vector. A finished file is never changed in place, so it is opened as
immutable: any number of readers, no lock, no journal.
"""

import json
import os
import weakref
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import count as numbers
from math import isfinite
from pathlib import Path
from typing import Any, Final

import numpy as np

from ecgclip.errors import IndexStoreError
from ecgclip.paper.traces import TRACES_SHAPE
from ecgclip.retrieval.case import COLUMNS, Case
from ecgclip.retrieval.store.columns import BOUNDED, bounded, is_valid, shown, type_of
from ecgclip.retrieval.store.comparison import Condition, Sql
from ecgclip.retrieval.store.database import OPENING_S, Database, generation_mark
from ecgclip.typing import Bools, Float32s, Floats

TRACES_BYTES: Final = 2 * TRACES_SHAPE[0] * TRACES_SHAPE[1]
"""Of a case's traces on disk, two a sample."""
_PARAMETERS_AT_ONCE: Final = 500
"""SQLite allows 999 parameters in its oldest builds."""
_CASES_AT_ONCE: Final = 500
_NAME: Final = bounded("case_id")


class CaseStore:
    """Read access to the cases of one finished file, in the order of their rows 0 to `count`."""

    def __init__(self, path: Path, handle: int, count: int, generation: str = "") -> None:
        """handle: the same file, open; generation: of the manifest, "" does not look.

        Errors: IndexStoreError where it is no file of so many cases, or of another generation.
        """
        self.path = path
        self._count = count
        size = os.fstat(handle).st_size
        if size < count * TRACES_BYTES:
            raise self._damaged(
                f"it has {size} bytes", f"{count} cases, each with {TRACES_BYTES} bytes of traces"
            )
        self._db = Database(path, handle)
        weakref.finalize(self, self._db.close)
        mark = self._db.rows("PRAGMA user_version")[0][0]
        if generation and mark not in (0, generation_mark(generation)):
            raise IndexStoreError(
                f"{path} is of another generation than the manifest; build the index anew with build-index"
            )
        found = self._db.rows("SELECT count(row), min(row), max(row) FROM cases", most_s=OPENING_S)[0]
        if found != ((count, 0, count - 1) if count else (0, None, None)):
            raise self._damaged(f"it has {found[0]} cases, of the rows {found[1]} to {found[2]}", f"{count}")

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Case]:
        return (case for start in range(0, self._count, _CASES_AT_ONCE) for case in self._from(start))

    def get(self, case_id: str) -> Case | None:
        found = self._db.rows(f"SELECT {BOUNDED} FROM cases WHERE case_id = ?", (case_id,))
        return self._case(found[0]) if found else None

    def at(self, rows: Sequence[int]) -> list[Case]:
        """The cases of some rows, in their order."""
        found = {row: values for row, *values in self._select(f"SELECT row, {BOUNDED} FROM cases", rows)}
        return [self._case(self._of(found, row)) for row in rows]

    def of_patient(self, patient_id: str) -> list[tuple[str, str]]:
        """(case_id, source) of the patient's cases; two sources may number different patients alike.

        Read from the cases themselves: an index that lacks one would let it stay.
        """
        query = (
            f"SELECT {_NAME}, {bounded('source')} FROM cases NOT INDEXED WHERE patient_id = ? ORDER BY row"
        )
        return [
            (self._text(name), self._text(source)) for name, source in self._db.rows(query, (patient_id,))
        ]

    def ids(self, rows: Sequence[int]) -> dict[int, str]:
        """case_id of each row."""
        found = dict(self._select(f"SELECT row, {_NAME} FROM cases", rows))
        return {row: self._text(self._of(found, row)) for row in rows}

    def hashes(self) -> dict[str, str]:
        """case_id -> content_hash of every case."""
        return self._pairs(f"SELECT {_NAME}, {bounded('content_hash')} FROM cases")

    def places(self) -> dict[str, str]:
        """case_id -> path of every case that has one."""
        return self._pairs(f"SELECT {_NAME}, {bounded('path')} FROM cases WHERE path IS NOT NULL")

    def check_pages(self) -> None:
        """IndexStoreError where a page of the file is used twice, or worse; call before copying the file.

        Rows that share their pages hold any number of gigabytes, which a new file would have to hold in full.
        """
        ((found,),) = self._db.rows("PRAGMA quick_check(1)") or (("nothing",),)
        if found != "ok":
            raise self._damaged(" ".join(str(found).split())[:200], "every page to stand in one place")

    def allowed(self, where: Condition) -> Bools:
        """The rows that meet the condition, bool [row]."""
        if isinstance(where, Sql):
            return self._mask(where)
        parts = (self.allowed(part) for part in where.parts)
        if where.word == "not":
            return ~next(parts)
        combine = np.logical_and if where.word == "and" else np.logical_or
        mask = next(parts)
        for part in parts:
            combine(mask, part, out=mask)
        return mask

    def traces(self, rows: Sequence[int]) -> Float32s:
        """float32 [len(rows), 4, 1000] in mV at 100 Hz, NaN where the record shows nothing."""
        traces = np.full((len(rows), *TRACES_SHAPE), np.nan, np.float32)
        places: dict[int, list[int]] = {}
        for place, row in enumerate(rows):
            places.setdefault(int(row), []).append(place)
        for row, blob in self._select("SELECT row, millivolts FROM traces", list(places)):
            traces[places[row]] = self._millivolts(row, blob)
        return traces

    def problems(self) -> list[str]:
        """What SQLite's own check finds, and rows that are no cases or no traces."""
        found = [str(line)[:200] for (line,) in self._db.rows("PRAGMA integrity_check(5)") if line != "ok"]
        wrong = self._db.rows(
            "SELECT count(*), min(row) FROM traces WHERE typeof(millivolts) != 'blob' "
            f"OR length(millivolts) != {TRACES_BYTES}"
        )[0]
        if wrong[0]:
            found.append(
                f"the traces of {wrong[0]} cases, first of row {wrong[1]}, are not {TRACES_BYTES} bytes"
            )
        stray = self._db.rows("SELECT count(*) FROM traces WHERE row NOT IN (SELECT row FROM cases)")[0][0]
        if stray:
            found.append(f"{stray} traces are of no case")
        lost = self._db.rows("SELECT count(*) FROM cases WHERE row NOT IN (SELECT row FROM traces)")[0][0]
        if lost:
            found.append(f"{lost} cases have no traces")
        for _ in self:  # each is looked at
            pass
        return found

    def _from(self, start: int) -> Iterator[Case]:
        query = f"SELECT row, {BOUNDED} FROM cases WHERE row >= ? ORDER BY row LIMIT {_CASES_AT_ONCE}"
        for expected, (row, *values) in zip(numbers(start), self._db.rows(query, (start,)), strict=False):
            if row != expected:
                raise self._damaged(f"row {row} follows row {expected - 1}", "rows without gaps")
            yield self._case(values)

    def _mask(self, where: Sql) -> Bools:
        mask = np.zeros(self._count, np.bool_)
        found = self._db.rows(f"SELECT row FROM cases WHERE {where.text}", where.parameters)
        rows = np.fromiter((row for (row,) in found), np.int64, len(found))
        if len(rows) and not 0 <= rows.min() <= rows.max() < self._count:
            raise self._damaged(f"it has the row {rows.max()}", f"rows below {self._count}")
        mask[rows] = True
        return mask

    def _select(self, query: str, values: Sequence[int]) -> Iterator[Any]:
        for start in range(0, len(values), _PARAMETERS_AT_ONCE):
            part = [int(value) for value in values[start : start + _PARAMETERS_AT_ONCE]]
            yield from self._db.rows(f"{query} WHERE row IN ({','.join('?' * len(part))})", part)

    def _millivolts(self, row: int, blob: object) -> Floats:
        if not isinstance(blob, bytes) or len(blob) != TRACES_BYTES:
            raise self._damaged(f"the traces of row {row} are no {TRACES_BYTES} bytes", "4 x 1000 numbers")
        return np.frombuffer(blob, "<f2").reshape(TRACES_SHAPE)

    def _case(self, values: Sequence[Any]) -> Case:
        named = dict(zip(COLUMNS, values, strict=True))
        for name, column in COLUMNS.items():
            if not is_valid(named[name], column):
                expected = f"a {type_of(column).__name__}"
                raise self._damaged(f"{name} of a case is {shown(named[name])}", expected)
        return Case(**named | {"codes": self._codes(named["case_id"], named["codes"])})

    def _codes(self, case_id: str, text: str) -> dict[str, float]:
        try:
            codes = json.loads(text)
            if all(type(share) in (int, float) and isfinite(share) for share in codes.values()):
                return dict(codes)
        except (ValueError, AttributeError, RecursionError, OverflowError):
            pass
        raise self._damaged(
            f"codes of {case_id[:80]} are {text[:40]!r}", "an object of statements and percents"
        )

    def _pairs(self, query: str) -> dict[str, str]:
        return {self._text(name): self._text(value) for name, value in self._db.rows(query)}

    def _of(self, found: Mapping[int, Any], row: int) -> Any:
        if row not in found:
            raise self._damaged(f"it lacks the row {row}", f"{self._count} rows")
        return found[row]

    def _text(self, value: object) -> str:
        if not isinstance(value, str):
            raise self._damaged(f"a name of a case is {shown(value)}", "a str")
        return value

    def _damaged(self, found: str, expected: str) -> IndexStoreError:
        return IndexStoreError(
            f"{self.path} is damaged: {found}; expected {expected}; build the index anew with build-index"
        )


def trace_blobs(traces: Floats) -> Iterable[bytes]:
    """One blob a case from [case, 4, 1000]: little-endian float16."""
    return (one.astype("<f2").tobytes() for one in traces)
