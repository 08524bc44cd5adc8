"""Any folder of WFDB records, with or without headers in the style of the PhysioNet Challenges."""

import os
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from ecgclip.errors import RecordError
from ecgclip.records.ecg import Ecg
from ecgclip.records.header_notes import read_notes
from ecgclip.records.leads import twelve_leads
from ecgclip.records.nearest import did_you_mean
from ecgclip.records.resample import resampled
from ecgclip.records.wfdb.header import DamagedError, read_header
from ecgclip.records.wfdb.record import read_channels, record_stem

_SEGMENT: Final = re.compile(r"_(\d{4}|layout)$")


def read_wfdb(path: str | Path, rate_hz: float | None = None, seconds: float | None = None) -> Ecg:
    """Read a WFDB record (path with or without suffix) or its first seconds; its source is the folder's name.

    Raises RecordError, with the path in it, for whatever cannot be read as an ECG.
    """
    stem = record_stem(path)
    channels = read_channels(stem, seconds)
    notes = read_notes(channels.comments)
    try:
        signal, mended = twelve_leads(channels.values_mv, channels.names)
        ecg = Ecg(
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
            warnings=channels.warnings + mended + notes.warnings,
        )
    except RecordError as error:
        raise RecordError(f"{stem}: {error}") from error
    return ecg if rate_hz is None else resampled(ecg, rate_hz)


@dataclass(frozen=True)
class WfdbFolder:
    """The WFDB records of a folder and the folders below it; a record's name is its path below the folder.

    A folder that cannot be listed stands among the ids with a slash at its end: to read it tells why.
    """

    folder: Path
    ids: Sequence[str]
    rate_hz: float | None = None
    seconds: float | None = None

    @property
    def name(self) -> str:
        return self.folder.absolute().name

    def read(self, record_id: str) -> Ecg:
        if record_id.endswith("/"):
            raise RecordError(f"{self.folder / record_id}: {_why_unlisted(self.folder / record_id)}")
        if not os.path.lexists(self.folder / f"{record_id}.hea"):
            raise RecordError(f"{self.folder}: no record {record_id!r}{did_you_mean(record_id, self.ids)}")
        ecg = read_wfdb(self.folder / record_id, self.rate_hz, self.seconds)
        return replace(ecg, name=record_id, source=self.name)


def open_wfdb(path: str | Path, rate_hz: float | None = None, seconds: float | None = None) -> WfdbFolder:
    """List the records of a folder, or make a source of one record.

    Raises RecordError where there is none.
    """
    path = Path(path)
    stem = record_stem(path)
    if not path.is_dir() and os.path.lexists(f"{stem}.hea"):
        return WfdbFolder(stem.parent, (stem.name,), rate_hz, seconds)
    if not path.is_dir():
        raise RecordError(
            f"{path}: no such folder or record; expected a folder of WFDB records (.hea + .dat or .mat)"
        )
    ids = _record_names(path)
    if not ids:
        raise RecordError(
            f"{path}: no WFDB record in this folder or below; expected .hea files beside .dat or .mat"
        )
    return WfdbFolder(path, ids, rate_hz, seconds)


def _record_names(folder: Path) -> tuple[str, ...]:
    """Names are listed by os.walk: folders of a million files would be slow as a million Path objects.

    Left out are the companions `._NAME.hea` in which macOS keeps attributes on foreign disks.
    """
    names: list[str] = []
    unlisted: list[OSError] = []
    for root, _, files in os.walk(folder, onerror=unlisted.append):
        below = Path(root).relative_to(folder).as_posix()
        prefix = "" if below == "." else f"{below}/"
        names += [prefix + file[:-4] for file in files if file.endswith(".hea") and not file.startswith("._")]
    locked = {f"{Path(error.filename).relative_to(folder).as_posix()}/" for error in unlisted}
    return tuple(sorted({*names} - _segments(folder, {*names}) | locked - {"./"}))


def _why_unlisted(folder: Path) -> str:
    try:
        os.scandir(folder).close()
    except OSError as error:
        return f"the folder cannot be listed ({error.strerror or error}); give yourself the right to read it"
    return "the folder could not be listed before and can be now; run it again"


def _segments(folder: Path, names: set[str]) -> set[str]:
    """Those that are a part of another record, such as `m_0001` of `m`: header(5), a record line `m/2 …`."""
    parts: dict[str, set[str]] = {}
    for name in names:
        if (whole := _SEGMENT.sub("", name)) != name and whole in names:
            parts.setdefault(whole, set()).add(name)
    return {part for whole in parts if _has_segments(folder / f"{whole}.hea") for part in parts[whole]}


def _has_segments(header: Path) -> bool:
    with suppress(OSError, DamagedError):
        return bool(read_header(header).segments)
    return False
