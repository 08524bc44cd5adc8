"""`ecgclip evaluate`: figures of a model on data."""

from argparse import ArgumentParser, Namespace

from ecgclip.cli.arguments import add_json, add_model
from ecgclip.cli.output import print_json, print_text


def add_arguments(parser: ArgumentParser) -> None:
    add_model(parser)
    parser.add_argument("--data", metavar="SOURCE", required=True, help="a folder in PTB-XL's layout")
    parser.add_argument(
        "--protocol", metavar="P", default="retrieval", help="retrieval or photos (default: retrieval)"
    )
    add_json(parser)


def run(args: Namespace) -> int:
    from ecgclip.evaluation.run import run as evaluate

    report = evaluate(args.protocol, args.model, args.data)
    if args.json:
        print_json(report.to_json())
    else:
        print_text(report.table())
    return 0
