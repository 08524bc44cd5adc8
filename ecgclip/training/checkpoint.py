"""Where a run stands, so that it can go on exactly: weights, average, optimiser, place in the data."""

from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from pickle import UnpicklingError
from typing import Any, Final

import torch

from ecgclip.config import load_config
from ecgclip.errors import ConfigError, ModelError
from ecgclip.files import atomic_write

FILE = "checkpoint.pt"
_FREE: Final = frozenset({"threads", "valid_every"})
"""Settings that decide no result: a run may go on with others."""


@dataclass(frozen=True)
class Progress:
    """The epoch to go on with, from 0."""

    epoch: int = 0


def save_checkpoint(folder: Path, progress: Progress, **states: dict[str, Any]) -> None:
    """Write under a temporary name, then rename: a killed run keeps its last whole checkpoint."""
    with atomic_write(folder / FILE) as part:
        torch.save({"progress": vars(progress), **states}, part)


def load_checkpoint(folder: Path) -> tuple[Progress, dict[str, Any]]:
    """The progress and the state dicts; raises ModelError where there is no whole checkpoint."""
    path = folder / FILE
    if not path.is_file():
        raise ModelError(
            f"{folder} holds no {FILE}; expected the folder of an earlier run, or leave out --resume"
        )
    try:
        saved = torch.load(path, map_location="cpu", weights_only=True)
        return Progress(saved.pop("progress")["epoch"]), saved
    except (RuntimeError, KeyError, TypeError, EOFError, OSError, UnpicklingError) as error:
        # the words of torch advise to load unsafely: only the kind of the error is told
        raise ModelError(f"{path} is damaged ({type(error).__name__}); begin the run anew") from None


def check_settings(config: object, path: Path) -> None:
    """ConfigError where `path`, the configuration of a run that is to go on, says otherwise than `config`."""
    if not path.is_file():  # a run that has a checkpoint has a configuration, too
        return
    before = load_config(path, type(config))
    others = [name for name in _differing(before, config) if name not in _FREE]
    if others:
        raise ConfigError(
            f"the run in {path.parent} began with other settings ({', '.join(others)}); "
            f"give those of {path}, or begin another run in another folder"
        )


def _differing(one: Any, other: Any, prefix: str = "") -> Iterator[str]:
    """The dotted names of the settings that two configurations of a kind have otherwise."""
    for field in fields(one):
        mine, theirs = getattr(one, field.name), getattr(other, field.name)
        if is_dataclass(mine) and type(mine) is type(theirs):
            yield from _differing(mine, theirs, f"{prefix}{field.name}.")
        elif mine != theirs:
            yield prefix + field.name
