"""`ecgclip render`: a record drawn on ECG paper."""

from argparse import ArgumentParser, Namespace

from ecgclip.cli.output import note, print_text


def add_arguments(parser: ArgumentParser) -> None:
    from ecgclip.records.readers import RECORDS

    parser.add_argument("record", metavar="RECORD", help=f"a record: {RECORDS}")
    parser.add_argument("--out", metavar="F", required=True, help="page.png, .pdf or .svg")
    parser.add_argument("--layout", metavar="L", default="3x4+1R", help="3x4, 3x4+1R, 3x4+3R, 6x2 or 12x1")
    parser.add_argument("--style", metavar="S", help="paper and print of a vendor")


def run(args: Namespace) -> int:
    from ecgclip.paper.coverage import READ_S
    from ecgclip.paper.raster import DEFAULT_STYLE
    from ecgclip.paper.render import render
    from ecgclip.records.reading import read_ecg

    ecg = read_ecg(args.record, seconds=READ_S)
    for warning in ecg.warnings:
        note(f"note: {warning}")
    page = render(ecg, args.layout, args.style or DEFAULT_STYLE)
    print_text(str(page.save(args.out)))
    return 0
