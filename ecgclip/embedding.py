"""Vectors of many images, records or reports."""

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import Final

import numpy as np

from ecgclip.engine.model import Model
from ecgclip.errors import ImageError, RecordError
from ecgclip.files import read_small
from ecgclip.paper.coverage import read_shown
from ecgclip.records.ecg import Ecg
from ecgclip.records.readers import is_table
from ecgclip.records.source import RecordSource, Skipped, result_or_skipped
from ecgclip.records.tables.files import column_names, table_rows
from ecgclip.records.tables.parquet import Unreadable
from ecgclip.typing import Vectors

Advance = Callable[[int], None]

ID_COLUMNS = ("id", "case_id", "ecg_id", "name")
REPORT_COLUMN = "report"
_MOST_BYTES: Final = 2**28  # of a file of reports: two million of them, a line each
_MOST_LETTERS: Final = 1_000_000  # of a report


@dataclass(frozen=True, eq=False)
class Embedded:
    """ids [n] and their vectors, float32 [n, dim] of norm 1; skipped: what was left out, with the reasons."""

    ids: tuple[str, ...]
    vectors: Vectors
    skipped: tuple[Skipped, ...] = ()


def embed_images(model: Model, paths: Sequence[str], advance: Advance = lambda done: None) -> Embedded:
    """Vectors of image files; a file that is no readable ECG is left out with the reason."""
    ids: list[str] = []
    vectors: list[Vectors] = []
    skipped: list[Skipped] = []
    for path in paths:
        try:
            vectors.append(model.embed_images(path))
            ids.append(path)
        except ImageError as error:
            skipped.append(Skipped(path, str(error).removeprefix(f"{path}: ")))
        advance(1)
    joined = np.concatenate(vectors) if vectors else model.embed_images([])
    return Embedded(tuple(ids), joined, tuple(skipped))


def embed_records(model: Model, source: RecordSource, advance: Advance = lambda done: None) -> Embedded:
    """Vectors of a source's records, read one after another; a broken one is left out with the reason."""
    ids: list[str] = []
    skipped: list[Skipped] = []

    def readable() -> Iterator[Ecg]:
        for record_id in source.ids:
            advance(1)
            read = result_or_skipped(record_id, partial(read_shown, source, record_id))
            if isinstance(read, Skipped):
                skipped.append(read)
                continue
            ids.append(read.case_id)
            yield read

    vectors = model.embed_records(readable())
    return Embedded(tuple(ids), vectors, tuple(skipped))


def embed_reports(model: Model, path: str | os.PathLike[str]) -> Embedded:
    """Vectors of the reports in a text file (one a line) or a table (column `report`).

    Errors: RecordError for a file that is absent, empty, no text or lacks the column.
    """
    ids, reports = read_reports(Path(path))
    return Embedded(tuple(ids), model.embed_reports(reports))


def read_reports(path: Path) -> tuple[list[str], list[str]]:
    """(ids, reports) of a file; the id is the row's own, or its number from 1.

    path: a table if its suffix or content says so, else text with a report a line.
    """
    if not path.exists():
        raise RecordError(f"{path}: no such file; expected a text file or a table with reports")
    ids, reports = _of_table(path) if is_table(path) else _of_lines(path)
    for name, report in zip(ids, reports, strict=True):
        if len(report) > _MOST_LETTERS:
            words = f"report {name} has {len(report)} letters; expected at most {_MOST_LETTERS}"
            raise RecordError(f"{path}: {words} (is every report on a line of its own?)")
    return ids, reports


def _of_lines(path: Path) -> tuple[list[str], list[str]]:
    try:
        # Of newlines only: a report may hold a form feed or other marks at which splitlines() breaks.
        content = BytesIO(read_small(path, _MOST_BYTES))
        text = TextIOWrapper(content, encoding="utf-8-sig", newline=None).read()
    except UnicodeDecodeError as error:
        raise RecordError(f"{path}: cannot be read as UTF-8 text; save it as UTF-8") from error
    except OSError as error:
        raise RecordError(f"{path}: {error.strerror or error}; expected a text file or a table") from error
    if not text.strip():
        raise RecordError(
            f"{path}: empty; expected a report a line, or a table with a column {REPORT_COLUMN!r}"
        )
    lines = text.removesuffix("\n").split("\n")
    return [str(number) for number in range(1, len(lines) + 1)], lines


def _of_table(path: Path) -> tuple[list[str], list[str]]:
    columns = column_names(path)
    if REPORT_COLUMN not in columns:
        raise RecordError(
            f"{path}: no column {REPORT_COLUMN!r}; it has {', '.join(columns)[:500] or '(none)'}"
        )
    key = next((name for name in ID_COLUMNS if name in columns), "")
    ids, reports = list[str](), list[str]()
    for number, row in enumerate(table_rows(path, {key, REPORT_COLUMN}), 1):
        if isinstance(cell := row[REPORT_COLUMN], Unreadable):
            raise RecordError(f"{path}: row {number} has no report that can be read ({cell.why}); mend it")
        ids.append(_text(row.get(key)) or str(number))
        reports.append(_text(row[REPORT_COLUMN]))
    return ids, reports


def _text(cell: object) -> str:
    return "" if cell is None else str(cell)
