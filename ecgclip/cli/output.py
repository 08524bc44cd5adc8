"""What people and programs read: tables as wide as the terminal, or one JSON document."""

import json
import sys
import textwrap
from collections.abc import Sequence

from ecgclip.files import sayable

GAP = "  "
LAST_MIN = 24
"""Characters left to a table's last column, however narrow the terminal."""
LAST_LINES = 3
"""Lines that one cell of the last column may take."""


def print_json(document: object) -> None:
    """One document on stdout; escaped to ASCII where the terminal's encoding is not UTF-8."""
    utf8 = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
    print(sayable(json.dumps(document, indent=2, ensure_ascii=not utf8, allow_nan=False)))


def print_text(text: str) -> None:
    """Text for people on stdout; what the terminal cannot show becomes a question mark."""
    encoding = sys.stdout.encoding or "utf-8"
    print(text.encode(encoding, "replace").decode(encoding))


def table(header: Sequence[str], rows: Sequence[Sequence[object]], width: int | None = None) -> str:
    """Aligned columns; the last one takes the room that is left and is wrapped, then cut with an ellipsis.

    width: characters (default: the terminal's).
    """
    width = width or terminal_width()
    cells = [[printable(str(cell)) for cell in row] for row in rows]
    lines = [list(header), *cells]
    widths = [max(len(line[column]) for line in lines) for column in range(len(header) - 1)]
    left = sum(widths) + len(GAP) * len(widths)
    room = max(width - left, LAST_MIN)
    return "\n".join(text for line in lines for text in _row_lines(line, widths, room))


def printable(text: str) -> str:
    """The text on one line, without control characters: a report may not steer the terminal."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


def terminal_width() -> int:
    import shutil

    return shutil.get_terminal_size((100, 24)).columns


def note(words: str) -> None:
    """A line for people, on stderr."""
    print(words, file=sys.stderr)


def _row_lines(cells: Sequence[str], widths: Sequence[int], room: int) -> list[str]:
    first = GAP.join(cell.ljust(width) for cell, width in zip(cells, widths, strict=False))
    start = first + GAP if widths else ""
    wrapped = textwrap.wrap(cells[-1], room, max_lines=LAST_LINES, placeholder=" …") or [""]
    return [(start if i == 0 else " " * len(start)) + text for i, text in enumerate(wrapped)]
