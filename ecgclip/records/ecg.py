"""`Ecg`: one electrocardiogram with what is known about it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from ecgclip.errors import RecordError
from ecgclip.units import LEADS

LIMB = slice(0, 6)
_LONGEST_NAME: Final = 1000
"""More is no path and no number, and would stand in every answer."""
_MOST_LETTERS: Final = 1_000_000
"""Of a report. PTB-XL's longest has some hundred; a file in the place of one would fill the memory."""


@dataclass(frozen=True, eq=False)
class Ecg:
    """One ECG; leads always in the order of `units.LEADS`.

    signal_mv: float32 [12, sample] in mV, NaN where nothing was recorded.
    rate_hz: samples per second.
    name: the record's name inside its source; `case_id` is `<source>/<name>`.
    codes: statement -> likelihood in percent (SCP statements for PTB-XL, SNOMED names elsewhere).
    age: years, None when unknown; PTB-XL's 300 ("over 89") is kept as 90.
    warnings: what the reader mended or missed, in words.
    """

    signal_mv: npt.NDArray[np.float32]
    rate_hz: float
    name: str = ""
    source: str = ""
    report: str = ""
    codes: Mapping[str, float] = field(default_factory=dict)
    age: float | None = None
    sex: str | None = None
    patient_id: str | None = None
    fold: int | None = None
    path: str | None = None
    warnings: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        shape = self.signal_mv.shape
        if len(shape) != 2 or shape[0] != len(LEADS) or shape[1] == 0:
            raise RecordError(
                f"a signal of shape {shape} was given; expected [12, sample] in the order {' '.join(LEADS)}"
            )
        if self.signal_mv.dtype != np.float32:
            raise RecordError(f"the signal is {self.signal_mv.dtype}; expected float32 in mV")
        if len(self.report) > _MOST_LETTERS:
            raise RecordError(f"a report of {len(self.report)} letters; expected at most {_MOST_LETTERS}")
        longest = max(len(name or "") for name in (self.name, self.source, self.patient_id, self.sex))
        if longest > _LONGEST_NAME:
            raise RecordError(f"a name of {longest} letters; expected at most {_LONGEST_NAME}")
        if sum(map(len, self.codes)) > _MOST_LETTERS:
            raise RecordError(f"{len(self.codes)} statements of more than {_MOST_LETTERS} letters in all")
        if not 0 < self.rate_hz < np.inf:
            raise RecordError(f"a sampling rate of {self.rate_hz} Hz was given; expected more than 0")

    @property
    def case_id(self) -> str:
        return f"{self.source}/{self.name}"

    @property
    def leads(self) -> tuple[str, ...]:
        """The leads of which at least one sample was recorded."""
        rows = zip(LEADS, self.signal_mv, strict=True)
        return tuple(lead for lead, samples in rows if not np.isnan(samples).all())

    @property
    def duration_s(self) -> float:
        return float(self.signal_mv.shape[1] / self.rate_hz)
