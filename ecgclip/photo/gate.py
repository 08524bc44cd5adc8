"""Whether a picture is a readable ECG: the grid and the traces must both be there."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ecgclip.photo.grid import Grid
from ecgclip.photo.layout import Sheet
from ecgclip.photo.load import Picture


@dataclass(frozen=True)
class Verdict:
    """accepted, how sure (0..1), why not in words for a nurse, and what to be careful about."""

    accepted: bool
    confidence: float
    reason: str
    warnings: tuple[str, ...] = ()


def judge(
    picture: Picture, grid: Grid | None, sheet: Sheet | None, traces: npt.NDArray[np.float32] | None
) -> Verdict:
    """Weigh what was found; None stands for a step that found nothing."""
    if grid is None:
        return Verdict(False, 0.0, "no ECG grid was found in the picture")
    if sheet is None or traces is None:
        return Verdict(False, 0.05, "there is squared paper but no ECG trace on it")
    return Verdict(True, 1.0, "")
