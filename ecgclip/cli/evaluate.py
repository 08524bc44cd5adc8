"""`ecgclip evaluate`: figures of a model on data."""

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ecgclip.cli.arguments import add_json, add_model
from ecgclip.cli.output import note, print_json, print_text

if TYPE_CHECKING:
    from ecgclip.evaluation.photos.options import PhotoOptions

LEVELS: Final = ("S0", "S1", "S2", "S3", "S4")


def add_arguments(parser: ArgumentParser) -> None:
    add_model(parser)
    parser.add_argument(
        "--data",
        metavar="SOURCE",
        required=True,
        help="a folder in PTB-XL's layout, or one of photos with photos.csv",
    )
    parser.add_argument(
        "--protocol", metavar="P", default="retrieval", help="retrieval or photos (default: retrieval)"
    )
    parser.add_argument(
        "--gallery", metavar="SOURCE", help="of photos: the prior cases (default: ptbxl beside --data)"
    )
    parser.add_argument(
        "--index", metavar="DIR", help="of photos: where the gallery's index is kept (default: nowhere)"
    )
    parser.add_argument(
        "--simulated",
        metavar="N",
        type=int,
        help="of photos: simulated photos of N records a level, 0 for none (default: all of fold 9)",
    )
    parser.add_argument(
        "--levels",
        metavar="L,L",
        type=_names,
        default=LEVELS,
        help="of photos: levels of simulated photos (default: S0,S1,S2,S3,S4)",
    )
    parser.add_argument(
        "--no-real",
        action="store_true",
        help="of photos: leave the real pictures out, for a process of some levels",
    )
    parser.add_argument(
        "--results",
        metavar="DIR",
        help="of photos: keeps what was read and ranked; a stopped run goes on, another model ranks anew",
    )
    parser.add_argument(
        "--contact-sheet",
        metavar="F",
        help="of photos: a picture of the worst photos with what was found on them; a folder for all groups",
    )
    parser.add_argument("--seed", metavar="N", type=int, default=0, help="of the resamples (default: 0)")
    add_json(parser)


def run(args: Namespace) -> int:
    from ecgclip.cli.progress import counter
    from ecgclip.evaluation.run import run as evaluate

    with counter("photos" if args.protocol == "photos" else "records") as count:
        report = evaluate(
            args.protocol,
            args.model,
            args.data,
            gallery=args.gallery,
            index=args.index,
            photos=_photo_options(args),
            seed=args.seed,
            on_progress=count,
            tell=note,
        )
    if args.json:
        print_json(report.to_json())
    else:
        print_text(report.table())
    return 0


def _photo_options(args: Namespace) -> "PhotoOptions":
    from ecgclip.evaluation.photos.options import PhotoOptions

    results, sheet = (Path(name) if name else None for name in (args.results, args.contact_sheet))
    return PhotoOptions(args.simulated, args.levels, not args.no_real, results, sheet)


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())
