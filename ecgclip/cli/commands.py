"""The commands by name; each lives in a module that is imported only when it is needed."""

from argparse import ArgumentParser, Namespace
from enum import StrEnum
from importlib import import_module
from typing import Protocol, cast


class CommandModule(Protocol):
    """What a command's module offers."""

    def add_arguments(self, parser: ArgumentParser) -> None: ...
    def run(self, args: Namespace) -> int: ...


class Command(StrEnum):
    BUILD_INDEX = "build-index"
    QUERY = "query"
    SEARCH = "search"
    DIGITIZE = "digitize"
    EMBED = "embed"
    RENDER = "render"
    TRAIN = "train"
    EVALUATE = "evaluate"
    REMOVE = "remove"
    VERIFY = "verify"
    INFO = "info"
    DOCTOR = "doctor"
    DEMO = "demo"
    DOWNLOAD = "download"

    @property
    def summary(self) -> str:
        return _SUMMARIES[self]


_SUMMARIES = {
    Command.BUILD_INDEX: "build or update an index of prior cases from a folder of records",
    Command.QUERY: "find the prior cases most similar to a photo, scan, PDF or record",
    Command.SEARCH: "find the prior cases that words describe",
    Command.DIGITIZE: "write the signal that a photo, scan or PDF shows to a file",
    Command.EMBED: "write the vectors of images, records or reports to a file",
    Command.RENDER: "draw a record on ECG paper as PNG, PDF or SVG",
    Command.TRAIN: "train a model by a configuration file",
    Command.EVALUATE: "measure a model on data, with confidence intervals",
    Command.REMOVE: "remove cases or a patient from an index and from what stopped commands left beside it",
    Command.VERIFY: "check that an index is whole",
    Command.INFO: "describe an index or a model",
    Command.DOCTOR: "check this installation",
    Command.DEMO: "try everything on synthetic cases",
    Command.DOWNLOAD: "download a public data set (the only command that uses the network)",
}


def load(command: Command) -> CommandModule:
    """The module of a command: the one of its name."""
    return cast(CommandModule, import_module(f"ecgclip.cli.{command.replace('-', '_')}"))
