"""`ecgclip evaluate`: figures of a model on data."""

from argparse import ArgumentParser, Namespace

from ecgclip.cli.arguments import add_json, add_model
from ecgclip.cli.output import print_json, print_text


def add_arguments(parser: ArgumentParser) -> None:
    add_model(parser)
    parser.add_argument(
        "--data",
        metavar="SOURCE",
        required=True,
        help="a folder in PTB-XL's layout, or one of photos with photos.csv",
    )
    parser.add_argument(
        "--protocol", metavar="P", default="retrieval", help="retrieval or photos (default: retrieval)"
    )
    parser.add_argument(
        "--gallery", metavar="SOURCE", help="of photos: the prior cases (default: ptbxl beside --data)"
    )
    parser.add_argument(
        "--index", metavar="DIR", help="of photos: where the gallery's index is kept (default: nowhere)"
    )
    parser.add_argument("--seed", metavar="N", type=int, default=0, help="of the resamples (default: 0)")
    add_json(parser)


def run(args: Namespace) -> int:
    from ecgclip.cli.progress import counter
    from ecgclip.evaluation.run import run as evaluate

    with counter("records") as tell:
        report = evaluate(
            args.protocol,
            args.model,
            args.data,
            gallery=args.gallery,
            index=args.index,
            seed=args.seed,
            on_progress=tell,
        )
    if args.json:
        print_json(report.to_json())
    else:
        print_text(report.table())
    return 0
