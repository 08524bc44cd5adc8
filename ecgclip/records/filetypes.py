"""The kinds of file, recognised by their first bytes: one table for readers and error texts."""

import re
from collections.abc import Mapping
from enum import Enum
from itertools import islice
from pathlib import PurePath
from typing import Final

_EXPORT: Final = "export the ECG as a WFDB record, or print it to PDF"
_KINDS_LISTED: Final = 4
_EDF_HEADER_BYTES: Final = 256
_CONTROL: Final = re.compile(rb"[\0-\x08\x0e-\x1a\x1c-\x1f]")


class FileType(Enum):
    """Value: what the file is, with an article, and what to do with it where it cannot be read."""

    DICOM = "a DICOM file", _EXPORT
    AECG = "an HL7 aECG (XML)", _EXPORT
    MUSE = "an ECG of GE MUSE (XML)", _EXPORT
    PHILIPS = "an ECG of Philips (XML)", _EXPORT
    SCP = "an SCP-ECG file", _EXPORT
    EDF = "an EDF or BDF file", _EXPORT
    ISHNE = "an ISHNE Holter file", _EXPORT
    XML = "an XML file", _EXPORT
    MATLAB = "a MATLAB or HDF5 file", "a .mat is read as the signal file of the WFDB header (.hea) beside it"
    PARQUET = "a Parquet table", "give a table of records to build-index"
    EXCEL = "an Excel table (xlsx)", "give a table of records to build-index, or save it as CSV"
    WORD = "a Word document", "print it to PDF, and give that to a query"
    OFFICE = "an old or encrypted Office file", "save a table as .xlsx or CSV, a document as PDF"
    ARCHIVE = "an archive", "unpack it and give the folder or file that was in it"
    PDF = "a PDF", "give it to a query: an index is built from records"
    PICTURE = "a picture", "give it to a query: an index is built from records"
    HTML = "a web page", "save the picture that it shows"
    TEXT = "a text file", "samples belong into a WFDB record or a table of records (CSV)"
    EMPTY = "an empty file", "copy it again"

    def __init__(self, title: str, advice: str) -> None:
        self.title = title
        self.advice = advice

    @property
    def is_ecg(self) -> bool:
        """Whether only devices that record ECGs or other signals write such files."""
        return self in _DEVICES


_DEVICES: Final = (
    FileType.DICOM,
    FileType.AECG,
    FileType.MUSE,
    FileType.PHILIPS,
    FileType.SCP,
    FileType.EDF,
    FileType.ISHNE,
)
_STARTS: Final = {
    b"\xffBIOSEMI": FileType.EDF,
    b"ISHNE1.0": FileType.ISHNE,
    b"MATLAB 5.0": FileType.MATLAB,
    b"\x89HDF\r\n\x1a\n": FileType.MATLAB,
    b"PAR1": FileType.PARQUET,
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": FileType.OFFICE,
    b"{\\rtf": FileType.WORD,
    b"\x1f\x8b": FileType.ARCHIVE,
    b"BZh": FileType.ARCHIVE,
    b"\xfd7zXZ\0": FileType.ARCHIVE,
    b"7z\xbc\xaf'\x1c": FileType.ARCHIVE,
    b"Rar!\x1a\x07": FileType.ARCHIVE,
    b"\x28\xb5\x2f\xfd": FileType.ARCHIVE,
    b"\xff\xd8\xff": FileType.PICTURE,
    b"\x89PNG\r\n\x1a\n": FileType.PICTURE,
    b"GIF8": FileType.PICTURE,
    b"BM": FileType.PICTURE,
    b"II*\0": FileType.PICTURE,
    b"MM\0*": FileType.PICTURE,
    b"II+\0": FileType.PICTURE,
    b"MM\0+": FileType.PICTURE,
    b"\0\0\0\x0cjP  ": FileType.PICTURE,
    b"\xff\x4f\xff\x51": FileType.PICTURE,
}
_ROOTS: Final = {
    b"<annotatedecg": FileType.AECG,
    b"<restingecg>": FileType.MUSE,
    b"<restingecgdata": FileType.PHILIPS,
    b"<html": FileType.HTML,
    b"<!doctype html": FileType.HTML,
}
"""Beginning of the root element of an XML file, in lower case -> the kind of file."""
_ZIPPED: Final = {b"xl/": FileType.EXCEL, b"word/": FileType.WORD}
"""Folders inside a zip that make it a document of this kind."""
_ZIP_SUFFIXES: Final = {".xlsx": FileType.EXCEL, ".xlsm": FileType.EXCEL, ".docx": FileType.WORD}


def file_type(head: bytes, name: str = "") -> FileType | None:
    """The kind of a file; None where its first bytes are in no table here.

    head: the first bytes (`ecgclip.files.head_of`), or all. name: its suffix decides what a damaged zip is.

    >>> file_type(b"id,report\\n").title, file_type(bytes(128) + b"DICM").title
    ('a text file', 'a DICOM file')
    """
    if not head:
        return FileType.EMPTY
    if head.startswith((b"PK\3\4", b"PK\5\6")):
        return _zipped(head, name)
    return _by_start(head) or _by_place(head) or _by_root(head) or _as_text(head)


def explain(name: str, head: bytes, expected: str) -> str | None:
    """One line on a file that cannot be read as what is expected; None where its kind is unknown.

    >>> explain("a.dcm", bytes(128) + b"DICM", "a picture")
    'a.dcm: this is a DICOM file; expected a picture; export the ECG as a WFDB record, or print it to PDF'
    """
    found = file_type(head, name)
    return found and f"{name}: this is {found.title}; expected {expected}; {found.advice}"


def listed_kinds(files: Mapping[FileType, str]) -> str:
    """Part of a sentence on what lies in a folder; files: kind -> the name of one such file.

    >>> listed_kinds({FileType.DICOM: "a", FileType.TEXT: "README.md"})
    'a is a DICOM file, README.md is a text file'
    """
    words = [f"{name} is {kind.title}" for kind, name in islice(files.items(), _KINDS_LISTED)]
    return ", ".join(words) + (" …" if len(files) > _KINDS_LISTED else "")


def _by_start(head: bytes) -> FileType | None:
    """Marks of letters alone count in binary files: a table may begin with a column `BMI`."""
    binary = _CONTROL.search(head) is not None
    for start, kind in _STARTS.items():
        if head.startswith(start) and (binary or not start.isalnum()):
            return kind
    return None


def _by_place(head: bytes) -> FileType | None:
    """Kinds whose mark does not stand at the beginning."""
    if head[128:132] == b"DICM":
        return FileType.DICOM
    if head[257:262] == b"ustar":
        return FileType.ARCHIVE
    if head.startswith(b"0       ") and len(head) >= _EDF_HEADER_BYTES:
        return FileType.EDF
    if head[4:8] == b"ftyp" or (head.startswith(b"RIFF") and head[8:12] == b"WEBP"):
        return FileType.PICTURE
    if b"%PDF" in head[:1024]:
        return FileType.PDF
    return FileType.SCP if b"SCPECG" in head[:512] else None


def _by_root(head: bytes) -> FileType | None:
    """XML and HTML by the element that holds all others; UTF-16 loses its NULs first."""
    text = head.replace(b"\0", b"").lower()
    for root, kind in _ROOTS.items():
        if root in text:
            return kind
    return FileType.XML if b"<?xml" in text[:16] else None


def _as_text(head: bytes) -> FileType | None:
    plain = head.replace(b"\0", b"") if head.startswith((b"\xff\xfe", b"\xfe\xff")) else head
    return None if _CONTROL.search(plain) else FileType.TEXT


def _zipped(head: bytes, name: str) -> FileType:
    """A zip is what lies in it: the names of its first files stand unpacked among its first bytes."""
    for folder, kind in _ZIPPED.items():
        if folder in head:
            return kind
    return _ZIP_SUFFIXES.get(PurePath(name).suffix.lower(), FileType.ARCHIVE)
