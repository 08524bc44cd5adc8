"""`ecgclip download`: a public data set; the only command that uses the network."""

from argparse import ArgumentParser, Namespace

from ecgclip.cli.output import print_text


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "dataset", metavar="DATASET", choices=["ptbxl"], help="ptbxl (PTB-XL 1.0.3, CC BY 4.0, 3 GB)"
    )
    parser.add_argument(
        "--to", metavar="DIR", required=True, help="the folder; what is there and right is kept"
    )


def run(args: Namespace) -> int:
    from ecgclip.cli.progress import progress
    from ecgclip.download import download_ptbxl, ptbxl_files

    files = ptbxl_files()
    with progress("files", len(files)) as advance:
        download_ptbxl(files, args.to, advance)
    print_text(f"{args.to}: PTB-XL is complete")
    return 0
