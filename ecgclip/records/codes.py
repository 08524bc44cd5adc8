"""Statements about an ECG as files write them: names with likelihoods, lists of names, SNOMED CT codes.

Names of SNOMED codes: PhysioNet/Computing in Cardiology Challenge 2021, scored and unscored diagnoses
(Reyna et al. 2021, doi 10.23919/CinC53138.2021.9662687, CC BY 4.0), in snomed.csv beside this file.
"""

import ast
import csv
import json
import math
import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Final
from warnings import catch_warnings, simplefilter

from ecgclip.files import replace_surrogates
from ecgclip.records.people import NOTHING

UNREADABLE: Final = (ValueError, SyntaxError, TypeError, OverflowError, RecursionError, MemoryError)
"""Errors of `literal` and `likelihoods` on damaged text; the last two come from deep nesting."""
_MOST_LETTERS: Final = 100_000  # of a cell; PTB-XL's longest has 160
_CPSC: Final = {"i-avb": "IAVB", "normal": "NSR"}
"""CPSC 2018 wrote words in place of codes; the Challenge mapped them to these abbreviations."""


def literal(text: str) -> object:
    """JSON, or what Python prints; one of `UNREADABLE` for any other text.

    >>> literal('{"NORM": 100}'), literal("{'NORM': 100.0}")
    ({'NORM': 100}, {'NORM': 100.0})
    """
    if len(text) > _MOST_LETTERS:
        raise ValueError(f"{len(text)} letters; expected at most {_MOST_LETTERS}")
    try:
        return json.loads(text)
    except ValueError:
        with catch_warnings():  # Python remarks on each number that runs into a word
            simplefilter("ignore")
            return ast.literal_eval(text)


def likelihoods(table: object) -> dict[str, float]:
    """Return statement -> percent, without those of None; ValueError or another of `UNREADABLE` otherwise.

    >>> likelihoods({"NORM": 100, "SR": None})
    {'NORM': 100.0}
    """
    if not isinstance(table, Mapping):
        raise ValueError("no mapping of statements to likelihoods")
    read = {
        replace_surrogates(str(code)): float(percent)
        for code, percent in table.items()
        if percent is not None
    }
    if not all(map(math.isfinite, read.values())):
        raise ValueError("a likelihood that is not finite")
    return read


def read_codes(cell: Any, warnings: list[str]) -> dict[str, float]:
    """Statement -> percent of `{"NORM": 100}`, pairs, a list of names, or names separated by ; , or |.

    cell: text, or what Parquet holds. Names without a likelihood get 100. What cannot be read is nothing,
    with a warning appended.

    >>> read_codes("{'NORM': 80.0}", []), read_codes("['AFIB']", []), read_codes("AFIB, LVH", [])
    ({'NORM': 80.0}, {'AFIB': 100.0}, {'AFIB': 100.0, 'LVH': 100.0})
    """
    value = cell.strip() if isinstance(cell, str) else cell
    try:
        if isinstance(value, str) and value[:1] in ("{", "["):
            value = literal(value)
        if isinstance(value, list) and all(map(_is_pair, value)):
            value = dict(value)  # as Parquet's maps are read
        if isinstance(value, Mapping):
            return likelihoods(value)
        names = re.split(r"[;,|]", value) if isinstance(value, str) else list(value or [])
    except UNREADABLE:
        names = [None]
    if not all(isinstance(name, str | int) for name in names):
        warnings.append(
            f'codes {str(cell)[:60]!r} cannot be read and were left out; expected {{"NORM": 100}}'
        )
        return {}
    written = (replace_surrogates(str(name).strip()) for name in names)
    return {name: 100.0 for name in written if name.lower() not in NOTHING}


def _is_pair(item: object) -> bool:
    return isinstance(item, list | tuple) and len(item) == 2


def statement_name(written: str) -> str | None:
    """Return the name of a SNOMED code, an abbreviation or a name; None where the table lacks it.

    >>> statement_name("164889003"), statement_name("AF"), statement_name("I-AVB"), statement_name("7")
    ('atrial fibrillation', 'atrial fibrillation', '1st degree av block', None)
    """
    key = written.strip().lower()
    return _names().get(_CPSC.get(key, key).lower())


@cache
def _names() -> Mapping[str, str]:
    """Code, abbreviation and name itself, in lower case -> name."""
    text = (files("ecgclip.records") / "snomed.csv").read_text(encoding="utf-8")
    names: dict[str, str] = {}
    for row in csv.DictReader(line for line in text.splitlines() if not line.startswith("#")):
        for key in (row["code"], row["abbreviation"], row["name"]):
            names[key.lower()] = row["name"]
    return names
