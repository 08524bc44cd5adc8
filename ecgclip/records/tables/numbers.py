"""Samples written as text: read in pieces, as one that is in no array yet takes ten times its letters."""

import json
import re
from collections.abc import Iterator
from typing import Final

import numpy as np

from ecgclip.typing import Float32s

_PIECE: Final = 2**18  # letters
_SEPARATOR: Final = re.compile(r"[\s,;]+")
_DECIMAL_COMMAS: Final = re.compile(r"(?:-?\d++(?:,\d++)?+(?:[eE][+-]?\d++)?+(?:[\s;]++|\Z))++")
"""Numbers with a comma for the point, as German programs write them, between spaces or semicolons."""
_COMMA_INSIDE: Final = re.compile(r"\d,\d")
_OTHER_SEPARATOR: Final = re.compile(r"[\s;]")
_NOTHING_BETWEEN: Final = re.compile(r"[,;]\s*+[,;]")


def read_numbers(text: str) -> Float32s:
    """Read `[[0.1, 0.2], …]`, `[0.1, null]` or numbers separated by spaces, commas or semicolons.

    Errors: ValueError, TypeError, OverflowError or RecursionError for anything else, also for commas that may
    be points or separate thousands, such as `0,5 1.25` and `1.234,5 2`.

    >>> read_numbers("[[1, 2], [3, null]]").tolist(), read_numbers("1;2, 3").tolist(), read_numbers("").size
    ([[1.0, 2.0], [3.0, nan]], [1.0, 2.0, 3.0], 0)
    >>> read_numbers("0,5 1,25 -3").tolist(), read_numbers("0,5,1").tolist()
    ([0.5, 1.25, -3.0], [0.0, 5.0, 1.0])
    """
    text = text.strip()
    if len(text) <= _PIECE and text.startswith("["):
        return np.array(json.loads(text), np.float32)
    if not text.startswith("["):
        if "," in text and _DECIMAL_COMMAS.fullmatch(text):
            text = text.replace(",", ".")
        _check_separators(text)
        return _joined([_plain(piece) for piece in _pieces(text, _SEPARATOR)])
    if not text.endswith("]"):
        raise ValueError("a list without end")
    inner = text[1:-1].strip()
    return _rows(inner) if inner.startswith("[") else _row(inner)


def _check_separators(text: str) -> None:
    """ValueError where a number would be taken for two, two for one, or a missing one for none."""
    if _COMMA_INSIDE.search(text) and _OTHER_SEPARATOR.search(text):
        raise ValueError("commas inside numbers or between them")
    if _NOTHING_BETWEEN.search(text) or "_" in text:
        raise ValueError("nothing between two separators, or a _ in a number")


def _plain(piece: str) -> Float32s:
    return np.array(list(map(float, _SEPARATOR.split(piece))), np.float32)


def _row(inner: str) -> Float32s:
    """The numbers between a pair of brackets."""
    pieces = _pieces(inner, re.compile(","))
    return _joined([np.array(json.loads(f"[{piece}]"), np.float32) for piece in pieces])


def _rows(inner: str) -> Float32s:
    """The lists between a pair of brackets: as many short ones at once as a piece holds, or a long one."""
    parts, at = [], 0
    while at < len(inner):
        stop = inner.rfind("]", at, at + _PIECE) + 1 or inner.find("]", at) + 1
        piece = inner[at:stop].strip()
        if not stop or not piece.startswith("["):
            raise ValueError("no list of lists")
        short = len(piece) <= _PIECE
        parts.append(np.array(json.loads(f"[{piece}]"), np.float32) if short else _row(piece[1:-1])[None])
        after = re.compile(r"\s*(,\s*(?=\[)|\Z)").match(inner, stop)
        if after is None:
            raise ValueError("something between the lists")
        at = after.end()
    return np.concatenate(parts)


def _joined(parts: list[Float32s]) -> Float32s:
    return np.concatenate(parts) if parts else np.empty(0, np.float32)


def _pieces(text: str, separator: re.Pattern[str]) -> Iterator[str]:
    """Parts of the text that end at a separator; ValueError where none is near."""
    at = 0
    while at < len(text):
        found = separator.search(text, at + _PIECE)
        stop, after = found.span() if found else (len(text), len(text))
        if stop - at > 2 * _PIECE:
            raise ValueError("a number without end")
        yield text[at:stop]
        at = after
