"""`ecgclip remove`: take cases or a patient out of an index, and out of what stopped commands left there."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

from ecgclip.cli.arguments import add_index, add_json
from ecgclip.cli.output import print_json, print_text


def add_arguments(parser: ArgumentParser) -> None:
    parser.epilog = (
        "Done (exit code 0) means that nothing of them is left: what a stopped command left beside the index "
        "is deleted too where it holds them or may hold them, and named. "
        "With --json: index, removed, cases, leftovers."
    )
    add_index(parser)
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--case", metavar="ID", nargs="+", default=[], help="cases such as ptbxl/01027")
    which.add_argument("--patient", metavar="ID", nargs="+", default=[], help="all cases of these patients")
    parser.add_argument(
        "--source",
        metavar="NAME",
        nargs="+",
        default=[],
        help="of --patient: in these sources alone (default: any, where only one of them has the patient)",
    )
    add_json(parser)


def run(args: Namespace) -> int:
    from ecgclip.errors import ConfigError
    from ecgclip.retrieval.store.removal import remove_cases

    if args.case and args.source:
        raise ConfigError("--source goes with --patient; the name of a case begins with its source")
    done = remove_cases(Path(args.index), args.case, args.patient, args.source)
    leftovers = [str(path) for path in done.leftovers]
    if args.json:
        counts = {"removed": done.removed, "cases": done.cases}
        print_json({"index": args.index} | counts | {"leftovers": leftovers})
    else:
        print_text(f"{args.index}: {done.removed} removed, {done.cases} cases left")
        for path in leftovers:
            print_text(f"also deleted, as it may have held them: {path}, left by a command that was stopped")
    return 0
