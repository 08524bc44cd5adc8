"""The folder of a run: its log, its settings, and the checkpoint from which it can be resumed exactly."""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from pickle import UnpicklingError
from typing import Any, Final, TypeAlias

import torch

from ecgclip.config import load_config
from ecgclip.errors import ConfigError, ModelError
from ecgclip.files import atomic_write

CHECKPOINT: Final = "checkpoint.pt"
LogLine: TypeAlias = Callable[[str], object]
"""Takes each line of a run's log."""
_FREE: Final = frozenset({"threads", "valid_every"})
"""Settings that do not change the result: a run may be resumed with others."""


class Log:
    """Writes lines to stderr and appends them to a file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(parents=True, exist_ok=True)

    def __call__(self, line: str) -> None:
        print(line, file=sys.stderr, flush=True)
        with self.path.open("a") as file:
            file.write(line + "\n")


def check_unfinished(result: Path) -> None:
    """ConfigError where a run has ended with this result: hours of work are not overwritten."""
    if result.exists():
        raise ConfigError(
            f"{result.parent} holds a finished run ({result.name}); give another --out, or delete it first"
        )


@dataclass(frozen=True)
class Progress:
    """Number of epochs done, or of steps where a stage counts those."""

    epoch: int = 0


def save_checkpoint(folder: Path, progress: Progress, **states: dict[str, Any]) -> None:
    """Write under a temporary name, then rename: a killed run keeps its last whole checkpoint."""
    with atomic_write(folder / CHECKPOINT) as part:
        torch.save({"progress": vars(progress), **states}, part)


def load_checkpoint(folder: Path) -> tuple[Progress, dict[str, Any]]:
    """The progress and the state dicts; raises ModelError where there is no whole checkpoint."""
    path = folder / CHECKPOINT
    if not path.is_file():
        raise ModelError(
            f"{folder} holds no {CHECKPOINT}; expected the folder of an earlier run, or leave out --resume"
        )
    try:
        saved = torch.load(path, map_location="cpu", weights_only=True)
        return Progress(saved.pop("progress")["epoch"]), saved
    except (RuntimeError, KeyError, TypeError, EOFError, OSError, UnpicklingError) as error:
        # torch's own words advise to load without its safeguard: only the kind of error is repeated
        raise ModelError(f"{path} is damaged ({type(error).__name__}); start the run anew") from None


def check_settings(config: object, path: Path) -> None:
    """ConfigError where a run is resumed with other settings than `path` says that it was started with."""
    if not path.is_file():  # no checkpoint without settings: what is missing is reported with the checkpoint
        return
    before = load_config(path, type(config))
    others = [name for name in _differing(before, config) if name not in _FREE]
    if others:
        raise ConfigError(
            f"the run in {path.parent} began with other settings ({', '.join(others)}); "
            f"give those of {path}, or begin another run in another folder"
        )


def _differing(one: Any, other: Any, prefix: str = "") -> Iterator[str]:
    """The dotted names of the settings in which two configurations of a kind differ."""
    for field in fields(one):
        mine, theirs = getattr(one, field.name), getattr(other, field.name)
        if is_dataclass(mine) and type(mine) is type(theirs):
            yield from _differing(mine, theirs, f"{prefix}{field.name}.")
        elif mine != theirs:
            yield prefix + field.name
