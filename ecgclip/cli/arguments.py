"""Arguments that several commands share."""

from argparse import ArgumentParser, ArgumentTypeError

DEFAULT_INDEX = "index/default"


def add_index(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--index", metavar="DIR", default=DEFAULT_INDEX, help=f"the index (default: {DEFAULT_INDEX})"
    )


def add_model(parser: ArgumentParser) -> None:
    parser.add_argument("--model", metavar="DIR", help="a model folder (default: the shipped weights)")


def add_reader(parser: ArgumentParser) -> None:
    from ecgclip.records.readers import AUTO, NAMES

    parser.add_argument(
        "--reader", metavar="NAME", default=AUTO, help=f"{', '.join(NAMES)} (default: {AUTO})"
    )


def sources() -> str:
    """All kinds of source that records are read from, in words for the help of an argument."""
    from ecgclip.records.readers import SOURCES

    return f"a folder of records or one of: {SOURCES}"


def add_search(parser: ArgumentParser) -> None:
    """How many cases, and which."""
    parser.add_argument(
        "-k", metavar="N", type=positive, default=10, help="how many cases to give (default: 10)"
    )
    parser.add_argument(
        "--where", metavar="EXPR", help="""keep only cases such as 'sex = "female" and age > 60'"""
    )


def add_json(parser: ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print one JSON document on stdout")


def positive(text: str) -> int:
    """A whole number above 0."""
    try:
        number = int(text)
    except ValueError:
        number = 0
    if number < 1:
        raise ArgumentTypeError(f"{text!r} was given; expected a whole number of 1 or more")
    return number
