"""PTB-XL in its official layout: ptbxl_database.csv beside records100/ and records500/.

Wagner et al. 2020, doi 10.13026/kfzx-aw45. Columns other than ecg_id may be absent, and so may files.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Final

from ecgclip.errors import RecordError
from ecgclip.records.codes import UNREADABLE, likelihoods, literal
from ecgclip.records.ecg import Ecg
from ecgclip.records.leads import twelve_leads
from ecgclip.records.people import read_age, read_sex
from ecgclip.records.readers import PTBXL_TABLE
from ecgclip.records.resample import resampled
from ecgclip.records.source import did_you_mean
from ecgclip.records.tables.files import column_names, table_rows
from ecgclip.records.tables.text import open_text_table
from ecgclip.records.wfdb.record import is_complete, read_channels

STATEMENTS: Final = "scp_statements.csv"
LOW_HZ: Final = 100.0
_MOST_STATEMENTS: Final = 10_000  # PTB-XL has 71
_FOLD_DIGITS: Final = 9  # more is damage, and no database holds it
_SEXES: Final = {"0": "male", "1": "female"}
_COLUMNS: Final = (
    "patient_id",
    "age",
    "sex",
    "report",
    "scp_codes",
    "strat_fold",
    "filename_lr",
    "filename_hr",
)


@dataclass(frozen=True)
class PtbXl:
    """A folder in the layout of PTB-XL.

    rows: five-digit ecg_id -> its line of the table, as text.
    statements: the SCP statements that the folder explains; empty where it lacks scp_statements.csv.
    rate_hz: None = the best rate that exists for each record; the record's warnings say which.
    seconds: None = all of each record. remark: on the table itself, for errors about files it names.
    """

    folder: Path
    rows: Mapping[str, Mapping[str, str]]
    statements: frozenset[str] = frozenset()
    rate_hz: float | None = None
    seconds: float | None = None
    remark: str = ""

    @property
    def name(self) -> str:
        return "ptbxl"

    @cached_property
    def ids(self) -> Sequence[str]:
        return tuple(self.rows)

    def read(self, record_id: str) -> Ecg:
        row = self.rows.get(record_id)
        if row is None:
            raise RecordError(
                f"{self.folder / PTBXL_TABLE}: no ecg_id {record_id!r}{did_you_mean(record_id, self.rows)}"
            )
        path, warnings = self._choose(record_id, row)
        ecg = replace(_ecg(path, record_id, row, self.seconds), source=self.name)
        if self.rate_hz is not None and ecg.rate_hz != self.rate_hz:
            warnings += (f"resampled from {ecg.rate_hz:g} Hz to {self.rate_hz:g} Hz",)
            ecg = resampled(ecg, self.rate_hz)
        unknown = sorted(set(ecg.codes) - self.statements) if self.statements else []
        warnings += tuple(f"statement {code!r} is not in {STATEMENTS}" for code in unknown)
        return replace(ecg, warnings=warnings + ecg.warnings)

    def _choose(self, record_id: str, row: Mapping[str, str]) -> tuple[Path, tuple[str, ...]]:
        """Pick the file whose rate is nearest to the requested one; warn where it is another rate."""
        order = ("lr", "hr") if self.rate_hz is not None and self.rate_hz <= LOW_HZ else ("hr", "lr")
        wanted, other = (self._file(record_id, row, which) for which in order)
        if is_complete(wanted):
            return wanted, ()
        if is_complete(other):
            return other, (f"read from {_kind(other)}: {_kind(wanted)} lacks this record",)
        raise RecordError(
            f"{self.name}/{record_id}: neither {self._as_listed(wanted)} nor {self._as_listed(other)} is in "
            f"{self.folder}; expected .hea and .dat of one{self.remark}"
        )

    def _as_listed(self, path: Path) -> Path:
        """A path as the table has it, below the folder."""
        return path.relative_to(self.folder) if path.is_relative_to(self.folder) else path

    def _file(self, record_id: str, row: Mapping[str, str], which: str) -> Path:
        folder = "records500" if which == "hr" else "records100"
        usual = f"{folder}/{int(record_id) // 1000 * 1000:05d}/{record_id}_{which}"
        return self.folder / (row.get(f"filename_{which}") or usual)


def _kind(path: Path) -> str:
    """records100 or records500 in the official layout."""
    return path.parts[-3] if len(path.parts) > 2 else str(path)


def open_ptbxl(folder: str | Path, rate_hz: float | None = None, seconds: float | None = None) -> PtbXl:
    """Open a folder (or its ptbxl_database.csv); reads the tables, no waveform.

    Errors: RecordError where the table is missing, empty or has no column ecg_id.
    """
    folder = Path(folder)
    folder = folder.parent if folder.name == PTBXL_TABLE else folder
    table = folder / PTBXL_TABLE
    if not table.exists():
        raise RecordError(
            f"{folder}: no {PTBXL_TABLE} in this folder; expected PTB-XL in its official layout"
        )
    rows, statements = _rows(table), _statements(folder / STATEMENTS)
    if not rows:
        raise RecordError(f"{table}: the table has no row; expected one a record")
    return PtbXl(folder, rows, statements, rate_hz, seconds, _remark(table))


def _rows(table: Path) -> dict[str, dict[str, str]]:
    found = column_names(table)
    if "ecg_id" not in found:
        near = did_you_mean("ecg_id", found)
        raise RecordError(f"{table}: no column 'ecg_id' among {', '.join(found)[:500] or '(none)'}{near}")
    rows: dict[str, dict[str, str]] = {}
    for line in table_rows(table, ("ecg_id", *_COLUMNS)):
        record_id = _five_digits(line.pop("ecg_id"), table)
        if record_id in rows:
            raise RecordError(f"{table}: ecg_id {record_id} stands twice; expected every id once")
        rows[record_id] = line
    return rows


def _remark(table: Path) -> str:
    """A spreadsheet that saves the table anew may change what stands in it."""
    name = {";": "semicolons", "\t": "tabs"}.get(open_text_table(table).separator)
    return f" (the table is separated by {name}, PTB-XL's own by commas: was it saved anew?)" if name else ""


def _five_digits(ecg_id: str, table: Path) -> str:
    try:
        return f"{int(float(ecg_id)):05d}"
    except (ValueError, OverflowError):
        raise RecordError(f"{table}: ecg_id {ecg_id[:60]!r} found; expected a whole number") from None


def _statements(table: Path) -> frozenset[str]:
    if not table.is_file():
        return frozenset()
    first = next(iter(column_names(table)), "")  # PTB-XL gives this column no name
    rows = islice(table_rows(table, (first,)), _MOST_STATEMENTS)
    return frozenset(row[first] for row in rows if row[first])


def _ecg(path: Path, record_id: str, row: Mapping[str, str], seconds: float | None) -> Ecg:
    channels = read_channels(path, seconds)
    warnings: list[str] = []
    try:
        signal, remarks = twelve_leads(channels.values_mv, channels.names)
        return Ecg(
            signal_mv=signal,
            rate_hz=channels.rate_hz,
            name=record_id,
            report=_report(row, warnings),
            codes=_codes(row, warnings),
            age=read_age(row.get("age", ""), warnings),
            sex=_sex(row, warnings),
            patient_id=_without_fraction(row.get("patient_id", "")),
            fold=_fold(row),
            path=str(path),
            warnings=(*channels.warnings, *remarks, *warnings),
        )
    except RecordError as error:
        raise RecordError(f"{path}: {error}") from error


def _report(row: Mapping[str, str], warnings: list[str]) -> str:
    report = row.get("report", "").strip()
    if not report:
        warnings.append("the report is blank")
    return report


def _codes(row: Mapping[str, str], warnings: list[str]) -> dict[str, float]:
    """Read `{'NORM': 100.0, 'SR': 0.0}`."""
    text = row.get("scp_codes", "").strip()
    if not text:
        return {}
    try:
        return likelihoods(literal(text))
    except UNREADABLE:
        warnings.append(f"scp_codes {text[:60]!r} cannot be read; expected {{'NORM': 100.0}}")
        return {}


def _sex(row: Mapping[str, str], warnings: list[str]) -> str | None:
    """PTB-XL writes 0 and 1, who took its layout over also words."""
    text = row.get("sex", "").strip()
    return _SEXES.get(text.removesuffix(".0")) or read_sex(text, warnings)


def _fold(row: Mapping[str, str]) -> int | None:
    fold = _without_fraction(row.get("strat_fold", "")) or ""
    return int(fold) if fold.isdecimal() and len(fold) <= _FOLD_DIGITS else None


def _without_fraction(text: str) -> str | None:
    """Turn `15709.0` into `15709`; anything else stays as it is."""
    text = text.strip().removesuffix(".0")
    return text if text and text.lower() != "nan" else None
