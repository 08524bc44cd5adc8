"""`ecgclip train`: a model by a configuration file."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from ecgclip.cli.arguments import add_reader, sources
from ecgclip.cli.output import print_text


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--config", metavar="F", required=True, help="such as configs/train/ptbxl-tiny.toml")
    parser.add_argument("--data", metavar="SOURCE", nargs="+", required=True, help=sources())
    add_reader(parser)
    parser.add_argument(
        "--out", metavar="DIR", default="runs/train", help="checkpoints and log (default: runs/train)"
    )
    parser.add_argument("--seed", metavar="N", type=int, help="instead of the configuration's")
    parser.add_argument(
        "--resume", action="store_true", help="go on from the last checkpoint in --out, exactly"
    )


def run(args: Namespace) -> int:
    from ecgclip.config import load_config
    from ecgclip.errors import MissingExtraError
    from ecgclip.records.reading import open_source
    from ecgclip.training.contrastive.settings import TrainConfig

    # Settings and data before torch, which takes seconds to load.
    config = load_config(args.config, TrainConfig, seed=args.seed)
    sources = [open_source(source, args.reader) for source in args.data]
    try:
        from ecgclip.training.contrastive.run import run_training
    except ModuleNotFoundError as error:
        raise MissingExtraError(error.name or "a package", "train") from None
    run_training(config, sources, [Path(source) for source in args.data], Path(args.out), resume=args.resume)
    print_text(args.out)
    return 0
