"""`Ecg`: one electrocardiogram with what is known about it, and the hash that says whether it has changed."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import blake2b

import numpy as np

from ecgclip.errors import RecordError
from ecgclip.records.bounds import check_bytes, check_codes, check_texts
from ecgclip.typing import Signal
from ecgclip.units import LEADS


@dataclass(frozen=True, eq=False)
class Ecg:
    """One electrocardiogram, with what is known about it.

    Attributes:
        signal_mv: float32 [12, sample] in mV, NaN where nothing was recorded; leads in the order I, II, III,
            aVR, aVL, aVF, V1 to V6.
        rate_hz: Samples per second.
        name: The record's name inside its source; `case_id` is `<source>/<name>`.
        source: Where the record comes from, such as `ptbxl`.
        report: The diagnosis report.
        codes: Statement and its likelihood in percent: SCP statements of PTB-XL, SNOMED names elsewhere.
        age: Years, None when unknown; PTB-XL's 300 ("over 89") is kept as 90.
        sex: `female`, `male`, or None when unknown.
        patient_id: Of its source; None when unknown.
        fold: Of a split by patients, from 1 on; None where the source has none.
        path: The file that it was read from.
        warnings: What the reader corrected or missed, one sentence each.

    Raises:
        RecordError: Where an index could not hold a value, such as a signal of another shape.
    """

    signal_mv: Signal
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
        if not 0 < self.rate_hz < np.inf:
            raise RecordError(f"a sampling rate of {self.rate_hz} Hz was given; expected more than 0")
        self._check_texts()

    def _check_texts(self) -> None:
        names = {"a name": self.name, "a source": self.source}
        people = {"a patient": self.patient_id, "a sex": self.sex}
        check_texts(names | people, self.path, self.report)
        check_codes(self.codes)
        texts = (self.case_id, self.report, self.patient_id, self.sex, self.path)
        check_bytes([text or "" for text in texts], self.codes)

    @property
    def case_id(self) -> str:
        """`<source>/<name>`: what an index calls the case."""
        return f"{self.source}/{self.name}"

    @property
    def leads(self) -> tuple[str, ...]:
        """The leads of which at least one sample was recorded."""
        rows = zip(LEADS, self.signal_mv, strict=True)
        return tuple(lead for lead, samples in rows if not np.isnan(samples).all())

    @property
    def duration_s(self) -> float:
        """Seconds, those without a sample included."""
        return float(self.signal_mv.shape[1] / self.rate_hz)


def content_hash(ecg: Ecg) -> str:
    """BLAKE2b-128 of the signal, the report and all metadata but the path: a moved folder changes no case."""
    facts = [
        ecg.case_id,
        ecg.rate_hz,
        ecg.report,
        dict(ecg.codes),
        ecg.age,
        ecg.sex,
        ecg.patient_id,
        ecg.fold,
    ]
    digest = blake2b(json.dumps(facts, sort_keys=True).encode(), digest_size=16)
    digest.update(np.ascontiguousarray(ecg.signal_mv, "<f4").tobytes())
    return digest.hexdigest()
