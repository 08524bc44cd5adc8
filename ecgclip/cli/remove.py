"""`ecgclip remove`: take cases or a patient out of an index."""

from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ecgclip.cli.arguments import add_index, add_json
from ecgclip.cli.output import print_json, print_text

if TYPE_CHECKING:
    from ecgclip.retrieval.bundle import Bundle


def add_arguments(parser: ArgumentParser) -> None:
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
    from ecgclip.engine import open_index
    from ecgclip.errors import ConfigError

    if args.case and args.source:
        raise ConfigError("--source goes with --patient; the name of a case begins with its source")
    index = open_index(args.index)
    cases = _cases(index, args.case)
    for patient in dict.fromkeys(args.patient):
        cases += _of_patient(index, patient, args.source)
    removed = index.remove(cases)
    if args.json:
        print_json({"index": args.index, "removed": removed, "cases": len(index)})
    else:
        print_text(f"{args.index}: {removed} removed, {len(index)} cases left")
    return 0


def _cases(index: "Bundle", names: Sequence[str]) -> list[str]:
    """These cases; IndexStoreError where one of them is not there: half a removal would look like a whole."""
    from ecgclip.errors import IndexStoreError

    missing = [name for name in names if index.cases.get(name) is None]
    if missing:
        raise IndexStoreError(f"{index.path} has no case {', '.join(missing)}; nothing was removed")
    return list(names)


def _of_patient(index: "Bundle", patient: str, sources: Sequence[str]) -> list[str]:
    """The patient's cases; IndexStoreError where there are none, or it may be two people of one number."""
    from ecgclip.errors import IndexStoreError

    found = index.cases.of_patient(patient)
    wanted = [(case, source) for case, source in found if not sources or source in sources]
    among = sorted({source for _, source in wanted})
    if not wanted:
        where = f" of the sources {', '.join(sources)}" if sources else ""
        raise IndexStoreError(f"{index.path} has no patient {patient}{where}; nothing was removed")
    if len(among) > 1 and not sources:
        raise IndexStoreError(
            f"the sources {', '.join(among)} each have a patient {patient}, who need not be one person; "
            "nothing was removed; name those that are meant with --source"
        )
    return [case for case, _ in wanted]
