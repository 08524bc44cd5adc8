"""The inputs of the command `query`: pictures, records, folders of them, or `-` for standard input."""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ecgclip.errors import ImageError
from ecgclip.files import open_regular
from ecgclip.records.readers import RECORDS, WFDB_SUFFIXES, first_bytes, names_record

if TYPE_CHECKING:
    from ecgclip.photo.loading.opened import Opened

STDIN: Final = "-"
_HEADER: Final = ".hea"
_PHOTOGRAPHS: Final = (".jpg", ".jpeg", ".png", ".heic", ".heif", ".tif", ".tiff")
_PICTURES: Final = frozenset((*_PHOTOGRAPHS, ".pdf", ".webp", ".avif", ".jp2", ".gif", ".bmp"))
"""Suffixes by which a file is asked about though it is damaged: a lost scan must not go unnoticed."""
_BEGINNING: Final = 1024
"""Number of first bytes that show the kind of a picture's file."""


def expanded(names: Sequence[str]) -> list[str]:
    """The names, each folder replaced by the pictures and WFDB headers in it, in alphabetical order.

    A picture is what has the content or the name of one.

    Errors: ImageError for a folder without any.
    """
    return [name for given in names for name in (_in_folder(Path(given)) if _is_folder(given) else [given])]


def standard_input() -> "Opened":
    """The picture that is piped in. Errors: ImageError for what is no picture, or too large."""
    from ecgclip.photo.loading.opened import open_stream

    return open_stream(sys.stdin.buffer, "standard input")


def _is_folder(name: str) -> bool:
    return name != STDIN and Path(name).is_dir() and not Path(name + _HEADER).is_file()


def _in_folder(folder: Path) -> Iterator[str]:
    files = sorted(file for file in folder.iterdir() if file.is_file() and not file.name.startswith("."))
    chosen = [str(file) for file in files if _is_record(file) or _is_picture(file)]
    if not chosen:
        words = f"found {len(files)} other files: {_kinds(files)}" if files else "found no files"
        raise ImageError(f"{folder}: {words}; expected pictures of ECGs or records: {RECORDS}")
    yield from chosen


def _is_record(file: Path) -> bool:
    """Whether a file stands for a record; of the files of a WFDB record only the header does."""
    suffix = file.suffix.lower()
    return suffix == _HEADER or (suffix not in WFDB_SUFFIXES and names_record(str(file)))


def _kinds(files: Sequence[Path]) -> str:
    """The kinds of file in a folder, with one example of each."""
    from ecgclip.records.filetypes import file_type, listed_kinds

    kinds = {file_type(first_bytes(file), file.name): file.name for file in reversed(files)}
    return listed_kinds({kind: name for kind, name in kinds.items() if kind}) or f"{files[0].name} …"


def _is_picture(file: Path) -> bool:
    from ecgclip.photo.loading.formats import kind_of

    if file.suffix.lower() in _PICTURES:
        return True
    try:
        with open_regular(file) as opened:
            return kind_of(opened.read(_BEGINNING)) is not None
    except OSError:
        return False
