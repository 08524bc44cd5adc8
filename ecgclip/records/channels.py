"""`Channels`: what a file holds before it is sorted into leads."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from ecgclip.errors import RecordError
from ecgclip.records.leads import standard_lead

_LISTED: Final = 30
_MV_PER_UNIT: Final = {"mv": 1.0, "uv": 1e-3, "µv": 1e-3, "μv": 1e-3, "v": 1e3}


@dataclass(frozen=True, eq=False)
class Channels:
    """The standard leads of a file in its own order and naming.

    values_mv: float32 [channel, sample], NaN where the file marks a sample as invalid.
    comments: the header's comment lines, without the #.
    """

    values_mv: npt.NDArray[np.float32]
    names: tuple[str, ...]
    rate_hz: float
    comments: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def lead_rows(names: Sequence[str], shown: Path) -> tuple[list[int], tuple[str, ...]]:
    """Return the rows that are standard leads, and a remark on the others; RecordError without any."""
    kept = [row for row, name in enumerate(names) if standard_lead(name)]
    if not kept:
        raise RecordError(f"{shown}: no ECG lead among the channels {_listed(names)}; expected I, II, V1 …")
    leads = {*kept}
    others = [name for row, name in enumerate(names) if row not in leads]
    return kept, (f"no standard lead, left out: {_listed(others)}",) if others else ()


def _listed(names: Sequence[str]) -> str:
    """As many as a line holds."""
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return ", ".join(repr(name[:60]) for name in names[:_LISTED]) + more


def mv_per_unit(unit: str, name: str, shown: Path) -> float:
    """Return the factor from a header's unit to mV."""
    try:
        return _MV_PER_UNIT[unit.strip().lower()]
    except KeyError:
        raise RecordError(f"{shown}: lead {name[:60]} is in {unit[:60]!r}; expected mV, uV or V") from None
