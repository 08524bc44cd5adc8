"""The label sets of PTB-XL's benchmark, read from its own table of statements."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from ecgclip.errors import RecordError
from ecgclip.evaluation.statements import one_hot, statement_rows
from ecgclip.typing import Bools

CODE_SIX: Final = {
    "1AVB": "1dAVb",
    "CRBBB": "RBBB",
    "CLBBB": "LBBB",
    "SBRAD": "SB",
    "AFIB": "AF",
    "STACH": "ST",
}
"""SCP statements that come nearest to the six abnormalities of CODE (Ribeiro et al. 2020)."""

CODE_SIX_SET: Final = "code six"
_COLUMNS: Final = ("form", "rhythm", "diagnostic_class", "diagnostic_subclass")


@dataclass(frozen=True)
class Taxonomy:
    """Which statements make up which classes: name of the set -> statement -> class."""

    sets: Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, eq=False)
class LabelSet:
    """One classification task over all cases.

    truth: bool [case, class]. counted: bool [case]; as in the benchmark, records without any label of the set
    take no part in it.
    """

    name: str
    classes: tuple[str, ...]
    truth: Bools
    counted: Bools


def read_taxonomy(path: str | Path, label_sets: Collection[str] | None = None) -> Taxonomy:
    """Read PTB-XL's `scp_statements.csv`: superclass, subclass, form and rhythm, and the six of CODE.

    label_sets: the names of the wanted ones; None for all.

    Errors: RecordError where the file is missing or lacks a column.
    Source: Strodthoff et al. 2021, doi 10.1109/JBHI.2020.3022989.
    """
    file = Path(path)
    table = statement_rows(file, _COLUMNS)
    form, rhythm = (_chosen(table, file, column) for column in ("form", "rhythm"))
    diagnostic = {code: row for code, row in table.items() if row["diagnostic_class"]}
    sets = {
        "superclass": {code: row["diagnostic_class"] for code, row in diagnostic.items()},
        "subclass": {code: row["diagnostic_subclass"] for code, row in diagnostic.items()},
        "form": {code: code for code in form},
        "rhythm": {code: code for code in rhythm},
        CODE_SIX_SET: {code: name for code, name in CODE_SIX.items() if code in table},
    }
    return Taxonomy({name: codes for name, codes in sets.items() if label_sets is None or name in label_sets})


def _chosen(table: Mapping[str, Mapping[str, str]], file: Path, column: str) -> dict[str, Mapping[str, str]]:
    """The statements that the table marks with 1 in a column."""
    try:
        return {code: row for code, row in table.items() if float(row[column] or 0) == 1}
    except ValueError as error:
        raise RecordError(f"{file}, column {column}: {error}; expected 1, or nothing") from None


def label_sets(codes: Sequence[Collection[str]], taxonomy: Taxonomy) -> tuple[LabelSet, ...]:
    """The label sets of cases with these statements, at any likelihood, as the benchmark counts."""
    return tuple(_label_set(name, codes, members) for name, members in taxonomy.sets.items())


def _label_set(name: str, codes: Sequence[Collection[str]], members: Mapping[str, str]) -> LabelSet:
    classes = tuple(sorted(set(members.values())))
    truth = one_hot([[members[code] for code in case if code in members] for case in codes], classes)
    # A record with none of the six is one of their negatives: CODE-test counts everybody.
    counted: Bools = np.logical_or.reduce(truth, axis=1) | (name == CODE_SIX_SET)
    return LabelSet(name, classes, truth, counted)
