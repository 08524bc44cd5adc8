"""`python -m ecgclip.training.sheet`: train the network that reads flat sheets."""

import sys
from argparse import ArgumentParser
from pathlib import Path

from ecgclip.config import load_config
from ecgclip.exit_code import exit_code_of
from ecgclip.records.reading import open_source
from ecgclip.training.sheet.settings import SheetTraining


def main() -> None:
    """Read the arguments and train."""
    parser = ArgumentParser(prog="python -m ecgclip.training.sheet", description=__doc__)
    parser.add_argument("--config", metavar="F", default="configs/train/sheet.toml")
    parser.add_argument(
        "--data", metavar="SOURCE", nargs="+", required=True, help="folders of records, tables"
    )
    parser.add_argument("--out", metavar="DIR", default="runs/sheet", help="default: runs/sheet")
    parser.add_argument("--resume", action="store_true", help="go on from the last checkpoint in --out")
    args = parser.parse_args()
    config = load_config(args.config, SheetTraining)
    sources = [open_source(source) for source in args.data]
    # torch takes seconds to load: wrong arguments are told before
    from ecgclip.training.sheet.run import run_sheet_training

    run_sheet_training(config, sources, Path(args.out), resume=args.resume)


if __name__ == "__main__":
    sys.exit(exit_code_of(main))
