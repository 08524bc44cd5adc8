"""A record as an EDF+ file, by the package edfio. Format: Kemp and Olivan, Clin. Neurophysiol. 114 (2003).

EDF has no sample for "not recorded". A gap holds the digital minimum, which no recorded sample reaches, and
an annotation says which lead it is of, from when and for how long.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from ecgclip.errors import RecordError
from ecgclip.files import one_line
from ecgclip.records.ecg import Ecg
from ecgclip.records.writing.steps import GAP, LARGEST_STEP, in_steps, microvolts_per_step
from ecgclip.records.writing.writers import Notes
from ecgclip.typing import Bools
from ecgclip.units import LEADS

if TYPE_CHECKING:
    from edfio import EdfAnnotation

_SEXES: Final[dict[str | None, Literal["F", "M"]]] = {"female": "F", "male": "M"}
_LONGEST_NOTE: Final = 200
"""Letters of an annotation."""


def write_edf(ecg: Ecg, path: Path, notes: Notes) -> None:
    """Write twelve signals `ECG I` … in µV, in steps of 1 µV or as coarse as the amplitudes ask for.

    Notes and warnings are annotations at the beginning. The report and who the patient is stay behind.
    Errors: RecordError for a length that no EDF file can have.
    """
    from edfio import Edf, EdfSignal, Patient, Recording

    step_uv = microvolts_per_step(ecg.signal_mv)
    whole = in_steps(ecg.signal_mv, 1000 / step_uv)
    try:
        signals = [
            EdfSignal.from_digital(
                steps,
                ecg.rate_hz,
                label=f"ECG {lead}",
                physical_dimension="uV",
                physical_range=(GAP * step_uv, LARGEST_STEP * step_uv),
                digital_range=(GAP, LARGEST_STEP),
            )
            for lead, steps in zip(LEADS, whole, strict=True)
        ]
        patient = Patient(sex=_SEXES.get(ecg.sex, "X"))
        recording = Recording(equipment_code="ecgclip")
        annotations = [*_gaps(ecg), *_remarks(ecg, notes)]
        file = Edf(signals, patient=patient, recording=recording, annotations=annotations)
        file.write(path)
    except ValueError as error:
        raise RecordError(f"{ecg.case_id}: cannot be written as EDF ({error}); write .hea instead") from error


def _gaps(ecg: Ecg) -> Iterator["EdfAnnotation"]:
    from edfio import EdfAnnotation

    for lead, samples in zip(LEADS, ecg.signal_mv, strict=True):
        for first, stop in _runs(np.isnan(samples)):
            yield EdfAnnotation(first / ecg.rate_hz, (stop - first) / ecg.rate_hz, f"{lead} not recorded")


def _remarks(ecg: Ecg, notes: Notes) -> Iterator["EdfAnnotation"]:
    from edfio import EdfAnnotation

    told = [f"{key}: {value}" for key, value in notes.items() if value not in (None, "")]
    for words in (*told, *ecg.warnings):
        yield EdfAnnotation(0.0, None, one_line(words)[:_LONGEST_NOTE])


def _runs(gap: Bools) -> Iterator[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[0], gap.astype(np.int8), [0]])))
    yield from zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)
