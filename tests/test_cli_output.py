"""Tables fit the terminal, JSON is one document, and a report cannot steer either."""

import io
import json
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecgclip.cli.output import LAST_MIN, print_json, print_text, printable, table

ROWS = [("1", "ptbxl/01027", "sinus rhythm. normal ecg"), ("2", "x", "a very long report " * 30)]


@pytest.mark.parametrize("width", [60, 80, 100, 200])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    lines = table(("#", "case", "report"), ROWS, width).splitlines()
    assert max(map(len, lines)) <= width
    assert lines[0].startswith("#  case         report")
    assert lines[-1].endswith(" …")


def test_columns_are_aligned() -> None:
    lines = table(("#", "case", "report"), ROWS, 80).splitlines()
    start = lines[0].index("report")
    assert all(line[:start].endswith("  ") for line in lines)
    assert [line[start:].split()[0] for line in lines[:3]] == ["report", "sinus", "a"]


def test_a_narrow_terminal_still_shows_the_last_column() -> None:
    lines = table(("case", "report"), [("c" * 40, "word " * 20)], 10).splitlines()
    assert max(len(line) for line in lines) <= 40 + 2 + LAST_MIN


def test_an_empty_last_cell_is_a_line() -> None:
    assert table(("a", "b"), [("1", "")], 80).splitlines() == ["a  b", "1  "]


@given(st.text())
def test_printable_is_one_quiet_line(text: str) -> None:
    line = printable(text)
    assert all(char.isprintable() for char in line)
    assert line == line.strip()


def test_escape_sequences_do_not_reach_the_terminal() -> None:
    assert printable("\x1b[2Jnormal\r\necg") == "[2Jnormal ecg"


@pytest.mark.parametrize("encoding", ["utf-8", "ascii", "latin-1"])
def test_json_survives_every_terminal(encoding: str, monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding=encoding))
    print_json({"report": "Vorhofflimmern für 3 Jahre ♥"})
    sys.stdout.flush()
    assert json.loads(raw.getvalue()) == {"report": "Vorhofflimmern für 3 Jahre ♥"}


def test_text_survives_an_ascii_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="ascii"))
    print_text("für")
    sys.stdout.flush()
    assert raw.getvalue() == b"f?r\n"
