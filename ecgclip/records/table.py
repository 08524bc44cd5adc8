"""A table of records, CSV, Excel or Parquet: the path of a record or its samples, and what is known about it.

Parquet is read row group by row group, so write groups of at most some thousand records; samples inside a
CSV stay in memory as text and suit small tables.
"""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import numpy as np

from ecgclip.errors import RecordError
from ecgclip.records.codes import read_codes
from ecgclip.records.ecg import Ecg
from ecgclip.records.leads import standard_lead, twelve_leads
from ecgclip.records.people import NOTHING, read_age, read_sex
from ecgclip.records.reading import read_ecg
from ecgclip.records.resample import only_first, resampled, samples_in
from ecgclip.records.source import did_you_mean
from ecgclip.records.tables.files import TABLES, column_names, samples_of, table_rows
from ecgclip.records.tables.parquet import Unreadable
from ecgclip.typing import Float32s
from ecgclip.units import LEADS

_ROUNDED: Final = re.compile(r"\d+([.,]\d+)?e\+?\d+", re.I)
"""A number of many digits as a spreadsheet writes it."""
_THOUSANDS: Final = re.compile(r"\d{1,2}[.,]\d{3}")
"""1.000 may be one or a thousand; no ECG has fewer than a hundred samples a second."""
_FORMULA_ERROR: Final = re.compile(r"#(N/A|NV|REF!|BEZUG!|VALUE!|WERT!|NAME\?|NULL!|NUM!|ZAHL!|DIV/0!)")
"""What a spreadsheet shows, in English or German: as a patient it would make one of many."""
_MAX_FOLD: Final = 1_000_000_000  # more is damage, and no database holds it


@dataclass(frozen=True)
class Columns:
    """Names of the columns; every one but `path` or the samples may be absent from the table.

    path: the file of one record of any format, relative to the table's folder.
    signal: samples in mV, [12, sample] or [sample, 12] in the standard order of leads. Without it, columns
        named after leads (I, aVR, V1 …) hold one lead's samples each.
    rate: sampling rate in Hz; needed beside samples.
    codes: `{"NORM": 100}`, a list, or statements separated by ; , or |.
    """

    id: str = "id"
    path: str = "path"
    signal: str = "signal"
    rate: str = "rate_hz"
    report: str = "report"
    codes: str = "codes"
    age: str = "age"
    sex: str = "sex"
    patient: str = "patient_id"
    fold: str = "fold"


@dataclass(frozen=True)
class RecordTable:
    """The records of one table; named by the column `id`, else by their path, else by the row's number."""

    table: Path
    columns: Columns
    rows: Mapping[str, Mapping[str, Any]]
    arrays: tuple[str, ...]
    rate_hz: float | None = None
    seconds: float | None = None

    @property
    def name(self) -> str:
        return self.table.stem

    @property
    def folder(self) -> Path:
        return self.table.parent

    @cached_property
    def ids(self) -> Sequence[str]:
        return tuple(self.rows)

    def read(self, record_id: str) -> Ecg:
        row = self.rows.get(record_id)
        if row is None:
            raise RecordError(f"{self.table}: no record {record_id!r}{did_you_mean(record_id, self.rows)}")
        try:
            _check_readable(row)
            ecg = self._from_samples(row) if self.arrays else self._from_path(row)
            ecg = replace(self._known(ecg, row), name=record_id, source=self.name)
        except RecordError as error:
            raise RecordError(f"{self.table}, record {record_id}: {error}") from error
        return ecg if self.rate_hz is None else resampled(ecg, self.rate_hz)

    def _from_path(self, row: Mapping[str, Any]) -> Ecg:
        written = _text(row, self.columns.path)
        if not written:
            raise RecordError(f"column {self.columns.path!r} is empty; expected the path of a record")
        return read_ecg(self.table.parent / written, seconds=self.seconds)

    def _from_samples(self, row: Mapping[str, Any]) -> Ecg:
        rate = _number(row, self.columns.rate)
        if rate is None:
            raise RecordError(f"column {self.columns.rate!r} is empty; expected the sampling rate in Hz")
        cells = samples_of(self.table, self.arrays, row)
        samples, leads = _one_matrix(cells) if self.columns.signal in cells else _lead_columns(cells)
        there = samples.shape[1]
        samples = samples[:, : samples_in(self.seconds, rate, there)]
        signal, remarks = twelve_leads(samples, leads)
        warnings = remarks + only_first(samples.shape[1], there, rate)
        return Ecg(signal_mv=signal, rate_hz=rate, path=str(self.table), warnings=warnings)

    def _known(self, ecg: Ecg, row: Mapping[str, Any]) -> Ecg:
        """Add what the table says; where it says nothing, what the record's header said stays."""
        names, warnings = self.columns, list[str]()
        fold = _fold(row, names.fold, warnings)
        age = read_age(_text(row, names.age), warnings)
        return replace(
            ecg,
            report=_text(row, names.report) or ecg.report,
            codes=read_codes(row.get(names.codes), warnings) or ecg.codes,
            age=ecg.age if age is None else age,
            sex=read_sex(_text(row, names.sex), warnings) or ecg.sex,
            patient_id=_patient(row, names.patient) or ecg.patient_id,
            fold=ecg.fold if fold is None else fold,
            warnings=(*ecg.warnings, *warnings),
        )


def open_table(
    path: str | Path,
    columns: Columns | None = None,
    rate_hz: float | None = None,
    seconds: float | None = None,
) -> RecordTable:
    """Open a table (CSV, Excel, Parquet); reads the named columns, but not the samples of a Parquet file.

    Errors: RecordError where the table has neither a path nor samples, or a named column is missing.
    """
    path, columns = Path(path), columns or Columns()
    if not path.exists():
        raise RecordError(f"{path}: no such file; expected {TABLES}")
    wanted = {getattr(columns, field.name) for field in fields(columns)}
    found = column_names(path)
    arrays = _sample_columns(found, columns)
    _check_columns(path, columns, found, arrays)
    rows = _named(path, columns, table_rows(path, wanted, arrays))
    if not rows:
        raise RecordError(f"{path}: the table has no row; expected one a record")
    return RecordTable(path, columns, rows, arrays, rate_hz, seconds)


def open_source(path: Path, rate_hz: float | None, seconds: float | None) -> RecordTable:
    """`open_table` with the usual names of columns, as the table of readers asks for it."""
    return open_table(path, None, rate_hz, seconds)


def _sample_columns(names: Sequence[str], columns: Columns) -> tuple[str, ...]:
    """Columns that hold samples: the one matrix, else those named after leads where there is no path."""
    if columns.signal in names:
        return (columns.signal,)
    if columns.path in names:
        return ()
    others = {getattr(columns, field.name) for field in fields(columns)}
    return tuple(name for name in names if name not in others and standard_lead(name) is not None)


def _check_columns(path: Path, columns: Columns, found: Sequence[str], arrays: Sequence[str]) -> None:
    default = Columns()
    overridden = [v for f in fields(columns) if (v := getattr(columns, f.name)) != getattr(default, f.name)]
    needed = overridden + ([columns.rate] if arrays else [columns.path])
    for name in needed:
        if name not in found:
            alternative = "" if arrays or name in overridden else f" (or {columns.signal!r} with the samples)"
            raise RecordError(
                f"{path}: no column {name!r}{alternative}; found {', '.join(found)[:500] or '(none)'}"
                f"{did_you_mean(name, found)}"
            )


def _named(path: Path, columns: Columns, rows: Iterable[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    named: dict[str, Mapping[str, Any]] = {}
    for number, row in enumerate(rows, start=1):
        written = re.sub(r"\.(hea|dat|mat)$", "", _text(row, columns.path))
        name = _text(row, columns.id) or written or f"{number:06d}"
        if name in named:
            raise RecordError(
                f"{path}: row {number} repeats the record {name[:60]!r}; expected every id once"
            )
        named[name] = row
    return named


def _check_readable(row: Mapping[str, Any]) -> None:
    """A patient or report that cannot be read must not be taken for none."""
    for name, cell in row.items():
        if isinstance(cell, Unreadable):
            raise RecordError(f"column {name!r} holds {cell.why}; expected text or a number")
        if isinstance(cell, str) and _FORMULA_ERROR.fullmatch(cell.strip()):
            raise RecordError(
                f"column {name!r} holds {cell.strip()}, a formula that failed; mend or empty the cell"
            )


def _one_matrix(
    cells: Mapping[str, Float32s],
) -> tuple[Float32s, Sequence[str]]:
    (samples,) = cells.values()
    if samples.ndim == 2 and samples.shape[0] != len(LEADS) and samples.shape[1] == len(LEADS):
        samples = samples.T
    if samples.ndim != 2 or samples.shape[0] != len(LEADS):
        raise RecordError(
            f"samples of shape {samples.shape}; expected [12, sample] in the order {' '.join(LEADS)}"
        )
    return samples, LEADS


def _lead_columns(
    cells: Mapping[str, Float32s],
) -> tuple[Float32s, Sequence[str]]:
    recorded = {name: lead for name, lead in cells.items() if lead.size}
    lengths = {name: lead.size for name, lead in recorded.items()}
    if len(set(lengths.values())) != 1:
        raise RecordError(f"leads of unequal or no length: {lengths}; expected one length")
    return np.stack(list(recorded.values())), tuple(recorded)


def _text(row: Mapping[str, Any], column: str) -> str:
    text = str(row.get(column, "")).strip()
    return "" if text.lower() in NOTHING else text


def _patient(row: Mapping[str, Any], column: str) -> str:
    """A patient's number; RecordError where a spreadsheet rounded it: two patients would become one."""
    text = _text(row, column)
    if _ROUNDED.fullmatch(text):
        raise RecordError(
            f"column {column!r} holds {text[:60]!r}, a number that a spreadsheet rounded; "
            "save the column as text"
        )
    return re.sub(r"\.0$", "", text)


def _number(row: Mapping[str, Any], column: str) -> float | None:
    text = _text(row, column)
    if not text:
        return None
    try:
        number = float(text if "." in text else text.replace(",", "."))
    except ValueError:
        number = math.nan
    if _THOUSANDS.fullmatch(text) or "_" in text:
        number = math.nan
    if not math.isfinite(number):
        raise RecordError(f"column {column!r} holds {text[:60]!r}; expected a number without separators")
    return number


def _fold(row: Mapping[str, Any], column: str, warnings: list[str]) -> int | None:
    """A whole number; a word such as `train` is none, with a warning appended."""
    text = _text(row, column)
    try:
        number = float(text or "nan")
    except ValueError:
        number = math.inf
    if abs(number) <= _MAX_FOLD and number == int(number):
        return int(number)
    if text:
        warnings.append(f"fold {text[:60]!r} was left out; expected a whole number")
    return None
