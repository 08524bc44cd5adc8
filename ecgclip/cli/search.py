"""`ecgclip search`: words in, cases out."""

from argparse import ArgumentParser, Namespace

from ecgclip.cli.arguments import add_index, add_json, add_model, add_search
from ecgclip.cli.output import print_json, print_text


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "text", metavar="WORDS", help="such as 'atrial fibrillation with left bundle branch block'"
    )
    add_index(parser)
    add_model(parser)
    add_search(parser)
    add_json(parser)


def run(args: Namespace) -> int:
    from ecgclip.cli.cases import matches_text
    from ecgclip.engine.model import load_model
    from ecgclip.engine.query import Engine, open_index

    index = open_index(args.index)
    engine = Engine(load_model(args.model, threads=1), index)
    matches = engine.search(args.text, args.k, args.where)
    if args.json:
        print_json({"text": args.text, "matches": [match.to_json() for match in matches]})
    else:
        print_text(matches_text(matches))
    return 0
