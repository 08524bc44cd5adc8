"""The command line: parse, call the library, print."""

from ecgclip.cli.entry import main, program

__all__ = ["main", "program"]
