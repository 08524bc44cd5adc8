"""A folder of files of one record each, of whatever formats the table of readers has."""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from ecgclip.errors import RecordError
from ecgclip.records.ecg import Ecg
from ecgclip.records.filetypes import FileType, file_type, listed_kinds
from ecgclip.records.readers import AUTO, SOURCES, WFDB_SUFFIXES, first_bytes, named, no_record, recognised
from ecgclip.records.source import did_you_mean
from ecgclip.records.wfdb.parts import segments_among

_HEADER: Final = ".hea"


@dataclass(frozen=True)
class RecordFolder:
    """The records of a folder and the folders below it.

    ids: paths below the folder, of WFDB records without suffix. Files of devices whose format cannot be read
    stand among them, and folders that cannot be listed, with a slash at the end: reading them says why.
    """

    folder: Path
    ids: Sequence[str]
    reader: str = AUTO
    rate_hz: float | None = None
    seconds: float | None = None

    @property
    def name(self) -> str:
        return self.folder.absolute().name

    def read(self, record_id: str) -> Ecg:
        from ecgclip.records.reading import read_ecg

        path = self.folder / record_id
        if record_id.endswith("/"):
            raise RecordError(f"{path}: {_why_unlisted(path)}")
        if not os.path.lexists(path) and not os.path.lexists(f"{path}{_HEADER}"):
            raise RecordError(f"{self.folder}: no record {record_id!r}{did_you_mean(record_id, self.ids)}")
        where = f"{path}{_HEADER}" if os.path.lexists(f"{path}{_HEADER}") else path
        ecg = read_ecg(where, self.rate_hz, self.seconds, self.reader)
        return replace(ecg, name=record_id, source=self.name)


def open_folder(path: Path, reader: str, rate_hz: float | None, seconds: float | None) -> RecordFolder:
    """List the records of a folder, or make a source of one file.

    Errors: RecordError where there is no record; it says what else was found.
    """
    if path.is_dir():
        return RecordFolder(path, _listed(path, reader), reader, rate_hz, seconds)
    if recognised(path, tuple(line for line in named(reader) if line.read_one)) is None:
        raise RecordError(no_record(path, SOURCES))
    if path.suffix.lower() in WFDB_SUFFIXES and os.path.lexists(path.with_suffix(_HEADER)):
        path = path.with_suffix("")
    return RecordFolder(path.parent, (path.name,), reader, rate_hz, seconds)


def _listed(folder: Path, reader: str) -> tuple[str, ...]:
    """The ids of a folder; RecordError where no file in it is a record."""
    unlisted: list[OSError] = []
    files = sorted(_files(folder, unlisted))
    readers = {line.name: line for line in named(reader) if line.read_one}
    headers = {name.removesuffix(_HEADER) for name in files if name.endswith(_HEADER)}
    records = headers - segments_among(folder, headers) if readers.pop("wfdb", None) else set[str]()
    locked = {f"{Path(error.filename).relative_to(folder).as_posix()}/" for error in unlisted} - {"./"}
    devices, others = set[str](), dict[FileType, str]()
    for name in files if readers or not records or reader == AUTO else ():
        path = folder / name
        if path.suffix in WFDB_SUFFIXES and name.removesuffix(path.suffix) in headers:
            continue
        head = first_bytes(path)
        kind = file_type(head, name)
        if any(line.recognises(path, head) for line in readers.values()):
            records.add(name)
        elif kind is not None:
            others.setdefault(kind, name)
            if kind.is_ecg and reader == AUTO:
                devices.add(name)
    if not records | locked:
        raise RecordError(_nothing(folder, others))
    return tuple(sorted(records | devices | locked))


def _files(folder: Path, unlisted: list[OSError]) -> Iterator[str]:
    """Paths below the folder, by os.walk: a million Path objects would be slow.

    Left out are the companions `._NAME` in which macOS keeps attributes on foreign disks.
    """
    for root, _, files in os.walk(folder, onerror=unlisted.append):
        below = Path(root).relative_to(folder).as_posix()
        prefix = "" if below == "." else f"{below}/"
        yield from (prefix + file for file in files if not file.startswith("._"))


def _nothing(folder: Path, others: Mapping[FileType, str]) -> str:
    """One line on a folder without records, with a file of each kind that lies there."""
    advice = next((kind.advice for kind in others), "give the folder that holds the records")
    found = f": {listed_kinds(others)}" if others else ""
    return f"{folder}: no record in this folder or below{found}; expected {SOURCES}; {advice}"


def _why_unlisted(folder: Path) -> str:
    try:
        os.scandir(folder).close()
    except OSError as error:
        return f"the folder cannot be listed ({error.strerror or error}); give yourself the right to read it"
    return "the folder could not be listed before and can be now; run it again"
