"""Texts beside the recordings: reports without a waveform, and the names of the statements."""

import ast
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pandas as pd

from ecgclip.engine.glossary import shipped_glossary
from ecgclip.errors import RecordError

_REPORTS: Final = "reports_without_waveforms.csv"
"""Beside the records, if there: columns report, scp_codes, strat_fold."""
_DESCRIPTIONS: Final = "scp_statements.csv"
"""Beside the records of PTB-XL: a description of each statement."""


@dataclass(frozen=True)
class LabelledText:
    """A report or a statement's name with its statements, without a recording."""

    text: str
    codes: tuple[str, ...]


def extra_texts(folders: Sequence[Path], folds: tuple[int, ...]) -> list[LabelledText]:
    """Reports without a recording, and statement names, repeated until they are about one text in five."""
    reports = further_reports(folders, folds)
    names = statement_names()
    for folder in folders:
        names += statement_names(folder)
    copies = max(1, len(reports) // 4 // len(names))
    return reports + names * copies


def further_reports(folders: Sequence[Path], folds: tuple[int, ...]) -> list[LabelledText]:
    """The reports without a recording that lie beside the records, of `folds` alone."""
    paths = [folder / _REPORTS for folder in folders]
    return [one for path in paths if path.is_file() for one in reports_without_recordings(path, folds)]


def reports_without_recordings(path: Path, folds: tuple[int, ...]) -> list[LabelledText]:
    """Rows of a CSV with `report`, `scp_codes` and `strat_fold`, of which only `folds` are taken.

    Errors: RecordError where a column is missing: reports of held-out folds must not be learned by mistake.
    """
    table = pd.read_csv(path)
    missing = {"report", "scp_codes", "strat_fold"} - set(table)
    if missing:
        found = ", ".join(map(str, table))
        raise RecordError(f"{path} lacks the column {' and '.join(sorted(missing))}; it has {found}")
    table = table.dropna(subset=["report", "scp_codes"])
    table = table[table.strat_fold.isin(folds)]
    return [
        LabelledText(str(report), _codes(str(codes), path))
        for report, codes in zip(table.report, table.scp_codes, strict=True)
    ]


def _codes(text: str, path: Path) -> tuple[str, ...]:
    try:
        return tuple(map(str, ast.literal_eval(text)))
    except (ValueError, SyntaxError, TypeError):
        raise RecordError(
            f"{path}: scp_codes {text[:40]!r} is no dictionary; expected such as {{'NORM': 100.0}}"
        ) from None


def statement_names(folder: Path | None = None) -> list[LabelledText]:
    """Every name of every statement, and the descriptions that lie in PTB-XL's folder where it is given."""
    glossary = shipped_glossary()
    names = [LabelledText(one.text, (one.statement.code,)) for one in glossary.names if one.statement.code]
    if folder is not None and (folder / _DESCRIPTIONS).is_file():
        table = pd.read_csv(folder / _DESCRIPTIONS, index_col=0)
        names += _texts(table[[c for c in ("description", "SCP-ECG Statement Description") if c in table]])
    return names


def _texts(table: pd.DataFrame) -> list[LabelledText]:
    return [
        LabelledText(str(text), (str(code),))
        for column in table
        for code, text in table[column].dropna().items()
    ]
