"""CODE-test: how well readers and a network tell six abnormalities; the published table checks our metrics.

Ribeiro et al. 2020, doi 10.1038/s41467-020-15432-4: 827 exams, a gold standard, one annotation file a reader.
"""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from ecgclip.errors import RecordError
from ecgclip.evaluation.metrics import Bools

GOLD: Final = "gold_standard"
SIX: Final = ("1dAVb", "RBBB", "LBBB", "SB", "AF", "ST")


@dataclass(frozen=True)
class Reader:
    """One abnormality as one reader told it; NaN where nothing was there to divide by."""

    reader: str
    abnormality: str
    precision: float
    recall: float
    specificity: float
    f1: float


def reader_scores(reader: str, gold: Bools, said: Bools, names: Sequence[str] = SIX) -> Iterator[Reader]:
    """The figures of each abnormality by scikit-learn; gold, said: bool [exam, abnormality]."""
    from sklearn.metrics import precision_recall_fscore_support, recall_score

    precision, recall, f1, _ = precision_recall_fscore_support(gold, said, average=None, zero_division=np.nan)
    specificity = recall_score(~gold, ~said, average=None, zero_division=np.nan)
    for row, name in enumerate(names):
        figures = (float(one[row]) for one in (precision, recall, specificity, f1))
        yield Reader(reader, name, *figures)


def code_test_scores(folder: Path) -> tuple[Reader, ...]:
    """Every reader of a folder of CODE-test's annotations, in the order of their names.

    Errors: RecordError where the gold standard is missing or a file has other columns or exams.
    """
    gold = _read(folder / f"{GOLD}.csv")
    scores: list[Reader] = []
    for file in sorted(folder.glob("*.csv")):
        if file.stem in (GOLD, "attributes"):
            continue
        said = _read(file)
        if said.shape != gold.shape:
            raise RecordError(f"{file} has {len(said)} exams; expected {len(gold)}, as the gold standard")
        scores += reader_scores(file.stem, gold, said)
    return tuple(scores)


def _read(file: Path) -> Bools:
    """bool [exam, 6]; a first column without a name is a row number."""
    if not file.is_file():
        raise RecordError(f"{file} is missing; expected the annotations of CODE-test in this folder")
    with file.open(encoding="utf-8", newline="") as stream:
        rows = csv.DictReader(stream)
        lacking = [name for name in SIX if name not in (rows.fieldnames or [])]
        if lacking:
            raise RecordError(f"{file} has no column {', '.join(lacking)}; expected {', '.join(SIX)}")
        return np.array([[row[name] == "1" for name in SIX] for row in rows], np.bool_)
