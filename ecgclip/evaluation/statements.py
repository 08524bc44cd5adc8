"""SCP statements as labels: which ones exist and to which diagnostic superclass each belongs."""

import csv
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ecgclip.errors import RecordError
from ecgclip.evaluation.metrics import Bools

FILE_NAME = "scp_statements.csv"
SUPERCLASSES = ("CD", "HYP", "MI", "NORM", "STTC")
"""The diagnostic superclasses of PTB-XL."""


@dataclass(frozen=True)
class Statements:
    """Every known statement with its superclass, "" for statements of form and rhythm."""

    superclass: Mapping[str, str]

    def known(self, codes: Iterable[str]) -> frozenset[str]:
        """The codes that are known statements, whatever their likelihood.

        PTB-XL gives likelihood 0 to statements without one ("unknown"), not to absent ones.
        """
        return frozenset(code for code in codes if code in self.superclass)

    def superclasses(self, codes: Iterable[str]) -> frozenset[str]:
        return frozenset(self.superclass[code] for code in codes if self.superclass.get(code))


def read_statements(path: str | Path) -> Statements:
    """Read PTB-XL's `scp_statements.csv`; RecordError where it is missing or lacks `diagnostic_class`."""
    file = Path(path)
    if not file.is_file():
        raise RecordError(f"{file} is missing; put {FILE_NAME} of PTB-XL there, the labels are judged by it")
    with file.open(encoding="utf-8", errors="replace", newline="") as stream:
        rows = csv.DictReader(stream)
        names = list(rows.fieldnames or [])
        if "diagnostic_class" not in names:
            raise RecordError(f"{file} has the columns {names}; expected diagnostic_class among them")
        return Statements({row[names[0]]: row["diagnostic_class"] or "" for row in rows})


def one_hot(label_sets: Sequence[Collection[str]], vocabulary: Sequence[str]) -> Bools:
    """Which labels each set holds, bool [set, label]; labels outside the vocabulary are left out."""
    column = {label: i for i, label in enumerate(vocabulary)}
    table = np.zeros((len(label_sets), len(vocabulary)), np.bool_)
    for row, labels in enumerate(label_sets):
        table[row, [column[label] for label in labels if label in column]] = True
    return table
