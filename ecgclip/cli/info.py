"""`ecgclip info`: what an index or a model is."""

from argparse import ArgumentParser, Namespace

from ecgclip.cli.arguments import DEFAULT_INDEX, add_json
from ecgclip.cli.output import print_json, print_text, table


def add_arguments(parser: ArgumentParser) -> None:
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--index", metavar="DIR", help=f"the index (default: {DEFAULT_INDEX})")
    which.add_argument("--model", metavar="DIR", help="a model folder")
    add_json(parser)


def run(args: Namespace) -> int:
    from ecgclip.description import describe_index, describe_model

    facts = describe_model(args.model) if args.model else describe_index(args.index or DEFAULT_INDEX)
    if args.json:
        print_json(facts)
    else:
        print_text(table(("what", "value"), list(facts.items())))
    return 0
