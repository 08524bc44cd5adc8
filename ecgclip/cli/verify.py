"""`ecgclip verify`: is an index whole?"""

from argparse import ArgumentParser, Namespace

from ecgclip.cli.arguments import add_index, add_json
from ecgclip.cli.output import print_json, print_text


def add_arguments(parser: ArgumentParser) -> None:
    add_index(parser)
    add_json(parser)


def run(args: Namespace) -> int:
    from ecgclip.engine import open_index

    index = open_index(args.index)
    index.verify()
    if args.json:
        print_json({"index": args.index, "cases": len(index), "whole": True})
    else:
        print_text(f"{args.index}: whole, {len(index)} cases")
    return 0
