"""`ecgclip demo`: index, photo, query and picture on synthetic cases."""

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from ecgclip.cli.arguments import positive
from ecgclip.cli.output import note, print_text

if TYPE_CHECKING:
    from ecgclip.demo import Demo


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--out", metavar="DIR", help="a folder for index and pictures (default: index/demo-run)"
    )
    parser.add_argument(
        "--cases", metavar="N", type=positive, default=200, help="synthetic cases (default: 200)"
    )
    # Of 200 cases, seed 3 photographs an acute inferior infarction: a page worth looking at.
    parser.add_argument(
        "--seed", metavar="N", type=int, default=3, help="another seed, another photo (default: 3)"
    )


def run(args: Namespace) -> int:
    from ecgclip.cli.cases import answer_text
    from ecgclip.demo import run_demo

    result = run_demo(args.out, args.cases, args.seed, log=note)
    print_text(answer_text(result.answer))
    print_text(f"\nphotographed: {result.case_id}: {result.report}")
    print_text(f"found again:  {_rank(result)}")
    print_text(f"picture:      {result.picture}")
    print_text(f"ask again:    ecgclip query {result.photo} --index {result.index}")
    return 0


def _rank(result: "Demo") -> str:
    ranks = [match.rank for match in result.answer.matches if match.case_id == result.case_id]
    return f"at rank {ranks[0]}" if ranks else f"not among the first {len(result.answer.matches)}"
