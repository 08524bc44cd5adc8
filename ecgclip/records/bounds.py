"""Limits of the texts of a record: all of them become one row of an index, whose size is limited."""

import json
import re
from collections.abc import Mapping
from typing import Final

from ecgclip.errors import RecordError

_MOST_LETTERS: Final = 1_000_000
"""Longest report, in letters. PTB-XL's longest has some hundred.

A file in the place of one would fill the memory.
"""
_LONGEST_NAME: Final = 1000
"""Longest name of a record or patient, in letters."""
_LONGEST_PATH: Final = 4096
_MOST_CODES: Final = 1000
_LONGEST_CODE: Final = 200
_MOST_BYTES: Final = 3 * 2**20
"""Most bytes of all texts together, well below the limit of an index (`database.MAX_VALUE_BYTES`)."""
_CONTROL: Final = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f]")


def check_texts(names: Mapping[str, str | None], path: str | None, report: str) -> None:
    """RecordError where a name, the path or the report is longer than any real one, or no name at all.

    names: what each is, in words -> the name.
    """
    for what, name in names.items():
        _check_name(what, name or "", _LONGEST_NAME)
    _check_length("a path", path or "", _LONGEST_PATH)
    _check_length("a report", report, _MOST_LETTERS)


def check_codes(codes: Mapping[str, float]) -> None:
    """RecordError where they are more, or longer, than any real ones."""
    if len(codes) > _MOST_CODES:
        raise RecordError(f"{len(codes)} codes; expected at most {_MOST_CODES}")
    for code in codes:
        _check_name("a code", code, _LONGEST_CODE)


def check_bytes(texts: list[str], codes: Mapping[str, float]) -> None:
    """RecordError where no index would take it: a letter has up to four bytes, and twelve in JSON."""
    size = sum(len(text.encode("utf-8", "replace")) for text in (*texts, json.dumps(dict(codes))))
    if size > _MOST_BYTES:
        raise RecordError(
            f"report, codes and names of {size / 2**20:.1f} MiB; expected at most {_MOST_BYTES >> 20} MiB"
        )


def _check_name(what: str, name: str, most: int) -> None:
    _check_length(what, name, most)
    if _CONTROL.search(name):
        raise RecordError(f"{what} with control characters, {name[:60]!r}; expected a line of text")


def _check_length(what: str, text: str, most: int) -> None:
    if len(text) > most:
        raise RecordError(f"{what} of {len(text)} letters; expected at most {most}")
