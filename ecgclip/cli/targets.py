"""Where a command writes a file for each of its pictures: one file that is named, or a folder of them."""

import re
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Final

from ecgclip.errors import ConfigError

_UNUSUAL: Final = re.compile(r"[^A-Za-z0-9_-]+")
"""What is left out of the names of files: a WFDB record may be called by nothing else."""


def targets(
    option: str, given: str, suffixes: Collection[str], names: Sequence[str], suffix: str
) -> list[Path]:
    """The file for each picture, in their order; nothing is made yet.

    given: what the option says. suffixes: of files that can be written; suffix: of the files of a folder.
    Errors: ConfigError for one file for several pictures, a suffix that is not written, a missing folder, and
    files that would have the same name or replace a picture.
    """
    files = _files(option, Path(given), suffixes, names, suffix)
    own = {Path(name).resolve() for name in names}
    for file in files:
        if file.resolve() in own:
            raise ConfigError(f"{option} {file} is one of the pictures; expected another folder or name")
    return files


def _files(
    option: str, path: Path, suffixes: Collection[str], names: Sequence[str], suffix: str
) -> list[Path]:
    if path.suffix.lower() in suffixes and not path.is_dir():
        if len(names) != 1:
            raise ConfigError(
                f"{option} {path} is one file; found {len(names)} pictures, give a folder for them"
            )
        _check_folder(path.parent)
        return [path]
    if path.suffix and not path.is_dir():
        raise ConfigError(f"{option} {path}: expected a folder, or a file that ends in {', '.join(suffixes)}")
    _check_folder(path if path.is_dir() else path.absolute().parent)
    return _in_folder(option, path, names, suffix)


def make_folder(target: Path) -> None:
    """Make the folder of a file, where it is the one that `targets` was to fill."""
    target.parent.mkdir(exist_ok=True)


def _check_folder(folder: Path) -> None:
    if not folder.is_dir():
        raise ConfigError(f"{folder}: no such folder; make it first")


def _in_folder(option: str, folder: Path, names: Sequence[str], suffix: str) -> list[Path]:
    taken: dict[Path, str] = {}
    for name in names:
        stem = _UNUSUAL.sub("_", Path(name).stem if name != "-" else "standard_input")
        target = folder / f"{stem}{suffix}"
        if target in taken:
            raise ConfigError(f"{option}: {taken[target]} and {name} would both become {target}; rename one")
        taken[target] = name
    return list(taken)
