"""`ecgclip build-index`: records in, an index of prior cases out."""

from argparse import ArgumentParser, ArgumentTypeError, Namespace
from typing import TYPE_CHECKING

from ecgclip.cli.arguments import add_index, add_json, add_model, add_reader, positive, sources
from ecgclip.cli.output import note, print_json, print_text
from ecgclip.retrieval.backends.registry import DEFAULT, Backend

if TYPE_CHECKING:
    from ecgclip.indexing.build import BuildResult

_SHOWN = 10
"""Skipped records that are listed for people; --json lists them all."""


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("source", metavar="SOURCE", help=sources())
    add_index(parser)
    add_reader(parser)
    add_model(parser)
    parser.add_argument(
        "--workers", metavar="N", type=positive, default=1, help="processes that read and draw"
    )
    parser.add_argument(
        "--backend",
        type=_backend,
        metavar="NAME",
        help=f"what searches the vectors: {' or '.join(Backend)} (default: the index's own, else {DEFAULT})",
    )
    add_json(parser)


def run(args: Namespace) -> int:
    from ecgclip.cli.progress import progress
    from ecgclip.engine.model import load_model
    from ecgclip.indexing.build import build_index
    from ecgclip.paper.coverage import READ_S
    from ecgclip.records.reading import open_source

    source = open_source(args.source, args.reader, seconds=READ_S)
    model = load_model(args.model)
    with progress("cases", len(source.ids)) as advance:
        result = build_index(
            source, args.index, model, workers=args.workers, on_progress=advance, backend=args.backend
        )
    if args.json:
        print_json(result.to_json())
    else:
        print_text(_text(result))
    return 0


def _backend(text: str) -> Backend:
    try:
        return Backend(text)
    except ValueError:
        raise ArgumentTypeError(f"{text!r} was given; expected {' or '.join(Backend)}") from None


def _text(result: "BuildResult") -> str:
    for skipped in result.skipped[:_SHOWN]:
        note(f"skipped {skipped.record}: {skipped.reason}")
    if len(result.skipped) > _SHOWN:
        note(f"… and {len(result.skipped) - _SHOWN} more; --json lists them all")
    counts = f"{result.added} added, {result.updated} updated, {result.unchanged} unchanged"
    counts += f", {len(result.skipped)} skipped"
    return f"{result.index}: {result.cases} cases ({counts}) in {result.seconds:.1f} s"
