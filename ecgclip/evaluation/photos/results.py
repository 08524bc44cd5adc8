"""Outcomes kept on disk photo by photo, so that a long run that was stopped goes on where it was."""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import IO

import ecgclip
from ecgclip.errors import ConfigError
from ecgclip.evaluation.photos.outcome import Outcome

_PROGRAM = (
    "configs/render",
    "engine",
    "paper",
    "photo",
    "records",
    "retrieval",
    "weights",
    "evaluation/baselines/random_encoder.py",
    "evaluation/photos/outcome.py",
    "evaluation/photos/rankers.py",
    "evaluation/photos/truth.py",
    "evaluation/simulated_photos.py",
)
"""Files and folders of the package on which an outcome depends."""


@dataclass(frozen=True)
class Origin:
    """What outcomes depend on: the program that reads and ranks, the model, the gallery and the seed."""

    program: str
    model: str
    gallery: int
    seed: int


@lru_cache(maxsize=1)
def program_hash() -> str:
    """Names the program's files that outcomes depend on."""
    root = Path(ecgclip.__file__).parent
    files = [file for name in _PROGRAM for file in [root / name, *(root / name).rglob("*")] if file.is_file()]
    digest = hashlib.sha256()
    for file in sorted(file for file in files if "__pycache__" not in file.parts):
        digest.update(str(file.relative_to(root)).encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:16]


@dataclass(frozen=True, eq=False)
class Kept:
    """The outcomes of one level that are known, by photo, and the file to which more are added."""

    known: dict[str, Outcome]
    file: IO[str] | None

    def add(self, outcome: Outcome) -> None:
        self.known[outcome.photo] = outcome
        if self.file is not None:
            self.file.write(json.dumps(outcome.to_json()) + "\n")
            self.file.flush()


@contextmanager
def kept_outcomes(folder: Path | None, level: str, origin: Origin) -> Iterator[Kept]:
    """Open the file of a level, `<level>.jsonl`; without a folder nothing is kept.

    Errors: ConfigError where the file holds outcomes of another program, model, gallery or seed.
    """
    if folder is None:
        yield Kept({}, None)
        return
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{level}.jsonl"
    known = _read(path, origin) if path.is_file() else {}
    # Written anew: a run that was killed may have left half a line.
    with path.open("w", encoding="utf-8") as file:
        file.write(json.dumps(asdict(origin)) + "\n")
        kept = Kept({}, file)
        for outcome in known.values():
            kept.add(outcome)
        yield kept


def _read(path: Path, origin: Origin) -> dict[str, Outcome]:
    lines = list(_whole_lines(path))
    if lines and lines[0] != asdict(origin):
        raise ConfigError(
            f"{path} holds results of another program, model, gallery or seed; "
            "remove it, or give another folder"
        )
    return {outcome.photo: outcome for outcome in map(Outcome.from_json, lines[1:])}


def _whole_lines(path: Path) -> Iterator[dict[str, object]]:
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            yield json.loads(line)
        except json.JSONDecodeError:
            return
