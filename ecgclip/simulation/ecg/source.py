"""`SyntheticSource`: a reproducible set of synthetic records that looks like any other source."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from os import PathLike

import numpy as np

from ecgclip.errors import RecordError
from ecgclip.records.ecg import Ecg
from ecgclip.simulation.ecg.generator import ecg_of
from ecgclip.simulation.ecg.normal import draw_person
from ecgclip.simulation.ecg.plausible import draw_statements

_SECOND_VISIT_EVERY = 6
"""Of six records, the last is a second one of the patient before."""


@dataclass(frozen=True)
class SyntheticSource:
    """`count` records made on demand; each depends on (seed, id) alone.

    Every sixth record is a second one of the patient before, half of the times with the same findings.
    Folds 1-10 are patient-wise.
    """

    count: int = 100
    seed: int = 0
    rate_hz: float = 500.0

    def __post_init__(self) -> None:
        if self.count < 1:
            raise RecordError(f"{self.count} synthetic records were asked for; expected at least 1")
        if self.seed < 0:
            raise RecordError(f"the seed of the synthetic records is {self.seed}; expected 0 or more")

    @property
    def name(self) -> str:
        return "synthetic"

    @property
    def ids(self) -> Sequence[str]:
        return tuple(f"{i:05d}" for i in range(1, self.count + 1))

    def read(self, record_id: str) -> Ecg:
        """Make one record; raises RecordError for an id that this source has not."""
        number = int(record_id) if record_id.isdecimal() else 0
        if not 1 <= number <= self.count or record_id != f"{number:05d}":
            raise RecordError(f"no synthetic record {record_id!r}; expected 00001 to {self.count:05d}")
        first_visit = number - 1 if number % _SECOND_VISIT_EVERY == 0 else number
        person = draw_person(self._rng(first_visit, 0))
        repeated = number != first_visit and self._rng(number, 1).random() < 0.5
        codes = draw_statements(self._rng(first_visit if repeated else number, 2), person.age)
        ecg = ecg_of(person, codes, self._rng(number, 3), rate_hz=self.rate_hz)
        return replace(
            ecg,
            name=record_id,
            patient_id=f"s{self.seed}-{first_visit:05d}",
            fold=1 + first_visit % 10,
        )

    def _rng(self, number: int, purpose: int) -> np.random.Generator:
        return np.random.default_rng([self.seed, number, purpose])


def open_synthetic(
    path: str | PathLike[str], rate_hz: float | None = None, seconds: float | None = None
) -> SyntheticSource:
    """The records that `synthetic`, `synthetic:count` or `synthetic:count:seed` asks for, 10 s each.

    Errors: RecordError for other words.
    """
    kind, *numbers = str(path).split(":")
    if kind != "synthetic" or len(numbers) > 2 or not all(number.isdecimal() for number in numbers):
        words = f"source {str(path)!r}; expected synthetic, synthetic:200 or synthetic:200:7 (count, seed)"
        raise RecordError(words)
    count, seed = (*map(int, numbers), *(100, 0)[len(numbers) :])
    return SyntheticSource(count, seed) if rate_hz is None else SyntheticSource(count, seed, rate_hz)
