"""The table of writers: every format that a record is written in, known by the suffix of its file.

A new format is a module that writes one file and a line here; the command's help and the texts of errors
follow from this table.
"""

import os
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

from ecgclip.errors import ConfigError, MissingExtraError
from ecgclip.files import atomic_write

if TYPE_CHECKING:
    from ecgclip.records.ecg import Ecg

Notes: TypeAlias = Mapping[str, str | float | None]
"""What else is known of a record and no field of `Ecg`, such as the layout of a print: name -> value."""


class Writer(NamedTuple):
    """A format.

    title: in words, for help and errors. function: "module:function" that takes (ecg, path, notes); each
    imports what it needs when it is called. package, extra: that it needs, and pip's name for it.
    is_atomic: whether it replaces the file itself, because it writes a second one beside it.
    """

    suffix: str
    title: str
    function: str
    package: str = ""
    extra: str = ""
    is_atomic: bool = False

    def write(self, ecg: "Ecg", path: Path, notes: Notes) -> None:
        """Write to a path of any suffix. Errors: RecordError, MissingExtraError, OSError."""
        module, _, name = self.function.partition(":")
        function: Callable[..., Any] = getattr(import_module(f"ecgclip.records.writing.{module}"), name)
        function(ecg, path, notes)


WRITERS: Final = (
    Writer(".hea", "a WFDB record (.hea beside .dat)", "wfdb:write_wfdb", is_atomic=True),
    Writer(".csv", "a table of samples (.csv)", "samples_csv:write_csv"),
    Writer(".edf", "EDF+ (.edf)", "edf:write_edf", package="edfio", extra="edf"),
    Writer(".dcm", "DICOM (.dcm)", "dicom:write_dicom", package="pydicom", extra="dicom"),
    Writer(".json", "JSON (.json)", "samples_json:write_json"),
)
"""The table of writers; the first is the one of folders."""

SUFFIXES: Final = tuple(line.suffix for line in WRITERS)
FORMATS: Final = ", ".join(line.title for line in WRITERS)
"""All formats, in words."""


def write_ecg(ecg: "Ecg", path: str | os.PathLike[str], notes: Notes | None = None) -> Path:
    """Write a record to a file: `write_ecg(ecg, "signal.hea")`.

    Args:
        ecg: The record; NaN samples are kept in the way of each format.
        path: Its suffix names the format: `.hea` (WFDB), `.csv`, `.edf`, `.dcm` or `.json`. A file of
            that name is replaced.
        notes: Further facts by name, for the formats that have room for them.

    Returns:
        The path.

    Raises:
        ConfigError: Of an unknown suffix, or a folder that does not exist.
        RecordError: Where the format cannot hold the record.
        MissingExtraError: Where the format needs an optional package.
    """
    target = Path(path)
    writer = writer_of(target)
    if writer.is_atomic:
        writer.write(ecg, target, notes or {})
    else:
        with atomic_write(target) as part:
            writer.write(ecg, part, notes or {})
    return target


def writer_of(path: Path) -> Writer:
    """The writer of a file; ConfigError for another suffix, a folder, or one that does not exist.

    Errors: MissingExtraError where its package is not installed.
    """
    found = writer_of_suffix(path)
    if not path.parent.is_dir():
        raise ConfigError(f"{path.parent}: no such folder; make it first")
    if path.is_dir():
        raise ConfigError(f"{path}: this is a folder; expected the name of a file")
    return found


def writer_of_suffix(path: Path) -> Writer:
    """As `writer_of`, of a file whose folder may be made later."""
    found = next((line for line in WRITERS if line.suffix == path.suffix.lower()), None)
    if found is None:
        suffix = path.suffix or "without a suffix"
        raise ConfigError(f"{path}: signals are written as {', '.join(SUFFIXES)}, not {suffix}")
    if found.package and not _is_installed(found.package):
        raise MissingExtraError(found.package, found.extra)
    return found


def _is_installed(package: str) -> bool:
    try:
        import_module(package)
    except ImportError:
        return False
    return True
