"""What people and programs read: tables as wide as the terminal, or one JSON document."""

import json
import re
import sys
import textwrap
from collections.abc import Sequence
from typing import Final

from ecgclip.files import one_line, replace_surrogates

GAP = "  "
LAST_MIN = 24
"""Characters left to a table's last column, however narrow the terminal."""
LAST_LINES = 3
"""Lines that one cell of the last column may take."""

_BEYOND_ASCII: Final = re.compile(r"[^\n -~]")


def print_json(document: object) -> None:
    """One document on stdout; escaped to ASCII where the terminal's encoding is not UTF-8.

    Characters that steer a terminal are escaped anywhere: the document stays the same.
    """
    _print_json(document, indent=2)


def print_json_line(document: object) -> None:
    """As `print_json`, on one line: several of them are JSON Lines."""
    _print_json(document, indent=None)


def _print_json(document: object, indent: int | None) -> None:
    utf8 = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
    text = replace_surrogates(json.dumps(document, indent=indent, ensure_ascii=not utf8, allow_nan=False))
    print(_BEYOND_ASCII.sub(_escaped, text))


def print_text(text: str) -> None:
    """Lines for people on stdout; what the terminal cannot show becomes a question mark."""
    encoding = sys.stdout.encoding or "utf-8"
    quiet = "".join(char if char.isprintable() or char == "\n" else " " for char in text)
    print(quiet.encode(encoding, "replace").decode(encoding))


def table(header: Sequence[str], rows: Sequence[Sequence[object]], width: int | None = None) -> str:
    """Aligned columns; the last one takes the room that is left and is wrapped, then cut with an ellipsis.

    width: characters (default: the terminal's).
    """
    width = width or terminal_width()
    cells = [[one_line(str(cell)) for cell in row] for row in rows]
    lines = [list(header), *cells]
    widths = [max(len(line[column]) for line in lines) for column in range(len(header) - 1)]
    left = sum(widths) + len(GAP) * len(widths)
    room = max(width - left, LAST_MIN)
    return "\n".join(text for line in lines for text in _row_lines(line, widths, room))


def terminal_width() -> int:
    import shutil

    return shutil.get_terminal_size((100, 24)).columns


def note(words: str) -> None:
    """A line for people, on stderr."""
    print(one_line(words), file=sys.stderr)


def _escaped(found: re.Match[str]) -> str:
    char = found[0]
    return char if char.isprintable() else json.dumps(char)[1:-1]


def _row_lines(cells: Sequence[str], widths: Sequence[int], room: int) -> list[str]:
    first = GAP.join(cell.ljust(width) for cell, width in zip(cells, widths, strict=False))
    start = first + GAP if widths else ""
    wrapped = textwrap.wrap(cells[-1], room, max_lines=LAST_LINES, placeholder=" …") or [""]
    return [(start if i == 0 else " " * len(start)) + text for i, text in enumerate(wrapped)]
