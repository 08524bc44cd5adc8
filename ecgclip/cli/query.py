"""`ecgclip query`: an image or a record in, similar prior cases out."""

import os
from argparse import ArgumentParser, Namespace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from ecgclip.cli.arguments import add_index, add_json, add_model, add_search, positive
from ecgclip.cli.output import note, print_json, print_text
from ecgclip.exit_code import REFUSED
from ecgclip.records.named import names_record

if TYPE_CHECKING:
    from ecgclip.engine import Engine
    from ecgclip.engine.answer import Answer
    from ecgclip.engine.query_input import QueryInput
    from ecgclip.photo.loading.opened import Opened


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "image_or_record", metavar="IMAGE_OR_RECORD", help="a photo, scan, screenshot, PDF or WFDB record"
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
    from concurrent.futures import ThreadPoolExecutor

    pool = ThreadPoolExecutor(2)
    try:
        photo = None if names_record(args.image_or_record) else pool.submit(_decoded, args.image_or_record)
        if photo:
            import_module("ecgclip.photo.rectify")  # while the picture is decoded
        from ecgclip.engine.query_input import read_query

        loading = pool.submit(_engine, args, photo is not None)
        try:
            source = photo.result() if photo else args.image_or_record
            asked = read_query(source, None if args.page is None else args.page - 1)
        except Exception:  # what is wrong with the index is told before what is wrong with the picture
            loading.result()
            raise
        engine = loading.result()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)  # an interrupt waits for no decoder
    if args.save_rectified:
        _save(asked, args.save_rectified)
    return _tell(engine.answer(asked, args.k, args.where, args.text), args.json)


def _decoded(path: str) -> "Opened":
    from ecgclip.photo.loading.opened import open_decoded

    return open_decoded(Path(path))


def _engine(args: Namespace, photos: bool) -> "Engine":
    """The index and the networks, loaded while the picture is read: neither needs the other."""
    from ecgclip.engine import Engine, load_model, open_index
    from ecgclip.retrieval.store.where import compile_where

    index = open_index(args.index)
    if args.where is not None:
        compile_where(args.where)
    # One thread: a single page is embedded before others would have started.
    engine = Engine(load_model(args.model, threads=1), index)
    engine.warm_up(photos=photos)
    return engine


def _save(asked: "QueryInput", path: str) -> None:
    """The page that was read; of a refused image nothing was, and its header may name a patient."""
    from ecgclip.figures.picture import check_suffix, save_picture

    check_suffix(path)
    if asked.input.accepted:
        save_picture(asked.picture, path)
    else:
        note(f"{path} is not written: no page was read")


def _tell(answer: "Answer", as_json: bool) -> int:
    from ecgclip.cli.cases import answer_text

    if as_json:
        print_json(answer.to_json())
    if not answer.accepted:
        for warning in answer.input.warnings:
            note(f"note: {warning}")
        note(f"ecgclip: {answer.input.path}: refused: {answer.input.reason}")
        return REFUSED
    if not as_json:
        print_text(answer_text(answer))
    return 0
