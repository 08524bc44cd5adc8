"""One WFDB record as its channels in mV: plain ones directly, all others by the wfdb package."""

from pathlib import Path
from typing import Any, Final

import numpy as np

from ecgclip.errors import RecordError
from ecgclip.records.channels import Channels, lead_rows, mv_per_unit
from ecgclip.records.resample import to_rate
from ecgclip.records.wfdb_plain import read_plain

SUFFIXES: Final = (".hea", ".dat", ".mat")
# What wfdb raises on damaged files: it parses with plain indexing and reshapes.
_WFDB_ERRORS: Final = (
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    OSError,
    ArithmeticError,
    MemoryError,
)


def record_stem(path: str | Path) -> Path:
    """Return a record's path without .hea, .dat or .mat."""
    path = Path(path)
    return path.with_suffix("") if path.suffix.lower() in SUFFIXES else path


def is_complete(stem: Path) -> bool:
    """Say whether the header and a signal file of its name are there."""
    return _beside(stem, ".hea").is_file() and any(_beside(stem, end).is_file() for end in SUFFIXES[1:])


def read_channels(path: str | Path) -> Channels:
    """Read the standard leads of a record; raises RecordError with the record's path in it."""
    stem = record_stem(path)
    try:
        return _read(stem)
    except OSError as error:
        raise RecordError(f"{stem}: cannot be read ({error.strerror or error}); check the files") from error


def _read(stem: Path) -> Channels:
    header = _beside(stem, ".hea")
    if not header.is_file():
        raise RecordError(f"{header}: no such file; expected the header of a WFDB record")
    text = header.read_text(encoding="utf-8", errors="replace")
    if all(not line.strip() or line.lstrip().startswith("#") for line in text.splitlines()):
        raise RecordError(f"{header}: the header is empty; expected a record line and one line a channel")
    return read_plain(stem, text) or read_by_wfdb(stem)


def read_by_wfdb(stem: Path) -> Channels:
    """Read a record of any kind that wfdb knows: several files, segments, frames, other formats."""
    import wfdb  # pulls in pandas: 0.4 s

    try:
        # frames kept apart: smoothing would average the 4 samples a frame that some monitors store
        with np.errstate(all="ignore"):  # a gain near 0 gives infinite samples, which are judged later
            record = wfdb.rdrecord(str(stem), return_res=32, smooth_frames=False)
    except FileNotFoundError as error:
        raise RecordError(f"{stem}: the signal file {Path(error.filename).name} is missing") from error
    except _WFDB_ERRORS as error:
        raise RecordError(
            f"{stem}: header and signal file do not fit or are damaged{_sizes(stem)} ({_one_line(error)}); "
            "copy the record again"
        ) from error
    if not record.e_p_signal or not record.sig_name:
        raise RecordError(f"{stem}: the record holds no signal; expected the leads of an ECG")
    return _channels(record, stem)


def _beside(stem: Path, suffix: str) -> Path:
    return stem.with_name(stem.name + suffix)


def _channels(record: Any, stem: Path) -> Channels:
    """Keep the standard leads, in mV, at the highest rate that one of them has."""
    names = tuple(str(name) for name in record.sig_name)
    kept, remarks = lead_rows(names, stem)
    per_frame = max(record.samps_per_frame[row] for row in kept)
    leads = [
        to_rate(
            np.float32(mv_per_unit(record.units[row], names[row], stem))
            * record.e_p_signal[row][None].astype(np.float32),
            record.samps_per_frame[row],
            per_frame,
        )[0]
        for row in kept
    ]
    return Channels(
        np.stack(leads),
        tuple(names[row] for row in kept),
        float(record.fs) * per_frame,
        tuple(record.comments or ()),
        remarks,
    )


def _sizes(stem: Path) -> str:
    """Describe the signal files' sizes, which is what a broken download shows first."""
    files = [path for end in SUFFIXES[1:] if (path := _beside(stem, end)).is_file()]
    return ": " + ", ".join(f"{path.name} has {path.stat().st_size} bytes" for path in files) if files else ""


def _one_line(error: BaseException) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())[:160]
