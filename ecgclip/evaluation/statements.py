"""SCP statements as labels: which ones exist and to which diagnostic superclass each belongs.

The table that comes with the package says which statement belongs to which class, as Wagner et al. 2020 (doi
10.1038/s41597-020-0495-6) define them; a source's own `scp_statements.csv` goes before it.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from ecgclip.errors import RecordError
from ecgclip.records.tables.files import column_names, table_rows
from ecgclip.typing import Bools

FILE_NAME: Final = "scp_statements.csv"
SHIPPED: Final = Path(__file__).with_name(FILE_NAME)
SUPERCLASSES: Final = ("CD", "HYP", "MI", "NORM", "STTC")
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


def statements_file(data: str | Path) -> Path:
    """The table that explains a source's statements: its own `scp_statements.csv`, else the package's.

    data: a folder of records, or a table of records, beside which its own file would lie.
    """
    at = Path(data)
    own = (at if at.is_dir() else at.parent) / FILE_NAME
    return own if own.is_file() else SHIPPED


def read_statements(path: str | Path) -> Statements:
    """Read a table such as PTB-XL's `scp_statements.csv`; errors as `statement_rows`."""
    rows = statement_rows(path, ["diagnostic_class"])
    return Statements({code: row["diagnostic_class"] for code, row in rows.items()})


def statement_rows(path: str | Path, columns: Sequence[str]) -> dict[str, dict[str, str]]:
    """The cells of these columns by statement, which the first column names; missing cells are "".

    Errors: RecordError where the file is missing or lacks a column.
    """
    file = Path(path)
    if not file.is_file():
        raise RecordError(f"{file} is missing; put {FILE_NAME} of PTB-XL there, it defines the classes")
    names = column_names(file)
    if lacking := [name for name in columns if name not in names]:
        raise RecordError(f"{file} has the columns {names}; expected {', '.join(lacking)} among them")
    rows = table_rows(file, {names[0], *columns})
    return {str(row[names[0]]): {name: str(row[name]) for name in columns} for row in rows}


def one_hot(label_sets: Sequence[Collection[str]], vocabulary: Sequence[str]) -> Bools:
    """Which labels each set holds, bool [set, label]; labels outside the vocabulary are left out."""
    column = {label: i for i, label in enumerate(vocabulary)}
    table = np.zeros((len(label_sets), len(vocabulary)), np.bool_)
    for row, labels in enumerate(label_sets):
        table[row, [column[label] for label in labels if label in column]] = True
    return table
