"""`python -m research.masked`: pre-train the image tower on hidden pieces of pages, and compare.

pretrain: learn the visual vocabulary, then the tower; `DIR/start` is what `start` of a training configuration
takes. compare: few and many labels, from random weights and from pre-trained ones; prints a table.
vocabulary: print what vocabularies of several sizes are worth.
"""

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

from ecgclip.config import load_config
from ecgclip.exit_code import exit_code_of
from ecgclip.records.reading import open_source
from research.masked.settings import Comparison, MaskedTraining

CONFIGS = Path(__file__).parent / "configs"
CONFIG, COMPARISON = CONFIGS / "shipped.toml", CONFIGS / "comparison.toml"


def main() -> None:
    """Read the arguments and run one of the three."""
    parser = ArgumentParser(prog="python -m research.masked", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, config, out, run in (
        ("pretrain", CONFIG, "runs/masked", _pretrain),
        ("compare", COMPARISON, "runs/masked-comparison", _compare),
        ("vocabulary", CONFIG, "runs/masked", _vocabulary),
    ):
        command = commands.add_parser(name)
        command.set_defaults(run=run)
        command.add_argument(
            "--config", metavar="F", type=Path, default=config, help=f"default: {config.name}"
        )
        command.add_argument(
            "--data", metavar="SOURCE", nargs="+", required=True, help="folders of records, tables"
        )
        command.add_argument("--out", metavar="DIR", type=Path, default=Path(out), help=f"default: {out}")
        if name == "pretrain":
            command.add_argument(
                "--resume", action="store_true", help="continue from the last checkpoint in --out"
            )
        if name == "compare":
            command.add_argument(
                "--start",
                metavar="DIR",
                type=Path,
                default=Path("runs/masked/start"),
                help="the pre-trained weights",
            )
            command.add_argument(
                "--table", action="store_true", help="print what is done so far and train nothing"
            )
        if name == "vocabulary":
            command.add_argument(
                "--sizes", metavar="N", type=int, nargs="+", default=[256, 512, 1024, 2048, 4096]
            )
    args = parser.parse_args()
    args.run(args)


# torch takes seconds to load: in each of the three, wrong arguments are reported before.


def _pretrain(args: Namespace) -> None:
    config = load_config(args.config, MaskedTraining)
    sources = [open_source(source) for source in args.data]
    from research.masked.run import run_pretraining

    run_pretraining(config, sources, [Path(source) for source in args.data], args.out, resume=args.resume)


def _compare(args: Namespace) -> None:
    config = load_config(args.config, Comparison)
    sources = [open_source(source) for source in args.data]
    from research.masked.compare import run_comparison

    folders = [Path(source) for source in args.data]
    print(run_comparison(config, sources, folders, args.start, args.out, only_table=args.table))


def _vocabulary(args: Namespace) -> None:
    config = load_config(args.config, MaskedTraining)
    sources = [open_source(source) for source in args.data]
    from research.masked.sizes import vocabulary_table

    folders = [Path(source) for source in args.data]
    print(vocabulary_table(config, sources, folders, args.out, args.sizes))


if __name__ == "__main__":
    sys.exit(exit_code_of(main))
