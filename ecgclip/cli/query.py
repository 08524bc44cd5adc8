"""`ecgclip query`: images or records in, similar prior cases out."""

import os
from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from ecgclip.cli.arguments import add_index, add_json, add_model, add_search, positive
from ecgclip.cli.output import note, print_json, print_json_line, print_text
from ecgclip.exit_code import BAD_INPUT, REFUSED
from ecgclip.records.readers import names_record

if TYPE_CHECKING:
    from ecgclip.engine.answer import Answer
    from ecgclip.engine.query_input import QueryInput
    from ecgclip.engine.session import Session


def add_arguments(parser: ArgumentParser) -> None:
    from ecgclip.records.readers import RECORDS

    parser.add_argument(
        "images",
        metavar="IMAGE_OR_RECORD",
        nargs="+",
        help=f"a photo, scan, PDF or record ({RECORDS}); several, a folder of them, or - for standard input",
    )
    parser.add_argument(
        "--page",
        metavar="N",
        type=positive,
        help="the page of a PDF or TIFF, from 1 (default: the first that is a readable ECG)",
    )
    add_index(parser)
    add_model(parser)
    add_search(parser)
    parser.add_argument("--text", metavar="WORDS", help="words that the cases should also match")
    parser.add_argument("--save-rectified", metavar="F", help="write the page that was read as a picture")
    add_json(parser)


def run(args: Namespace) -> int:
    # Before numpy is imported: no product here is worth more threads, and starting them takes longer than it.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from ecgclip.engine.inputs import expanded
    from ecgclip.engine.session import Session

    names = expanded(args.images)
    photos = not all(map(names_record, names))
    with Session(args.index, args.model, where=args.where, photos=photos) as session:
        if names == args.images and len(names) == 1:
            return _print_answer(_answer(session, args, _read(session, args, names[0])), args.json)
        return _each(session, args, names)


def _each(session: "Session", args: Namespace, names: list[str]) -> int:
    """Answer every picture, two pages of one ECG as one; an error of one does not stop the others."""
    from ecgclip.engine.answer import Answer, Input
    from ecgclip.engine.query_input import other_half
    from ecgclip.errors import ConfigError, ImageError, RecordError
    from ecgclip.photo.joining import is_half

    if args.save_rectified:
        raise ConfigError(f"--save-rectified writes one page; expected one picture, found {len(names)}")
    codes = {0}
    session.engine  # noqa: B018 - an error of the index is reported once
    half: QueryInput | None = None
    for name in names:
        try:
            query = _read(session, args, name)
        except (ImageError, RecordError) as error:
            if half is not None:
                codes.add(_answer_one(session, args, half))
                half = None
            note(f"ecgclip: {error}")
            codes.add(BAD_INPUT)
            answer = Answer(Input(name, "unknown", accepted=False, reason=str(error), confidence=0.0))
            if args.json:
                print_json_line(answer.to_json())
            continue
        if half is not None:
            both = other_half(half, query)
            codes.add(_answer_one(session, args, both or half))
            half = None
            if both is not None:
                continue
        if query.photo is not None and is_half(query.photo):
            half = query
        else:
            codes.add(_answer_one(session, args, query))
    if half is not None:
        codes.add(_answer_one(session, args, half))
    return next(code for code in (BAD_INPUT, REFUSED, 0) if code in codes)


def _answer_one(session: "Session", args: Namespace, query: "QueryInput") -> int:
    """Answer one of several."""
    return _print_answer(_answer(session, args, query), args.json, one_of_many=True)


def _read(session: "Session", args: Namespace, name: str) -> "QueryInput":
    from ecgclip.engine.inputs import STDIN, standard_input

    source = standard_input() if name == STDIN else name
    return session.read(source, None if args.page is None else args.page - 1)


def _answer(session: "Session", args: Namespace, query: "QueryInput") -> "Answer":
    if args.save_rectified:
        _save(query, args.save_rectified)
    return session.answer(query, args.k, args.where, args.text)


def _save(query: "QueryInput", path: str) -> None:
    """Write the page that was read; nothing of a refused image, whose header may name a patient."""
    from ecgclip.figures.picture import check_suffix, save_picture

    check_suffix(path)
    if query.input.accepted:
        save_picture(query.picture, path)
    else:
        note(f"{path} is not written: no page was read")


def _print_answer(answer: "Answer", as_json: bool, one_of_many: bool = False) -> int:
    from ecgclip.cli.cases import answer_text

    if as_json:
        (print_json_line if one_of_many else print_json)(answer.to_json())
    if not answer.accepted:
        for warning in answer.input.warnings:
            note(f"note: {warning}")
        note(f"ecgclip: {answer.input.path}: refused: {answer.input.reason}")
        return REFUSED
    if not as_json:
        print_text(answer_text(answer) + "\n" * one_of_many)
    return 0
