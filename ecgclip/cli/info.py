"""`ecgclip info`: what an index or a model is."""

from argparse import ArgumentParser, Namespace

from ecgclip.cli.arguments import DEFAULT_INDEX, add_json
from ecgclip.cli.output import print_json, print_text, table


def add_arguments(parser: ArgumentParser) -> None:
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--index", metavar="DIR", help=f"the index (default: {DEFAULT_INDEX})")
    which.add_argument(
        "--model", metavar="DIR", nargs="?", const="", help="a model folder (default: the shipped weights)"
    )
    add_json(parser)


def run(args: Namespace) -> int:
    from ecgclip.description import describe_index, describe_model

    is_index = args.model is None
    facts = describe_index(args.index or DEFAULT_INDEX) if is_index else describe_model(args.model or None)
    if args.json:
        print_json(facts)
    else:
        print_text(table(("what", "value"), list(facts.items())))
    return 0
