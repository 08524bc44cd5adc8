"""Where a run stands, so that it can go on exactly: weights, average, optimiser, place in the data."""

import os
from dataclasses import dataclass
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import torch

from ecgclip.errors import ModelError

FILE = "checkpoint.pt"


@dataclass(frozen=True)
class Progress:
    """The epoch to go on with, from 0."""

    epoch: int = 0


def save_checkpoint(folder: Path, progress: Progress, **states: dict[str, Any]) -> None:
    """Write under a temporary name, then rename: a killed run keeps its last whole checkpoint."""
    temporary = folder / (FILE + ".tmp")
    torch.save({"progress": vars(progress), **states}, temporary)
    os.replace(temporary, folder / FILE)


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
