"""The training records as a memory-mapped array: read and resampled once, drawn anew at every epoch."""

import json
import os
import zlib
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import numpy as np

from ecgclip.errors import RecordError
from ecgclip.records.ecg import Ecg
from ecgclip.records.resample import resampled
from ecgclip.typing import Float16s, Rows
from ecgclip.units import LEADS, RECORD_S

CACHE_RATE_HZ: Final = 100.0
_SAMPLES: Final = round(CACHE_RATE_HZ * RECORD_S)
MIN_RECORDS_PER_STATEMENT: Final = 5
"""Rarer statements are not learned."""


@dataclass(frozen=True)
class CaseRow:
    """What is stored of a record besides its signal."""

    case_id: str
    patient_id: str | None
    fold: int
    report: str
    codes: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class SignalCache:
    """signals_mv: float16 [record, 12, 1000] at 100 Hz, memory-mapped, NaN where nothing was recorded."""

    signals_mv: Float16s
    rows: tuple[CaseRow, ...]

    def ecg(self, index: int) -> Ecg:
        """The record at `index`, without its report and statements."""
        return Ecg(np.asarray(self.signals_mv[index], np.float32), CACHE_RATE_HZ)

    def in_folds(self, folds: Iterable[int]) -> Rows:
        """Indices of the records of these folds."""
        wanted = set(folds)
        return np.array([i for i, row in enumerate(self.rows) if row.fold in wanted], np.int64)

    def reports(self, folds: Iterable[int]) -> list[str]:
        """The reports of the records of these folds."""
        return [self.rows[index].report for index in self.in_folds(folds)]

    def frequent_statements(self, folds: Iterable[int]) -> tuple[str, ...]:
        """Statements that five or more records of these folds have, in alphabetical order."""
        counts: dict[str, int] = {}
        for index in self.in_folds(folds):
            for code in self.rows[index].codes:
                counts[code] = counts.get(code, 0) + 1
        return tuple(sorted(code for code, count in counts.items() if count >= MIN_RECORDS_PER_STATEMENT))


def build_cache(ecgs: Iterable[Ecg], folder: Path) -> SignalCache:
    """Write the records to `folder` (under a temporary name first) and open the cache."""
    folder.mkdir(parents=True, exist_ok=True)
    rows: list[CaseRow] = []
    raw = folder / "signals.tmp"
    with raw.open("wb") as file:
        for ecg in ecgs:
            file.write(_fixed_length(ecg).tobytes())
            rows.append(_case_row(ecg))
    if not rows:
        raw.unlink()
        raise RecordError("no record could be read; expected at least one to train on")
    os.replace(raw, folder / "signals.f16")
    (folder / "rows.json").write_text(json.dumps([asdict(row) for row in rows]))
    return open_cache(folder)


def open_cache(folder: Path) -> SignalCache:
    """Open a cache that `build_cache` wrote."""
    rows = tuple(
        CaseRow(**{**row, "codes": tuple(row["codes"])})
        for row in json.loads((folder / "rows.json").read_text())
    )
    signals = np.memmap(folder / "signals.f16", np.float16, "r", shape=(len(rows), len(LEADS), _SAMPLES))
    return SignalCache(signals, rows)


def check_records(records: int, folds: tuple[int, ...], batch_size: int) -> None:
    """RecordError where the records to train on are fewer than a batch."""
    if records < batch_size:
        raise RecordError(
            f"{records} records in the folds {folds}, fewer than a batch of {batch_size}; "
            "give more data or a smaller batch_size"
        )


def _fixed_length(ecg: Ecg) -> Float16s:
    """float16 [12, 1000]: cut or filled with NaN at the end."""
    signal = resampled(ecg, CACHE_RATE_HZ).signal_mv[:, :_SAMPLES]
    filled = np.full((len(LEADS), _SAMPLES), np.nan, np.float16)
    filled[:, : signal.shape[1]] = signal
    return filled


def _case_row(ecg: Ecg) -> CaseRow:
    return CaseRow(ecg.case_id, ecg.patient_id, assigned_fold(ecg), ecg.report, tuple(ecg.codes))


def assigned_fold(ecg: Ecg) -> int:
    """The record's fold; where its source has none, one of 1..10 by patient, the same on every machine."""
    if ecg.fold is not None:
        return ecg.fold
    patient = f"{ecg.source}/{ecg.patient_id}" if ecg.patient_id else ecg.case_id
    return 1 + zlib.crc32(patient.encode()) % 10
