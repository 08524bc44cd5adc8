"""`ecgclip train`: one stage of training by a configuration file."""

from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ecgclip.cli.arguments import add_reader
from ecgclip.cli.arguments import sources as source_help
from ecgclip.cli.output import print_text
from ecgclip.errors import ConfigError, MissingExtraError

if TYPE_CHECKING:
    from ecgclip.records.source import RecordSource


class Stage(StrEnum):
    """A stage of training; each has its own settings."""

    CONTRASTIVE = "contrastive"
    TEXT = "text"
    SIGNAL = "signal"
    SHEET = "sheet"
    CURVES = "curves"

    @property
    def summary(self) -> str:
        """One line for the help."""
        return _SUMMARIES[self]


_SUMMARIES = {
    Stage.CONTRASTIVE: "image and text towers, from pages and reports (default)",
    Stage.TEXT: "the text tower of a trained model alone",
    Stage.SIGNAL: "a network over the digital signal: teacher of the image tower, and measured beside it",
    Stage.SHEET: "the network that reads a flattened photo: trace, words, baselines, orientation",
    Stage.CURVES: "the network that reads the trace of a row of a flattened photo, column by column",
}
_EXAMPLES = {
    Stage.CONTRASTIVE: "ptbxl-tiny.toml",
    Stage.TEXT: "ecgclip-tiny/06-text.toml",
    Stage.SIGNAL: "signal.toml",
    Stage.SHEET: "ecgclip-tiny/07-sheet.toml",
    Stage.CURVES: "ecgclip-tiny/08-curves.toml",
}
"""In configs/train/: a configuration of each stage."""
_RESUMED = (Stage.CONTRASTIVE, Stage.SHEET, Stage.CURVES)
"""Stages that write checkpoints; the others take minutes."""


def add_arguments(parser: ArgumentParser) -> None:
    # Without a stage the options are those of the contrastive one.
    _add_options(parser, Stage.CONTRASTIVE, required=False)
    stages = parser.add_subparsers(
        title="stages", metavar="STAGE", help="each has options of its own", parser_class=type(parser)
    )
    for stage in Stage:
        child = stages.add_parser(stage.value, help=stage.summary, description=f"Train {stage.summary}.")
        _add_options(child, stage, required=True)


def _add_options(parser: ArgumentParser, stage: Stage, *, required: bool) -> None:
    parser.set_defaults(stage=stage)
    parser.add_argument(
        "--config", metavar="F", required=required, help=f"such as configs/train/{_EXAMPLES[stage]}"
    )
    parser.add_argument("--data", metavar="SOURCE", nargs="+", required=required, help=source_help())
    add_reader(parser)
    parser.add_argument("--out", metavar="DIR", help=f"result, checkpoints and log (default: runs/{stage})")
    parser.add_argument("--seed", metavar="N", type=int, help="instead of the configuration's")
    if stage in _RESUMED:
        parser.add_argument(
            "--resume", action="store_true", help="continue from the last checkpoint in --out, exactly"
        )
    if stage is Stage.TEXT:
        parser.add_argument("--model", metavar="DIR", required=True, help="a run's `last` or `model` folder")
        parser.add_argument(
            "--cache", metavar="DIR", help="of an earlier run, instead of reading the records again"
        )


def run(args: Namespace) -> int:
    from ecgclip.config import load_config
    from ecgclip.records.reading import open_source

    if not args.config or not args.data:
        raise ConfigError("train needs --config F and --data SOURCE; see ecgclip train --help")
    out = Path(args.out or f"runs/{args.stage}")
    # Settings and data before torch, which takes seconds to load.
    config = load_config(args.config, settings_of(args.stage), seed=args.seed)
    sources = [open_source(source, args.reader) for source in args.data]
    try:
        _train(args, config, sources, out)
    except ModuleNotFoundError as error:
        raise MissingExtraError(error.name or "a package", "train") from None
    print_text(str(out))
    return 0


def settings_of(stage: Stage) -> type[Any]:
    """The dataclass that a configuration of the stage fills in."""
    match stage:
        case Stage.CONTRASTIVE:
            from ecgclip.training.contrastive.settings import ContrastiveTraining

            return ContrastiveTraining
        case Stage.TEXT:
            from ecgclip.training.text.settings import TextTraining

            return TextTraining
        case Stage.SIGNAL:
            from ecgclip.training.signal.settings import SignalTraining

            return SignalTraining
        case Stage.SHEET:
            from ecgclip.training.sheet.settings import SheetTraining

            return SheetTraining
        case Stage.CURVES:
            from ecgclip.training.curves.settings import CurveTraining

            return CurveTraining


def _train(args: Namespace, config: Any, sources: Sequence["RecordSource"], out: Path) -> None:
    folders = [Path(source) for source in args.data]
    match args.stage:
        case Stage.CONTRASTIVE:
            from ecgclip.training.contrastive.run import run_contrastive_training

            run_contrastive_training(config, sources, folders, out, resume=args.resume)
        case Stage.TEXT:
            from ecgclip.training.text.run import run_text_training

            cache = Path(args.cache) if args.cache else None
            run_text_training(config, Path(args.model), sources, folders, out, cache=cache)
        case Stage.SIGNAL:
            from ecgclip.training.signal.run import run_signal_training

            run_signal_training(config, sources, out)
        case Stage.SHEET:
            from ecgclip.training.sheet.run import run_sheet_training

            run_sheet_training(config, sources, out, resume=args.resume)
        case Stage.CURVES:
            from ecgclip.training.curves.run import run_curve_training

            run_curve_training(config, sources, out, resume=args.resume)
