"""`main`: arguments in, exit code out (`exit_code`)."""

import gc
import os
import sys
import warnings
from collections.abc import Sequence
from contextlib import suppress
from typing import NoReturn

from ecgclip.cli.parser import parse
from ecgclip.exit_code import exit_code_of, open_streams


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""

    def command() -> int:
        found, arguments = parse(sys.argv[1:] if argv is None else argv)
        return found.run(arguments)

    return exit_code_of(command)


def program() -> NoReturn:
    """The console script: `main` and its exit code.

    A query runs without garbage collection and ends the process at once: freeing networks and interpreter
    piece by piece takes a tenth of its time.
    """
    open_streams()
    if not sys.warnoptions:  # errors of a picture are one line, so Pillow's own warnings are hidden
        warnings.filterwarnings("ignore", module=r"PIL\.")
    question = sys.argv[1:2] in (["query"], ["search"])
    if question:
        gc.disable()
    code = main()
    if question:
        with suppress(OSError):  # a full disk was reported before
            sys.stdout.flush()
        os._exit(code)
    sys.exit(code)
