"""One WFDB record, as an `Ecg` or as its channels in mV; of one part or of segments in time.

Read without the wfdb package, for which a folder called `visit[1]` is a pattern and `a::b` an address, and
which takes every number of a header for true. Here nothing is read that does not lie beside the record's
header, and no more of it than was asked for.
"""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np

from ecgclip.errors import RecordError
from ecgclip.records.ecg import Ecg
from ecgclip.records.header_notes import read_notes
from ecgclip.records.leads import Channels, lead_rows, twelve_leads
from ecgclip.records.readers import WFDB_SUFFIXES
from ecgclip.records.resample import only_first, samples_in
from ecgclip.records.wfdb.header import RecordHeader, SignalLine
from ecgclip.records.wfdb.parts import Parts, Rows, open_parts
from ecgclip.signal.resample import to_rate
from ecgclip.typing import Float32s

_MOST_BYTES: Final = 4 * 2**30
"""Largest record in memory, as mV: a day of twelve leads at 500 Hz takes 2 GiB."""
_MOST_BYTES_A_SECOND: Final = 8 * 2**20
"""Twelve leads at 100 kHz take 5 MB; more is a wrong rate, which would make ten seconds fill the memory."""


def record_stem(path: str | Path) -> Path:
    """Return a record's path without .hea, .dat or .mat."""
    path = Path(path)
    return path.with_suffix("") if path.suffix.lower() in WFDB_SUFFIXES else path


def is_complete(stem: Path) -> bool:
    """Say whether the header and a signal file of its name are there."""
    return _with_suffix(stem, ".hea").is_file() and any(
        _with_suffix(stem, end).is_file() for end in WFDB_SUFFIXES[1:]
    )


def read_wfdb(path: str | Path, seconds: float | None = None) -> Ecg:
    """Read a WFDB record (path with or without suffix) or its first seconds; its source is the folder's name.

    Errors: RecordError, with the path in it, for whatever cannot be read as an ECG.
    """
    stem = record_stem(path)
    channels = read_channels(stem, seconds)
    notes = read_notes(channels.comments)
    try:
        signal, remarks_on_leads = twelve_leads(channels.values_mv, channels.names)
        return Ecg(
            signal_mv=signal,
            rate_hz=channels.rate_hz,
            name=stem.name,
            source=stem.absolute().parent.name,
            report=notes.report,
            codes=notes.codes,
            age=notes.age,
            sex=notes.sex,
            patient_id=notes.patient_id,
            path=str(stem),
            warnings=channels.warnings + remarks_on_leads + notes.warnings,
        )
    except RecordError as error:
        raise RecordError(f"{stem}: {error}") from error


def read_channels(path: str | Path, seconds: float | None = None) -> Channels:
    """Read the standard leads of a record, or of its first seconds; RecordError with the path in it."""
    stem = record_stem(path)
    if not stem.name:
        raise RecordError(f"{str(path)!r} names no record; expected the path of a WFDB record")
    try:
        with np.errstate(all="ignore"):  # a gain near 0 gives infinite samples, which are judged later
            return _read(stem, seconds)
    except FileNotFoundError as error:
        raise RecordError(_missing(stem, Path(error.filename))) from error
    except OSError as error:
        where = f"{Path(error.filename).name} " if error.filename else ""
        words = f"{where}cannot be read ({error.strerror or error})"
        raise RecordError(f"{stem}: {words}; check the files") from error
    except MemoryError as error:
        raise RecordError(f"{stem}: too long for this machine's memory; read its first seconds") from error
    except ValueError as error:
        words = f"do not fit or are damaged{_sizes(stem)} ({error})"
        raise RecordError(f"{stem}: header and signal file {words}; copy the record again") from error


def _read(stem: Path, seconds: float | None) -> Channels:
    parts = open_parts(stem)
    header, layout = parts.header, parts.layout
    if not layout:
        raise RecordError(f"{stem}: the record holds no signal; expected the leads of an ECG")
    kept, remarks = lead_rows([line.lead for line in layout], stem)
    lines = [layout[row] for row in kept]
    frames = _frames(stem, parts, lines, seconds)
    rows: Rows = {
        row: np.full(frames * line.frame_samples, np.nan, np.float32)
        for row, line in zip(kept, lines, strict=True)
    }
    damaged = parts.fill(rows, frames)
    return Channels(
        _at_one_rate(rows, lines),
        tuple(line.lead for line in lines),
        header.rate_hz * max(line.frame_samples for line in lines),
        header.comments,
        (
            *_renamed(header, stem),
            *remarks,
            *_unsound(damaged),
            *only_first(frames, parts.frames, header.rate_hz),
        ),
    )


def _frames(stem: Path, parts: Parts, lines: Sequence[SignalLine], seconds: float | None) -> int:
    """How many frames to read; RecordError where there is none or they would fill the memory."""
    rate = parts.header.rate_hz
    if not 0 < rate < math.inf:
        raise RecordError(f"{stem}: a sampling rate of {rate} Hz was found; expected more than 0")
    if parts.frames == 0:
        raise RecordError(f"{stem}: the record holds no signal; expected the leads of an ECG")
    frames = samples_in(seconds, rate, parts.frames)
    kept = len(lines) * max(line.frame_samples for line in lines)
    # of a file of many channels all are read, whatever is kept
    size = 4 * frames * max(kept, sum(line.frame_samples for line in parts.layout))
    most = _MOST_BYTES if seconds is None else min(_MOST_BYTES, seconds * _MOST_BYTES_A_SECOND)
    if size > most:
        raise RecordError(
            f"{stem}: {frames} frames at {rate:g} Hz would take {size / 2**30:.3g} GiB; expected at most "
            f"{most / 2**30:.3g} (is the sampling rate right?); of a long record read the first seconds"
        )
    return frames


def _at_one_rate(rows: Rows, lines: Sequence[SignalLine]) -> Float32s:
    """At the highest rate that one of the leads has: averages would blunt what some monitors store finely."""
    fastest = max(line.frame_samples for line in lines)
    leads = zip(rows.values(), lines, strict=True)
    return np.stack([to_rate(lead[None], line.frame_samples, fastest)[0] for lead, line in leads])


def _renamed(header: RecordHeader, stem: Path) -> tuple[str, ...]:
    """The Georgia part of the Challenge 2021 was published with the names of files for those of records."""
    if "." not in header.name or header.name == stem.name:
        return ()
    return (f"the header calls the record {header.name!r}; read as {stem.name!r}",)


def _unsound(damaged: Sequence[str]) -> tuple[str, ...]:
    names = ", ".join(dict.fromkeys(damaged))
    return (f"the samples of {names} do not add up to the header's checksum: damaged?",) if damaged else ()


def _with_suffix(stem: Path, suffix: str) -> Path:
    return stem.with_name(stem.name + suffix)


def _missing(stem: Path, path: Path) -> str:
    if path == _with_suffix(stem, ".hea"):
        return f"{path}: no such file; expected the header of a WFDB record"
    kind = "segment" if path.suffix == ".hea" else "signal file"
    return f"{stem}: the {kind} {path.name} is missing"


def _sizes(stem: Path) -> str:
    """Describe the signal files' sizes, which is what a broken download shows first."""
    files = [path for end in WFDB_SUFFIXES[1:] if (path := _with_suffix(stem, end)).is_file()]
    return ": " + ", ".join(f"{path.name} has {path.stat().st_size} bytes" for path in files) if files else ""
