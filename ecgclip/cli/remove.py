"""`ecgclip remove`: take cases or a patient out of an index."""

from argparse import ArgumentParser, Namespace

from ecgclip.cli.arguments import add_index, add_json
from ecgclip.cli.output import print_json, print_text


def add_arguments(parser: ArgumentParser) -> None:
    add_index(parser)
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--case", metavar="ID", nargs="+", default=[], help="cases such as ptbxl/01027")
    which.add_argument("--patient", metavar="ID", nargs="+", default=[], help="all cases of these patients")
    add_json(parser)


def run(args: Namespace) -> int:
    from ecgclip.engine import open_index
    from ecgclip.errors import IndexStoreError

    index = open_index(args.index)
    removed = index.remove(args.case, args.patient)
    if not removed:
        raise IndexStoreError(f"{args.index} has no such case or patient; nothing was removed")
    if args.json:
        print_json({"index": args.index, "removed": removed, "cases": len(index)})
    else:
        print_text(f"{args.index}: {removed} removed, {len(index)} cases left")
    return 0
