"""One WFDB record as its channels in mV, read by the wfdb package."""

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from ecgclip.errors import RecordError
from ecgclip.records.leads import standard_lead
from ecgclip.records.resample import to_rate

SUFFIXES: Final = (".hea", ".dat", ".mat")
_MV_PER_UNIT: Final = {"mv": 1.0, "uv": 1e-3, "µv": 1e-3, "μv": 1e-3, "v": 1e3}
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


@dataclass(frozen=True, eq=False)
class Channels:
    """Channels of a file before they are sorted into leads.

    values_mv: float32 [channel, sample], NaN where the file marks a sample as invalid.
    comments: the header's comment lines, without the #.
    """

    values_mv: npt.NDArray[np.float32]
    names: tuple[str, ...]
    rate_hz: float
    comments: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


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
    header = _beside(stem, ".hea")
    if not header.is_file():
        raise RecordError(f"{header}: no such file; expected the header of a WFDB record")
    name_line = _record_line(header)
    if "." in name_line.partition(" ")[0]:
        return _read_mended(stem, name_line)
    return _read(stem, stem)


def _beside(stem: Path, suffix: str) -> Path:
    return stem.with_name(stem.name + suffix)


def _record_line(header: Path) -> str:
    lines = header.read_text(encoding="ascii", errors="ignore").splitlines()
    found = next((line.strip() for line in lines if line.strip() and not line.startswith("#")), None)
    if found is None:
        raise RecordError(f"{header}: the header is empty; expected a record line and one line a channel")
    return found


def _read_mended(stem: Path, name_line: str) -> Channels:
    """Read a record whose header names itself with a suffix (`E07501.mat 12 500 …`), which wfdb refuses.

    The Georgia part of the Challenge 2021 was published so. The mended header and the signal go through a
    temporary folder: wfdb reads from paths only.
    """
    written = name_line.partition(" ")[0]
    mended = _beside(stem, ".hea").read_text(encoding="ascii", errors="ignore").replace(written, stem.name, 1)
    with tempfile.TemporaryDirectory(prefix="ecgclip-") as folder:
        copy = Path(folder, stem.name)
        _beside(copy, ".hea").write_text(mended, encoding="ascii")
        for suffix in SUFFIXES[1:]:
            if _beside(stem, suffix).is_file():
                shutil.copyfile(_beside(stem, suffix), _beside(copy, suffix))
        channels = _read(copy, stem)
    remark = f"the header calls the record {written!r}; read as {stem.name!r}"
    return Channels(channels.values_mv, channels.names, channels.rate_hz, channels.comments, (remark,))


def _read(stem: Path, shown: Path) -> Channels:
    """Read the files at `stem`; errors speak of `shown`."""
    import wfdb  # pulls in pandas: 0.4 s

    try:
        # frames kept apart: smoothing would average the 4 samples a frame that some monitors store
        record = wfdb.rdrecord(str(stem), return_res=32, smooth_frames=False)
    except FileNotFoundError as error:
        raise RecordError(f"{shown}: the signal file {Path(error.filename).name} is missing") from error
    except _WFDB_ERRORS as error:
        raise RecordError(
            f"{shown}: header and signal file do not fit or are damaged{_sizes(stem)} ({_one_line(error)}); "
            "copy the record again"
        ) from error
    if not record.e_p_signal or not record.sig_name:
        raise RecordError(f"{shown}: the record holds no signal; expected the leads of an ECG")
    return _channels(record, shown)


def _channels(record: Any, shown: Path) -> Channels:
    """Keep the standard leads, in mV, at the highest rate that one of them has."""
    names = tuple(str(name) for name in record.sig_name)
    kept = [row for row, name in enumerate(names) if standard_lead(name)]
    if not kept:
        raise RecordError(
            f"{shown}: no ECG lead among the channels {', '.join(map(repr, names))}; expected I, II, V1 …"
        )
    per_frame = max(record.samps_per_frame[row] for row in kept)
    leads = [record.e_p_signal[row] * _mv_per_unit(record.units[row], names[row], shown) for row in kept]
    raised = [
        to_rate(lead[None].astype(np.float32), record.samps_per_frame[row], per_frame)[0]
        for lead, row in zip(leads, kept, strict=True)
    ]
    others = [repr(name) for row, name in enumerate(names) if row not in kept]
    warnings = (f"no standard lead, left out: {', '.join(others)}",) if others else ()
    return Channels(
        np.stack(raised),
        tuple(names[row] for row in kept),
        float(record.fs) * per_frame,
        tuple(record.comments or ()),
        warnings,
    )


def _mv_per_unit(unit: str, name: str, shown: Path) -> np.float32:
    try:
        return np.float32(_MV_PER_UNIT[unit.strip().lower()])
    except KeyError:
        raise RecordError(f"{shown}: lead {name} is in {unit!r}; expected mV, uV or V") from None


def _sizes(stem: Path) -> str:
    """Describe the signal files' sizes, which is what a broken download shows first."""
    sizes = [
        f"{p.name} has {p.stat().st_size} bytes"
        for end in SUFFIXES[1:]
        if (p := _beside(stem, end)).is_file()
    ]
    return f": {', '.join(sizes)}" if sizes else ""


def _one_line(error: BaseException) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())[:160]
