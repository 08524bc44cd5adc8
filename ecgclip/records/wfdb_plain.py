"""The WFDB records that most ECG databases consist of, read without the wfdb package.

One signal file of 16-bit samples (format 16, from a byte offset or not), every channel at the record's rate:
PTB-XL and all of the Challenges 2020 to 2025. Ten times faster than wfdb, whose import alone takes 0.4 s;
anything else in a header and the record is left to wfdb. Format: WFDB header(5) and signal(5).
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from ecgclip.records.channels import Channels, lead_rows, mv_per_unit

_RECORD: Final = re.compile(
    r"(?P<name>[-\w]+(\.\w+)?)\s+(?P<n>\d+)\s+(?P<rate>\d+(\.\d+)?)\s+(?P<samples>\d+)(\s.*)?"
)
_SIGNAL: Final = re.compile(
    r"(?P<file>[-\w]+\.\w+)\s+16(\+(?P<offset>\d+))?\s+"
    r"(?P<gain>\d+(\.\d+)?(e[+-]?\d+)?)(\((?P<baseline>-?\d+)\))?/(?P<unit>\S+)\s+"
    r"\d+\s+(?P<zero>-?\d+)\s+-?\d+\s+(?P<sum>-?\d+)\s+0\s+(?P<lead>\S.*)"
)
_INVALID: Final = -32768  # format 16 marks what was not recorded so


@dataclass(frozen=True)
class _Plain:
    rate_hz: float
    samples: int
    file: str
    offset: int
    gains: tuple[float, ...]
    baselines: tuple[int, ...]
    units: tuple[str, ...]
    leads: tuple[str, ...]
    checksums: tuple[int, ...]
    written_name: str


def read_plain(stem: Path, header: str) -> Channels | None:
    """Read a plain record given its header's text; None where it is of another kind, cut short or odd."""
    lines = [line.strip() for line in header.splitlines()]
    plain = _parse([line for line in lines if line and not line.startswith("#")])
    if plain is None:
        return None
    data = stem.with_name(plain.file)
    count = plain.samples * len(plain.leads)
    if not data.is_file() or data.stat().st_size < plain.offset + 2 * count:
        return None
    kept, remarks = lead_rows(plain.leads, stem)
    digital = np.fromfile(data, "<i2", count, offset=plain.offset).reshape(plain.samples, -1).T[kept]
    if plain.written_name != stem.name and "." in plain.written_name:
        # wfdb refuses such a header; the Georgia part of the Challenge 2021 was published so
        remarks += (f"the header calls the record {plain.written_name!r}; read as {stem.name!r}",)
    remarks += _checked(digital, plain, kept)
    return Channels(
        _in_mv(digital, plain, kept, stem),
        tuple(plain.leads[row] for row in kept),
        plain.rate_hz,
        tuple(line.strip(" \t#") for line in lines if line.startswith("#")),
        remarks,
    )


def _checked(digital: npt.NDArray[np.int16], plain: _Plain, kept: list[int]) -> tuple[str, ...]:
    """Compare each lead's sum with the header's; writers that compute none put 0 everywhere."""
    if not any(plain.checksums):
        return ()
    sums = digital.sum(axis=1, dtype=np.int64)
    wrong = [
        plain.leads[row]
        for row, total in zip(kept, sums, strict=True)
        if (int(total) - plain.checksums[row]) % 65536
    ]
    if not wrong:
        return ()
    return (f"the samples of {', '.join(wrong)} do not add up to the header's checksum: damaged?",)


def _in_mv(
    digital: npt.NDArray[np.int16], plain: _Plain, kept: list[int], stem: Path
) -> npt.NDArray[np.float32]:
    per_mv = [plain.gains[row] / mv_per_unit(plain.units[row], plain.leads[row], stem) for row in kept]
    baseline = np.array([plain.baselines[row] for row in kept], np.float32)[:, None]
    values = digital.astype(np.float32)
    values -= baseline  # in place: a day's recording is a gigabyte
    values /= np.array(per_mv, np.float32)[:, None]
    values[digital == _INVALID] = np.nan
    return values


def _parse(lines: list[str]) -> _Plain | None:
    record = _RECORD.fullmatch(lines[0]) if lines else None
    signals = [match for line in lines[1:] if (match := _SIGNAL.fullmatch(line))]
    if record is None or not signals or not len(signals) == len(lines) - 1 == int(record["n"]):
        return None
    places = {(match["file"], int(match["offset"] or 0)) for match in signals}
    gains = tuple(float(match["gain"]) for match in signals)
    if len(places) != 1 or 0 in gains or int(record["samples"]) == 0:
        return None  # several files, the default gain, a length to be guessed: rare enough for wfdb
    file, offset = places.pop()
    return _Plain(
        rate_hz=float(record["rate"]),
        samples=int(record["samples"]),
        file=file,
        offset=offset,
        gains=gains,
        baselines=tuple(int(match["baseline"] or match["zero"]) for match in signals),
        units=tuple(match["unit"] for match in signals),
        leads=tuple(match["lead"].strip() for match in signals),
        checksums=tuple(int(match["sum"]) for match in signals),
        written_name=record["name"],
    )
