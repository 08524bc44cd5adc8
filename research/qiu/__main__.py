"""Train one configuration with `[pairing]`, fields or fusion layers, as `ecgclip train` does those without.

    python -m research.qiu --config research/ablation/5-queue.toml --data PTBXL --out runs/ablation/5-queue

Writes `DIR/model`, which the product reads where the model looks at paper and has no fusion layers.
"""

import sys
from argparse import ArgumentParser
from pathlib import Path

from ecgclip.config import load_config
from ecgclip.exit_code import exit_code_of
from ecgclip.records.reading import open_source
from research.qiu.settings import RowConfig


def main() -> None:
    """Read the arguments, prepare the data, train and export."""
    parser = ArgumentParser(prog="python -m research.qiu", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--config", metavar="F", required=True)
    parser.add_argument(
        "--data", metavar="SOURCE", nargs="+", required=True, help="folders of records, tables"
    )
    parser.add_argument("--out", metavar="DIR", type=Path, required=True)
    parser.add_argument("--resume", action="store_true", help="continue from the last checkpoint in --out")
    args = parser.parse_args()
    config = load_config(args.config, RowConfig)
    sources = [open_source(source) for source in args.data]
    from research.qiu.run import (
        run_training,  # torch takes seconds to load: wrong arguments are reported before
    )

    run_training(config, sources, [Path(source) for source in args.data], args.out, resume=args.resume)


if __name__ == "__main__":
    sys.exit(exit_code_of(main))
