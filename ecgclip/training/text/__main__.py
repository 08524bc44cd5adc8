"""`python -m ecgclip.training.text`: train the text tower of a trained model further."""

import sys
from argparse import ArgumentParser
from pathlib import Path

from ecgclip.config import load_config
from ecgclip.exit_code import exit_code_of
from ecgclip.records.reading import open_source
from ecgclip.training.text.settings import TextStage


def main() -> None:
    """Read the arguments and train."""
    parser = ArgumentParser(prog="python -m ecgclip.training.text", description=__doc__)
    parser.add_argument("--model", metavar="DIR", required=True, help="a run's `last` or `model` folder")
    parser.add_argument(
        "--data", metavar="SOURCE", nargs="+", required=True, help="folders of records, tables"
    )
    parser.add_argument("--out", metavar="DIR", default="runs/text", help="default: runs/text")
    parser.add_argument("--config", metavar="F", default="train/text.toml", help="default: the shipped one")
    parser.add_argument("--cache", metavar="DIR", help="of an earlier run, instead of reading the records")
    parser.add_argument("--steps", type=int, metavar="N", help="of the text tower (default: as configured)")
    parser.add_argument("--seed", metavar="N", type=int, help="instead of the configuration's")
    parser.add_argument("--threads", type=int, metavar="N", help="of torch (default: as configured)")
    args = parser.parse_args()
    options = {"steps": args.steps, "seed": args.seed, "threads": args.threads}
    config = load_config(args.config, TextStage, **options)
    sources = [open_source(source) for source in args.data]
    # torch takes seconds to load: wrong arguments are told before
    from ecgclip.training.text.run import run_text_stage

    run_text_stage(
        config,
        Path(args.model),
        sources,
        [Path(source) for source in args.data],
        Path(args.out),
        cache=Path(args.cache) if args.cache else None,
    )


if __name__ == "__main__":
    sys.exit(exit_code_of(main))
