"""Results as aligned text tables and as plain values for JSON."""

import math
from collections.abc import Mapping, Sequence
from typing import Protocol

from ecgclip.records.source import Skipped


class Results(Protocol):
    """The interface of the results of every protocol."""

    def table(self) -> str:
        """The figures for people, several tables parted by empty lines."""
        ...

    def to_json(self) -> dict[str, object]:
        """Plain values for `json.dumps`; figures that do not exist are None."""
        ...


def aligned(rows: Sequence[Sequence[str]]) -> str:
    """Columns padded to their widest cell, two blanks apart; the first row is the header.

    >>> print(aligned([("", "R@1"), ("model", "0.90")]))
           R@1
    model  0.90
    """
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]
    return "\n".join(line.rstrip() for line in lines)


def skipped_line(skipped: Sequence[Skipped]) -> str:
    """How many records were left out, and why the first one was."""
    return f"{len(skipped)} records were skipped; the first: {skipped[0].reason}"


def plain(values: Mapping[str, object]) -> dict[str, object]:
    """The mapping with tuples as lists and NaN as None at every depth: what JSON can say.

    >>> plain({"value": float("nan"), "ks": (1, 5)})
    {'value': None, 'ks': [1, 5]}
    """
    return {key: _plain(value) for key, value in values.items()}


def _plain(value: object) -> object:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value
