"""`Kept`: JSON values by key, kept on disk line by line, so that a long run that was stopped goes on."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any


@dataclass(frozen=True, eq=False)
class Kept:
    """The values that are known, and the file to which more are added; without a file nothing is kept."""

    known: dict[str, Any]
    file: IO[bytes] | None = None

    def add(self, key: str, value: object) -> None:
        if self.file is not None:
            self.known[key] = value
            self.file.write(json.dumps([key, value]).encode() + b"\n")
            self.file.flush()


@contextmanager
def open_kept(path: Path | None) -> Iterator[Kept]:
    """The values of a file that may not exist yet; half a line, which a killed run left, is cut off."""
    if path is None:
        yield Kept({})
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+b") as file:
        file.seek(0)
        lines = file.read().splitlines(keepends=True)
        whole = [line for line in lines if line.endswith(b"\n")]
        file.truncate(sum(map(len, whole)))
        yield Kept(dict(json.loads(line) for line in whole), file)
