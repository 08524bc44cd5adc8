"""Labels and features of each record of a source; waveforms are read in batches and not kept."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final, Protocol

import numpy as np

from ecgclip.errors import RecordError
from ecgclip.evaluation.tables import skipped_line
from ecgclip.paper.coverage import read_shown
from ecgclip.records.ecg import Ecg
from ecgclip.records.source import RecordSource, Skipped, result_or_skipped
from ecgclip.typing import Bools, Floats

BATCH = 64
EXPECTED_DATA: Final = (
    "expected a folder in PTB-XL's layout (ptbxl_database.csv), or a table of your own with the columns id, "
    "path, report, codes, patient_id and fold: fold 9 is tested, folds 1 to 8 are the prior cases"
)
"""The data that an evaluation takes, as error messages describe it."""
Progress = Callable[[int, int], None]


class Method(Protocol):
    """A way to compute how similar two records are."""

    @property
    def name(self) -> str: ...

    def features(self, records: Sequence[Ecg]) -> Floats:
        """The features of each record, [record, feature]."""
        ...

    def similarity(self, queries: Floats, gallery: Floats) -> Floats:
        """Similarity by these features, [query, gallery]; whatever is fitted is fitted on the gallery."""
        ...


@dataclass(frozen=True)
class LabelledCase:
    """The labels of one record."""

    case_id: str
    patient: str
    fold: int
    report: str
    codes: frozenset[str]
    age: float | None = None
    sex: str | None = None


@dataclass(frozen=True, eq=False)
class Corpus:
    """The cases of the wanted folds with each method's features, [case, feature] by the method's name."""

    cases: tuple[LabelledCase, ...]
    features: Mapping[str, Floats]
    skipped: tuple[Skipped, ...] = ()

    def folds(self, wanted: Sequence[int]) -> Bools:
        """Which cases are of these folds, bool [case]."""
        return np.isin([case.fold for case in self.cases], list(wanted))


def read_corpus(
    source: RecordSource, methods: Sequence[Method], folds: Sequence[int], on_progress: Progress | None = None
) -> Corpus:
    """Read the records of the wanted folds once and keep labels and features.

    on_progress: called with the records read so far and all of them.
    Records that cannot be read are listed in `skipped`; RecordError where no record has one of the folds.
    """
    cases: list[LabelledCase] = []
    skipped: list[Skipped] = []
    parts: dict[str, list[Floats]] = {method.name: [] for method in methods}
    ids = list(source.ids)
    for start in range(0, len(ids), BATCH):
        read = [_read(source, record_id, skipped) for record_id in ids[start : start + BATCH]]
        batch = [ecg for ecg in read if ecg is not None and ecg.fold in folds]
        cases.extend(_case(ecg) for ecg in batch)
        for method in methods if batch else ():
            parts[method.name].append(method.features(batch))
        if on_progress:
            on_progress(min(start + BATCH, len(ids)), len(ids))
    if not cases:
        why = f" ({skipped_line(skipped)})" if skipped else ""
        raise RecordError(
            f"{source.name}: none of {len(ids)} records is of the folds {list(folds)}{why}; {EXPECTED_DATA}"
        )
    return Corpus(tuple(cases), {name: np.concatenate(part) for name, part in parts.items()}, tuple(skipped))


def _read(source: RecordSource, record_id: str, skipped: list[Skipped]) -> Ecg | None:
    read = result_or_skipped(record_id, partial(read_shown, source, record_id))
    if isinstance(read, Skipped):
        skipped.append(read)
        return None
    return read


def _case(ecg: Ecg) -> LabelledCase:
    if ecg.fold is None:
        raise RecordError(f"{ecg.case_id} has no fold; expected one of the folds asked for")
    # A record without a patient is its own: never pooled with strangers.
    patient = ecg.patient_id or ecg.case_id
    return LabelledCase(ecg.case_id, patient, ecg.fold, ecg.report, frozenset(ecg.codes), ecg.age, ecg.sex)
