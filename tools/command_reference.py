"""The page of the commands, written from the parser of the command line."""

import re
import textwrap
from argparse import SUPPRESS, Action, ArgumentParser, _SubParsersAction
from collections.abc import Iterator

from ecgclip.cli.commands import Command
from ecgclip.cli.parser import build_parser

_HEAD = """# Commands

Written from the parser of `ecgclip` when this site is built; `ecgclip COMMAND --help` says the same.

People read tables on a terminal; with `--json` a command prints one [JSON document](json.md) on stdout and
nothing else there. Progress and notes go to stderr.

| exit code | meaning |
|---|---|
| 0 | done |
| 2 | wrong usage or bad input: one line on stderr says what to do |
| 3 | the image was refused: it is not an ECG, or not readable; the reason is told |
| 130 | interrupted |
"""


def command_reference() -> str:
    """Markdown with a section for each command: what it does, its arguments, what its JSON holds."""
    parser = build_parser(list(Command))
    return "\n".join([_HEAD, *(_section(name, child, 2) for name, child in commands(parser))])


def commands(parser: ArgumentParser) -> Iterator[tuple[str, ArgumentParser]]:
    """The commands of a parser by name, in their order."""
    for action in parser._actions:
        if isinstance(action, _SubParsersAction):
            yield from action.choices.items()


def arguments(parser: ArgumentParser) -> list[Action]:
    """What a command takes, without --help and without its own commands."""
    hidden = ("==SUPPRESS==", SUPPRESS)
    return [
        action
        for action in parser._actions
        if action.dest != "help" and action.help not in hidden and not isinstance(action, _SubParsersAction)
    ]


def _section(name: str, parser: ArgumentParser, level: int) -> str:
    rows = [f"| {_name(action)} | {_help(action, parser)} |" for action in arguments(parser)]
    table = "\n".join(["| argument | meaning |", "|---|---|", *rows]) if rows else ""
    inner = [_section(f"{name} {child_name}", child, level + 1) for child_name, child in commands(parser)]
    parts = [f"{'#' * level} `ecgclip {name}`", parser.description or "", _usage(parser), table]
    return "\n\n".join([*filter(None, [*parts, parser.epilog or ""]), *inner]) + "\n"


def _usage(parser: ArgumentParser) -> str:
    """As a block of code, broken at blanks."""
    words = " ".join(parser.format_usage().removeprefix("usage: ").replace("[-h]", "").split())
    lines = textwrap.wrap(words, 96, subsequent_indent="    ", break_on_hyphens=False, break_long_words=False)
    return textwrap.indent("\n".join(lines), "    ")


def _name(action: Action) -> str:
    names = action.option_strings or [str(action.metavar or action.dest)]
    value = (
        "" if action.nargs == 0 or not action.option_strings else f" {action.metavar or action.dest.upper()}"
    )
    needed = " (required)" if action.option_strings and action.required else ""
    return ", ".join(f"`{name}{value}`" for name in names) + needed


def _help(action: Action, parser: ArgumentParser) -> str:
    text = re.sub(r"%\((\w+)\)\w", lambda found: str(getattr(action, found[1], found[0])), action.help or "")
    return text.replace("%%", "%").replace("|", "\\|")
