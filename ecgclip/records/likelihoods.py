"""Statements with their likelihoods as files write them."""

import ast
import json
import math
import warnings
from collections.abc import Mapping
from typing import Final

from ecgclip.files import replace_surrogates

UNREADABLE: Final = (ValueError, SyntaxError, TypeError, OverflowError, RecursionError, MemoryError)
"""What `literal` and `likelihoods` raise on damaged text; the last two on deep nesting."""
_MOST_LETTERS: Final = 100_000  # of a cell; PTB-XL's longest has 160


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
        with warnings.catch_warnings():  # Python remarks on each number that runs into a word
            warnings.simplefilter("ignore")
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
