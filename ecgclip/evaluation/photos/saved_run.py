"""A long run in a folder: finished photos are saved at once, so that a stopped run can be resumed.

`manifest.json` says what the saved values depend on: the model, the gallery, the seed and the files of this
package. Where any of it has changed, the values are deleted and the run starts anew. Beside it lies a file
for each group of photos, one line a photo.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

import ecgclip
from ecgclip.errors import ConfigError
from ecgclip.files import atomic_write

MANIFEST: Final = "manifest.json"
_VALUES: Final = ".jsonl"


@dataclass(frozen=True, eq=False)
class Saved:
    """The values of one group by key, and the file to which more are added; without a file none is saved."""

    known: dict[str, Any]
    file: IO[bytes] | None = None

    def add(self, key: str, value: object) -> None:
        """Save a value that JSON can hold."""
        if self.file is not None:
            self.known[key] = value
            self.file.write(json.dumps([key, value]).encode() + b"\n")
            self.file.flush()


@dataclass(frozen=True)
class SavedRun:
    """The folder of a run; None: nothing is saved."""

    folder: Path | None = None

    @contextmanager
    def group(self, name: str) -> Iterator[Saved]:
        """Open the values of a group; half a line, which a killed run left, is cut off."""
        if self.folder is None:
            yield Saved({})
            return
        with (self.folder / f"{name}{_VALUES}").open("a+b") as file:
            file.seek(0)
            lines = [line for line in file.read().splitlines(keepends=True) if line.endswith(b"\n")]
            file.truncate(sum(map(len, lines)))
            yield Saved(dict(json.loads(line) for line in lines), file)


def open_run(folder: Path | None, depends_on: Mapping[str, str]) -> SavedRun:
    """Resume the run in a folder, or start one; depends_on: goes into the manifest.

    Errors: ConfigError where the folder holds something else than a run.
    """
    if folder is None:
        return SavedRun()
    manifest = folder / MANIFEST
    folder.mkdir(parents=True, exist_ok=True)
    if not manifest.is_file() and any(folder.iterdir()):
        raise ConfigError(f"{folder} has no {MANIFEST}; expected an empty folder, or the results of a run")
    text = json.dumps({**depends_on, "package": package_hash()}, indent=2)
    if not manifest.is_file() or manifest.read_text() != text:
        for file in folder.glob(f"*{_VALUES}"):
            file.unlink()
        with atomic_write(manifest) as part:
            part.write_text(text)
    return SavedRun(folder)


def package_hash() -> str:
    """Hash over all files of this package: code, configurations and weights."""
    root = Path(ecgclip.__file__).parent
    files = sorted(file for file in root.rglob("*") if file.is_file() and file.suffix != ".pyc")
    return digest(*(part for file in files for part in (str(file.relative_to(root)), file.read_bytes())))


def digest(*parts: str | bytes) -> str:
    """16 hexadecimal digits that name these parts."""
    hashed = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        hashed.update(len(data).to_bytes(8, "little") + data)
    return hashed.hexdigest()[:16]
