"""The command line as a whole: every command is helped and documented, every exit has its code."""

import errno
import re
import subprocess
import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path
from types import SimpleNamespace

import pytest

from ecgclip.cli import main
from ecgclip.cli.commands import Command, load
from ecgclip.cli.parser import build_parser
from ecgclip.errors import ConfigError, RefusedImageError


def children() -> dict[str, ArgumentParser]:
    parser = build_parser(list(Command))
    (actions,) = [action for action in parser._actions if hasattr(action, "_name_parser_map")]
    found: dict[str, ArgumentParser] = actions._name_parser_map
    return found


def test_every_command_has_its_module() -> None:
    assert set(children()) == set(Command)
    for command in Command:
        assert callable(load(command).run)


@pytest.mark.parametrize("command", list(Command))
def test_help_is_printed(command: Command, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([command, "--help"]) == 0
    out, err = capsys.readouterr()
    assert out.startswith(f"usage: ecgclip {command}")
    assert err == ""


def test_no_command_shows_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert "build-index" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["querry"], "did you mean 'query'?"),
        (["zzz"], "commands are build-index, query"),
        (["query"], "required: IMAGE_OR_RECORD"),
        (["query", "x.png", "-k", "0"], "'0' was given; expected a whole number of 1 or more"),
        (["query", "x.png", "-k", "many"], "'many' was given"),
        (
            ["query", "x.png", "--jsn"],
            "query: unrecognized arguments: --jsn; see ecgclip query --help",
        ),
        (["--jsn"], "ecgclip: unrecognized arguments: --jsn; see ecgclip --help"),
        (["build-index"], "required: SOURCE"),
        (["embed", "--out", "o.npz"], "one of the arguments --images --records --reports is required"),
        (["remove", "--index", "x"], "one of the arguments --case --patient is required"),
        (["download", "mimic", "--to", "x"], "invalid choice"),
    ],
)
def test_wrong_usage_is_one_line(argv: list[str], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(argv) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert words in err
    assert len(err.splitlines()) == 1


def full_disk() -> OSError:
    return OSError(errno.ENOSPC, "No space left on device", "index/x")


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (ConfigError("two\nlines"), 2, "two lines"),
        (RefusedImageError("cat.jpg: refused: no grid"), 3, "no grid"),
        (KeyboardInterrupt(), 130, "interrupted"),
        (MemoryError(), 2, "not enough memory"),
        (ImportError("libx.so: cannot map"), 2, "a library cannot be loaded (libx.so: cannot map)"),
        (full_disk(), 2, "index/x: no space left on the disk"),
        (PermissionError(errno.EACCES, "Permission denied", "o.npz"), 2, "o.npz: Permission denied"),
    ],
)
def test_errors_end_in_one_line_and_their_code(
    error: BaseException,
    code: int,
    words: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def run(args: Namespace) -> int:
        raise error

    monkeypatch.setattr("ecgclip.cli.entry.parse", lambda argv: (SimpleNamespace(run=run), Namespace()))
    assert main([]) == code
    out, err = capsys.readouterr()
    assert out == ""
    assert words in err
    assert len(err.splitlines()) == 1


def test_a_closed_pipe_is_quiet() -> None:
    script = "import sys; from ecgclip.cli import main; sys.exit(main(['doctor']))"
    with subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 141


def test_the_module_is_a_program() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "ecgclip", "--version"], capture_output=True, text=True, check=True
    )
    assert re.fullmatch(r"ecgclip \d+\.\d+\.\d+\n", done.stdout)


@pytest.mark.skipif(sys.platform == "win32", reason="a shell closes the streams")
@pytest.mark.parametrize("streams", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-", "2>/dev/full"])
def test_closed_or_full_streams_change_no_exit_code(streams: str, tmp_path: Path) -> None:
    command = f"{sys.executable} -m ecgclip info --index {tmp_path}/none {streams}"
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stdout == ""
    assert "2>" in streams or done.stderr.startswith("ecgclip: index ")
