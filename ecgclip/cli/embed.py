"""`ecgclip embed`: images, records or reports in, their vectors out."""

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from ecgclip.cli.arguments import add_json, add_model, add_reader, sources
from ecgclip.cli.output import note, print_json, print_text
from ecgclip.exit_code import REFUSED

if TYPE_CHECKING:
    from ecgclip.embedding import Embedded


def add_arguments(parser: ArgumentParser) -> None:
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument(
        "--images",
        metavar="F",
        nargs="+",
        help="photos, scans, screenshots; of a PDF or TIFF the first readable ECG",
    )
    what.add_argument("--records", metavar="SOURCE", help=sources())
    what.add_argument(
        "--reports",
        metavar="F",
        help="a text file, a report a line, or a table (.csv, .xlsx, .parquet) with a column `report`",
    )
    add_reader(parser)
    add_model(parser)
    parser.add_argument("--out", metavar="F", required=True, help="OUT.npz (vectors, ids) or OUT.parquet")
    add_json(parser)


def run(args: Namespace) -> int:
    from ecgclip.embedding_file import writer

    write = writer(args.out)
    result = _embed(args)
    for item in result.skipped:
        note(f"skipped {item.record}: {item.reason}")
    if args.images and not result.ids:
        note("ecgclip: none of the images is a readable ECG; nothing was written")
        return REFUSED
    write(result)
    if args.json:
        print_json(_document(args.out, result))
    else:
        count, dim = result.vectors.shape
        print_text(f"{args.out}: {count} vectors of {dim} numbers ({len(result.skipped)} skipped)")
    return 0


def _embed(args: Namespace) -> "Embedded":
    from ecgclip.cli.progress import progress
    from ecgclip.embedding import embed_images, embed_records, embed_reports
    from ecgclip.engine.model import load_model

    if args.images:
        with progress("images", len(args.images)) as advance:
            return embed_images(load_model(args.model), args.images, advance)
    if args.reports:
        return embed_reports(load_model(args.model), args.reports)
    from ecgclip.paper.coverage import READ_S
    from ecgclip.records.reading import open_source

    source = open_source(args.records, args.reader, seconds=READ_S)
    with progress("records", len(source.ids)) as advance:
        return embed_records(load_model(args.model), source, advance)


def _document(out: str, result: "Embedded") -> dict[str, object]:
    count, dim = result.vectors.shape
    skipped = [{"record": item.record, "reason": item.reason} for item in result.skipped]
    return {"out": out, "vectors": count, "dim": dim, "skipped": skipped}
