"""The command line: parse, call the library, print."""

from ecgclip.cli.entry import main

__all__ = ["main"]
