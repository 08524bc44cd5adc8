"""Statements with their likelihoods as files write them."""

import math
from collections.abc import Mapping
from typing import Final

UNREADABLE: Final = (ValueError, SyntaxError, TypeError, OverflowError, RecursionError, MemoryError)
"""What a parser of literals and `likelihoods` raise on damaged text; the last two on deep nesting."""


def likelihoods(table: object) -> dict[str, float]:
    """Return statement -> percent, without those of None; ValueError or another of `UNREADABLE` otherwise.

    >>> likelihoods({"NORM": 100, "SR": None})
    {'NORM': 100.0}
    """
    if not isinstance(table, Mapping):
        raise ValueError("no mapping of statements to likelihoods")
    read = {str(code): float(percent) for code, percent in table.items() if percent is not None}
    if not all(map(math.isfinite, read.values())):
        raise ValueError("a likelihood that is not finite")
    return read
