"""`ecgclip evaluate`: figures of a model on data."""

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ecgclip.cli.arguments import add_json
from ecgclip.cli.output import note, print_json, print_text

if TYPE_CHECKING:
    from ecgclip.evaluation.classify.settings import ClassifySettings
    from ecgclip.evaluation.photos.options import PhotoOptions

LEVELS: Final = ("S0", "S1", "S2", "S3", "S4")
DRAWS: Final = 3


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--model",
        metavar="DIR",
        action="append",
        help="a model folder or name (default: the shipped weights); of retrieval also several, such as "
        "seeds: mean and range are told",
    )
    parser.add_argument(
        "--data",
        metavar="SOURCE",
        required=True,
        help="a folder in PTB-XL's layout, or one of photos with photos.csv",
    )
    parser.add_argument(
        "--protocol",
        metavar="P",
        default="retrieval",
        help="retrieval, photos, classify, or of classify's parts alone probe, zero-shot or code-six "
        "(default: retrieval)",
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
        help="of photos and classify: photos of N records a level, 0 for none (default: fold 9)",
    )
    parser.add_argument(
        "--levels",
        metavar="L,L",
        type=_names,
        help="of photos and classify: levels of simulated photos (default: S0,S1,S2,S3,S4; of classify none)",
    )
    parser.add_argument(
        "--no-real",
        action="store_true",
        help="of photos: leave the real pictures out, for a process of some levels",
    )
    parser.add_argument(
        "--results",
        metavar="DIR",
        help="keeps what was read and ranked of photos; a stopped run goes on, another model ranks anew",
    )
    parser.add_argument(
        "--contact-sheet",
        metavar="F",
        help="of photos: a picture of the worst photos with what was found on them; a folder for all groups",
    )
    parser.add_argument(
        "--challenge",
        metavar="DIR",
        help="of classify and zero-shot: records of the PhysioNet Challenge, for transfer zero-shot",
    )
    parser.add_argument(
        "--signal-network",
        metavar="DIR",
        help="of all but photos and zero-shot: a trained network over the digital signal, to measure beside "
        "the model; needs torch",
    )
    parser.add_argument(
        "--draws",
        metavar="N",
        type=int,
        help=f"of classify, probe and code-six: draws of 1 and 10 %% of the labels (default: {DRAWS})",
    )
    parser.add_argument("--seed", metavar="N", type=int, default=0, help="of the resamples (default: 0)")
    add_json(parser)


def run(args: Namespace) -> int:
    from ecgclip.cli.progress import counter
    from ecgclip.evaluation.run import READ_BY, check_options, protocol_of
    from ecgclip.evaluation.run import run as evaluate

    check_options(
        protocol_of(args.protocol), [name for name in READ_BY if _is_given(args, name.replace("-", "_"))]
    )
    with counter("photos" if args.protocol == "photos" else "records") as count:
        report = evaluate(
            args.protocol,
            args.model,
            args.data,
            gallery=args.gallery,
            index=args.index,
            photos=_photo_options(args),
            classify=_classify_settings(args),
            seed=args.seed,
            on_progress=count,
            tell=note,
        )
    if args.json:
        print_json(report.to_json())
    else:
        print_text(report.table())
    return 0


def _is_given(args: Namespace, name: str) -> bool:
    # 0 is given, too, though it equals False
    return getattr(args, name) is not None and getattr(args, name) is not False


def _photo_options(args: Namespace) -> "PhotoOptions":
    from ecgclip.evaluation.photos.options import PhotoOptions

    results, sheet = (Path(name) if name else None for name in (args.results, args.contact_sheet))
    return PhotoOptions(args.simulated, args.levels or LEVELS, not args.no_real, results, sheet)


def _classify_settings(args: Namespace) -> "ClassifySettings":
    from ecgclip.evaluation.classify.settings import ClassifySettings

    challenge, network, results = (
        Path(name) if name else None for name in (args.challenge, args.signal_network, args.results)
    )
    draws = DRAWS if args.draws is None else args.draws
    return ClassifySettings(challenge, network, draws, args.levels or (), args.simulated, results)


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())
