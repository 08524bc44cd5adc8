"""`ecgclip evaluate`: measure a model on data, one subcommand for each protocol.

Without the name of a protocol it is retrieval, without the name of a part the whole of classify. So their
options belong to two parsers, and `--data` cannot be required by either: a parser would miss it where the
other one was given it.
"""

from argparse import ArgumentParser, Namespace, _SubParsersAction
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

from ecgclip.cli.arguments import add_json, add_model
from ecgclip.cli.output import note, print_json, print_text
from ecgclip.cli.progress import counter
from ecgclip.errors import ConfigError

if TYPE_CHECKING:
    from ecgclip.evaluation.tables import Results

    Subparsers: TypeAlias = _SubParsersAction[ArgumentParser]

Protocol: TypeAlias = "Callable[[Namespace], Results]"
RECORDS: Final = "a folder in PTB-XL's layout, or a table of records with folds 1 to 9"
SIGNALS: Final = "a folder with photos.csv, the pictures, and their records in signals/; or records"
PHOTOS: Final = "a folder with photos.csv, the pictures, and their records in signals/"


def add_arguments(parser: ArgumentParser) -> None:
    _add_retrieval(parser)
    protocols = parser.add_subparsers(title="protocols", metavar="PROTOCOL", dest="protocol")
    retrieval = "find the prior cases and the report of a record (the default)"
    _add_retrieval(_protocol(protocols, "retrieval", retrieval))
    _add_photos(_protocol(protocols, "photos", "find the very record of a photo, read all pictures right"))
    signals = "digitise pictures of known records: how far is each lead from the truth?"
    _add_signals(_protocol(protocols, "signals", signals))
    classify = _protocol(protocols, "classify", "predict statements: probes, zero-shot, subgroups")
    _add_classify(classify)
    text = "find cases by the names of statements, as `ecgclip search` does"
    _add_text(_protocol(protocols, "text", text))


def run(args: Namespace) -> int:
    if args.data is None:
        raise ConfigError(f"--data is missing; expected {args.expected_data}")
    results = args.evaluate(args)
    if args.json:
        print_json(results.to_json())
    else:
        print_text(results.table())
    return 0


def _protocol(protocols: "Subparsers", name: str, summary: str) -> ArgumentParser:
    return protocols.add_parser(name, help=summary, description=f"{summary[0].upper()}{summary[1:]}.")


def _add_common(parser: ArgumentParser, evaluate: Protocol, data: str = RECORDS) -> None:
    parser.add_argument("--data", metavar="SOURCE", help=f"required: {data}")
    add_json(parser)
    parser.set_defaults(evaluate=evaluate, expected_data=data)


def _add_seed(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--seed", metavar="N", type=int, default=0, help="of the resamples and draws (default: 0)"
    )


def _add_models(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--model",
        metavar="DIR",
        action="append",
        help="a model folder or name (default: the shipped weights); several, such as seeds, are compared",
    )


def _add_signal_network(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--signal-network",
        metavar="DIR",
        help="a trained network over the digital signal, to measure beside the model; needs torch",
    )


def _add_simulated(parser: ArgumentParser, levels: str) -> None:
    parser.add_argument(
        "--levels", metavar="L,L", type=_names, help=f"levels of simulated photos (default: {levels})"
    )
    parser.add_argument(
        "--simulated",
        metavar="N",
        type=int,
        help="photos of N records a level, 0 for none (default: all of fold 9)",
    )


def _add_retrieval(parser: ArgumentParser) -> None:
    _add_common(parser, _retrieval)
    _add_models(parser)
    _add_signal_network(parser)
    _add_seed(parser)


def _retrieval(args: Namespace) -> "Results":
    from ecgclip.evaluation.retrieval.protocol import run_retrieval

    with counter("records") as count:
        return run_retrieval(
            args.data,
            args.model or (),
            signal_network=args.signal_network,
            seed=args.seed,
            on_progress=count,
        )


def _add_photos(parser: ArgumentParser) -> None:
    _add_common(parser, _photos, PHOTOS)
    add_model(parser)
    parser.add_argument(
        "--gallery",
        metavar="SOURCE",
        help="prior cases in PTB-XL's layout (default: ptbxl beside --data)",
    )
    parser.add_argument(
        "--index", metavar="DIR", help="where to keep the gallery's index (default: a temporary folder)"
    )
    _add_simulated(parser, "S0,S1,S2,S3,S4")
    parser.add_argument(
        "--no-real", action="store_true", help="leave the real pictures out, for a process of some levels"
    )
    parser.add_argument(
        "--results", metavar="DIR", help="save what is finished, so that a run that was stopped goes on"
    )
    parser.add_argument(
        "--contact-sheet",
        metavar="F",
        help="a picture of the worst photos with what was found on them; a folder for all groups",
    )
    _add_seed(parser)


def _photos(args: Namespace) -> "Results":
    from ecgclip.evaluation.photos.options import PhotoOptions
    from ecgclip.evaluation.photos.run import run_photos

    levels = {"levels": args.levels} if args.levels else {}
    options = PhotoOptions(
        simulated=args.simulated,
        real=not args.no_real,
        results=_path(args.results),
        contact_sheet=_path(args.contact_sheet),
        **levels,
    )
    with counter("photos") as count:
        return run_photos(
            args.data,
            args.model,
            options,
            gallery=args.gallery,
            index=args.index,
            seed=args.seed,
            on_progress=count,
            log=note,
        )


def _add_signals(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--data", metavar="SOURCE", nargs="+", help=f"required: {SIGNALS}, photographed by simulation"
    )
    add_json(parser)
    parser.set_defaults(evaluate=_signals, expected_data=SIGNALS)
    _add_simulated(parser, "S0,S1,S2,S3")
    parser.add_argument(
        "--results", metavar="DIR", help="save what is finished, so that a run that was stopped goes on"
    )
    parser.add_argument(
        "--contact-sheet",
        metavar="F",
        help="a picture of the worst leads, read and true; a folder for all groups",
    )
    _add_seed(parser)


def _signals(args: Namespace) -> "Results":
    from ecgclip.evaluation.signals.options import SignalOptions
    from ecgclip.evaluation.signals.run import run_signals

    levels = {"levels": args.levels} if args.levels else {}
    options = SignalOptions(
        simulated=args.simulated,
        results=_path(args.results),
        contact_sheet=_path(args.contact_sheet),
        **levels,
    )
    with counter("pictures") as count:
        return run_signals(args.data, options, seed=args.seed, on_progress=count, log=note)


def _add_classify(parser: ArgumentParser) -> None:
    _add_part(parser, labels=True, network=True, challenge=True)
    _add_simulated(parser, "none")
    parts = parser.add_subparsers(title="parts, each with its own options", metavar="PART", dest="part")
    probe = "linear probes and 20 neighbours alone, baselines beside the model"
    _add_part(_protocol(parts, "probe", probe), labels=True, network=True)
    _add_part(_protocol(parts, "zero-shot", "classes by phrases for them, without labels"), challenge=True)
    _add_part(_protocol(parts, "subgroups", "languages of the report, ages and sexes alone"))
    six = "probes and zero-shot of the six classes nearest to those of the CODE study"
    _add_part(_protocol(parts, "code-six", six), labels=True, network=True)


def _add_part(
    parser: ArgumentParser, *, labels: bool = False, network: bool = False, challenge: bool = False
) -> None:
    _add_common(parser, _classify)
    add_model(parser)
    if labels:
        parser.add_argument(
            "--draws", metavar="N", type=int, help="draws of 1 and 10 %% of the labels (default: 3)"
        )
    if network:
        _add_signal_network(parser)
    if challenge:
        parser.add_argument(
            "--challenge", metavar="DIR", help="records of the PhysioNet Challenge, for transfer zero-shot"
        )
    _add_seed(parser)


def _classify(args: Namespace) -> "Results":
    from ecgclip.evaluation.classify.run import run_classify
    from ecgclip.evaluation.classify.settings import ClassifySettings

    given = vars(args)
    draws = {"draws": args.draws} if given.get("draws") is not None else {}
    settings = ClassifySettings(
        challenge=_path(given.get("challenge")),
        signal_network=_path(given.get("signal_network")),
        levels=given.get("levels") or (),
        photos=given.get("simulated"),
        **draws,
    )
    with counter("records") as count:
        return run_classify(
            args.data, args.model, settings, part=args.part, seed=args.seed, on_progress=count
        )


def _add_text(parser: ArgumentParser) -> None:
    _add_common(parser, _text)
    _add_models(parser)


def _text(args: Namespace) -> "Results":
    from ecgclip.evaluation.text.protocol import run_text

    with counter("records") as count:
        return run_text(args.data, args.model or (), on_progress=count)


def _path(name: str | None) -> Path | None:
    return Path(name) if name else None


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())
