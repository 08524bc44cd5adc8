"""Texts beside the recordings: reports without a waveform and the names of the statements."""

import ast
from pathlib import Path

import pandas as pd

from ecgclip.engine.glossary import shipped_glossary
from ecgclip.errors import RecordError
from ecgclip.training.contrastive.data import LabelledText


def reports_without_recordings(path: Path, folds: tuple[int, ...]) -> list[LabelledText]:
    """Rows of a CSV with `report`, `scp_codes` and `strat_fold`, of which only `folds` are taken.

    Errors: RecordError without one of them: reports of held-out folds must not be learned by mistake.
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


def statement_names(descriptions: Path | None = None) -> list[LabelledText]:
    """Every name of a statement, and PTB-XL's own descriptions where its `scp_statements.csv` is given."""
    glossary = shipped_glossary()
    names = [LabelledText(one.text, (one.statement.code,)) for one in glossary.names if one.statement.code]
    if descriptions is not None and descriptions.is_file():
        table = pd.read_csv(descriptions, index_col=0)
        names += _texts(table[[c for c in ("description", "SCP-ECG Statement Description") if c in table]])
    return names


def _texts(table: pd.DataFrame) -> list[LabelledText]:
    return [
        LabelledText(str(text), (str(code),))
        for column in table
        for code, text in table[column].dropna().items()
    ]
