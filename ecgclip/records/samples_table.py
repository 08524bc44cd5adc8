"""One record as a table of text: a row a sample, the column `time_s` and columns named after leads."""

import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import numpy as np

from ecgclip.errors import RecordError
from ecgclip.records.ecg import Ecg
from ecgclip.records.leads import lead_rows, twelve_leads
from ecgclip.records.tables.text import TextTable, open_text_table
from ecgclip.typing import Float64s

TIME: Final = "time_s"
_MOST_SAMPLES: Final = 10_000_000
"""Rows: five hours at 500 Hz."""
_UNEVEN: Final = 0.1
"""Share of a sample by which a time may be off its place."""


def read_samples(path: Path, seconds: float | None = None) -> Ecg:
    """Read the record, or its first seconds; its source is the folder's name. An empty cell is NaN.

    Errors: RecordError, with the path in it, for what is no such table, and for times at uneven distances.
    """
    try:
        table = open_text_table(path)
        if TIME not in table.names:
            raise RecordError(f"{path}: no column {TIME!r}; it has {', '.join(table.names)[:500]}")
        leads = [name for name in table.names if name != TIME]
        kept, remarks = lead_rows(leads, path)
        names = [leads[place] for place in kept]
        cells = np.array([*_rows(table, path, [TIME, *names], seconds)], np.float64)
    except OSError as error:
        raise RecordError(f"{path}: cannot be read ({error.strerror or error}); check the file") from error
    if len(cells) < 2:
        raise RecordError(f"{path}: {len(cells)} samples; expected two rows or more")
    rate_hz = _rate_hz(cells[:, 0], path)
    try:
        signal, corrected = twelve_leads(cells[:, 1:].T.astype(np.float32), names)
    except RecordError as error:
        raise RecordError(f"{path}: {error}") from error
    source = path.absolute().parent.name
    return Ecg(signal, rate_hz, path.stem, source, path=str(path), warnings=(*remarks, *corrected))


def _rows(table: TextTable, path: Path, names: list[str], seconds: float | None) -> Iterator[list[float]]:
    """The numbers of each row up to the last second that is wanted."""
    first_s = None
    for number, row in enumerate(table.rows(names), 1):
        if number > _MOST_SAMPLES:
            raise RecordError(f"{path}: more than {_MOST_SAMPLES} rows; write a WFDB record for so many")
        values = [_number(row, name, table.separator, f"{path}: row {number}") for name in names]
        first_s = values[0] if first_s is None else first_s
        if seconds is not None and values[0] - first_s >= seconds:
            return
        yield values


def _number(row: Mapping[str, str], name: str, separator: str, where: str) -> float:
    text = row[name].strip()
    if not text and name != TIME:
        return math.nan
    try:
        return float(text if separator == "," else text.replace(",", "."))
    except ValueError:
        raise RecordError(f"{where}: {name} is {text[:40]!r}; expected a number") from None


def _rate_hz(times_s: Float64s, path: Path) -> float:
    """Samples a second; RecordError where the times do not lie at even distances."""
    steps = len(times_s) - 1
    length_s = float(times_s[-1] - times_s[0])
    if not (math.isfinite(length_s) and length_s > 0):
        raise RecordError(f"{path}: times from {times_s[0]:g} to {times_s[-1]:g} s; expected ascending ones")
    even = times_s[0] + np.arange(steps + 1) * length_s / steps
    off = np.abs(times_s - even) > _UNEVEN * length_s / steps
    if off.any() or np.isnan(times_s).any():
        raise RecordError(f"{path}: row {int(off.argmax()) + 1} is at an uneven time; expected even ones")
    rate_hz = steps / length_s
    return float(round(rate_hz)) if abs(rate_hz - round(rate_hz)) < 1e-3 * rate_hz else rate_hz
