"""`python -m ecgclip.training.signal`: train the network that reads the digital signal."""

import sys
from argparse import ArgumentParser
from pathlib import Path

from ecgclip.config import load_config
from ecgclip.exit_code import exit_code_of
from ecgclip.records.reading import open_source
from ecgclip.training.signal.settings import SignalTraining


def main() -> None:
    """Read the arguments and train."""
    parser = ArgumentParser(prog="python -m ecgclip.training.signal", description=__doc__)
    parser.add_argument("--config", metavar="F", default="configs/train/signal.toml")
    parser.add_argument(
        "--data", metavar="SOURCE", nargs="+", required=True, help="folders of records, tables"
    )
    parser.add_argument("--out", metavar="DIR", default="runs/signal", help="default: runs/signal")
    parser.add_argument("--seed", metavar="N", type=int, help="instead of the configuration's")
    args = parser.parse_args()
    config = load_config(args.config, SignalTraining, seed=args.seed)
    sources = [open_source(source) for source in args.data]
    # torch takes seconds to load: wrong arguments are told before
    from ecgclip.training.signal.run import run_signal_training

    run_signal_training(config, sources, Path(args.out))


if __name__ == "__main__":
    sys.exit(exit_code_of(main))
