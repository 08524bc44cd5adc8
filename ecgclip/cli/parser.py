"""The argument parser; only the arguments of the given command are built, so that a query starts quickly."""

import difflib
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from typing import NoReturn

from ecgclip import __version__
from ecgclip.cli.commands import Command, CommandModule, load
from ecgclip.files import one_line


class Parser(ArgumentParser):
    """An ArgumentParser whose error message is one line and not the whole usage."""

    def error(self, message: str) -> NoReturn:
        print(one_line(f"{self.prog}: {message}; see {self.prog} --help"), file=sys.stderr)
        sys.exit(2)


def parse(argv: Sequence[str]) -> tuple[CommandModule, Namespace]:
    """The module of the given command and its parsed arguments.

    Errors: SystemExit(2) after one line on stderr for wrong usage; SystemExit(0) after --help, --version.
    """
    name = next((word for word in argv if not word.startswith("-")), None)
    command = Command(name) if name in set(Command) else None
    if name is not None and command is None:
        _unknown(name)
    parser = build_parser([command] if command else [])
    args, unknown = parser.parse_known_args(argv)
    if unknown:
        parser.prog = f"ecgclip {command}" if command else parser.prog  # whose help lists what there is
        parser.error(f"unrecognized arguments: {' '.join(unknown)}")
    if command is None:
        parser.print_help()
        sys.exit(2)
    return load(command), args


def build_parser(filled: Sequence[Command]) -> Parser:
    """The parser of all commands, with the arguments of the `filled` ones."""
    parser = Parser(
        "ecgclip", description="Photograph a paper ECG, get the most similar prior cases with their reports."
    )
    parser.add_argument("--version", action="version", version=f"ecgclip {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", parser_class=Parser)
    for command in Command:
        child = commands.add_parser(
            command, help=command.summary, description=f"{command.summary[0].upper()}{command.summary[1:]}."
        )
        if command in filled:
            load(command).add_arguments(child)
    return parser


def _unknown(name: str) -> NoReturn:
    close = difflib.get_close_matches(name, list(Command), 1)
    hint = f"did you mean {str(close[0])!r}?" if close else f"commands are {', '.join(Command)}"
    print(one_line(f"ecgclip: there is no command {name!r}; {hint}"), file=sys.stderr)
    sys.exit(2)
