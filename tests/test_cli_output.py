"""Tables fit the terminal, JSON is one document, and a report cannot steer either."""

import io
import json
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecgclip.cli import main
from ecgclip.cli.output import LAST_MIN, note, print_json, print_text, table
from ecgclip.files import one_line

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
def test_a_line_is_quiet(text: str) -> None:
    line = one_line(text)
    assert all(char.isprintable() for char in line)
    assert line == line.strip()


STEERING = "\x1b[2J\x9b31m\x07\u202egpj.exe\u2066\u200f\u2028\x85end"
"""Clears the screen, colours it, rings, and turns the direction of writing."""


def test_characters_that_steer_reach_neither_stdout_nor_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    print_text(f"a\n{STEERING}")
    note(STEERING)
    print(table(("case", "report"), [(STEERING, STEERING)], 200))
    print_json({STEERING: [STEERING]})
    out, err = capsys.readouterr()
    assert all(char.isprintable() or char == "\n" for char in out + err)
    assert json.loads(out[out.index("{") :]) == {STEERING: [STEERING]}


def test_names_that_steer_are_told_quietly(
    tmp_path: Path, index: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Through every command that names a file, a record or an option of the caller's."""
    name = STEERING.replace("/", "")
    (tmp_path / name).write_bytes(b"no picture")
    (tmp_path / "records").mkdir()
    (tmp_path / "records" / f"{name}.hea").write_text("broken")
    for words in (
        ["query", str(tmp_path / name), "--index", str(index)],
        ["query", str(tmp_path / f"absent{name}"), "--index", str(index), "--json"],
        ["embed", "--images", str(tmp_path / name), "--out", str(tmp_path / "o.npz")],
        ["build-index", str(tmp_path / "records"), "--index", str(tmp_path / "i")],
        ["search", "afib", "--index", str(index), "--where", f"source = {name}"],
        ["render", name, "--out", f"x.{name}"],
        [name],
        ["query", f"--{name}"],
    ):
        assert main(words) != 0
    out, err = capsys.readouterr()
    assert all(char.isprintable() or char == "\n" for char in out + err)
    assert err


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
