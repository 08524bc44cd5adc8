"""`ecgclip verify`: are the files of an index complete and undamaged?"""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from ecgclip.cli.arguments import add_index, add_json
from ecgclip.cli.output import note, print_json, print_text


def add_arguments(parser: ArgumentParser) -> None:
    add_index(parser)
    add_json(parser)


def run(args: Namespace) -> int:
    from ecgclip.engine.query import open_index
    from ecgclip.errors import IndexStoreError
    from ecgclip.retrieval.store.leftovers import holds_stopped_build

    index = open_index(args.index)
    problems = index.verify()
    if holds_stopped_build(Path(args.index)):
        note(f"note: a build of {args.index} was stopped; build-index goes on with it")
    if args.json:
        print_json({"index": args.index, "cases": len(index), "whole": not problems, "problems": problems})
    if problems:
        raise IndexStoreError(
            f"{args.index}: {'; '.join(problems)}; mend that, or build it anew with build-index"
        )
    if not args.json:
        print_text(f"{args.index}: whole, {len(index)} cases")
    return 0
