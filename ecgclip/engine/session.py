"""`Session`: model and index load while the first picture is read. The command line and a server share it."""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Self, TypeVar

from ecgclip.errors import IndexStoreError
from ecgclip.records.readers import names_record

# Nothing heavy is imported here: a picture's file is being decoded before numpy is there.
if TYPE_CHECKING:
    from ecgclip.engine.answer import Answer, Match
    from ecgclip.engine.query import Engine
    from ecgclip.engine.query_input import QueryInput, Source

T = TypeVar("T")


class Session:
    """An index and a model for many queries, which may be sent before both are loaded.

    Both load in the background; a query waits only for what it needs. Errors of the index or the model are
    raised by the first query, before errors of its own picture.

    Args:
        index: The folder of the index.
        model: A folder or a name; None: the shipped weights.
        where: A filter that is checked when the index is opened, so that an error shows early; queries give
            their own.
        photos: Also load the photo reader, which queries by records or words do not need.
        threads: Of the encoders; for a single page, starting more than one takes longer than it saves.
    """

    def __init__(
        self,
        index: str | os.PathLike[str],
        model: str | os.PathLike[str] | None = None,
        *,
        where: str | None = None,
        photos: bool = True,
        threads: int = 1,
    ) -> None:
        self._pool = ThreadPoolExecutor(2)
        self._loading: Future[Engine] = self._pool.submit(_load, index, model, where, photos, threads)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop without waiting for work in the background, so that an interrupt ends the program at once.

        Queries that still wait, and later ones by pictures, raise IndexStoreError.
        """
        self._pool.shutdown(wait=False, cancel_futures=True)

    @property
    def engine(self) -> "Engine":
        """Model and index, once they are loaded.

        Raises:
            IndexStoreError: Of an index that cannot be opened.
            ModelError: Of a model that cannot be loaded.
            FilterError: Of a filter that is not understood.
        """
        with _translate_closed():
            return self._loading.result()

    def read(self, source: "Source", page: int | None = None) -> "QueryInput":
        """Read a picture or a record, so that it can be shown before the search.

        Args:
            source: A path, bytes of a picture, a PIL image, an array, or an `Ecg`.
            page: Of a PDF or TIFF, counted from 0; None: the first that is a readable ECG.

        Raises:
            ImageError: Of a file that is no image.
            RecordError: Of a damaged record.
        """
        return self._after_loading(lambda: self._read(source, page))

    def answer(
        self, query_input: "QueryInput", k: int = 10, where: str | None = None, text: str | None = None
    ) -> "Answer":
        """The k prior cases most like what was read; see `Engine.query`."""
        return self.engine.answer(query_input, k, where, text)

    def query(
        self,
        source: "Source",
        k: int = 10,
        where: str | None = None,
        text: str | None = None,
        page: int | None = None,
    ) -> "Answer":
        """`read` and `answer` in one."""
        return self.answer(self.read(source, page), k, where, text)

    def search(self, text: str, k: int = 10, where: str | None = None) -> "tuple[Match, ...]":
        """The k cases that words describe best."""
        return self.engine.search(text, k, where)

    def _read(self, source: "Source", page: int | None) -> "QueryInput":
        if isinstance(source, str | os.PathLike) and not names_record(os.fspath(source)):
            with _translate_closed():
                decoding = self._pool.submit(_decoded, os.fspath(source))
            import_module("ecgclip.photo.rectify")  # while the picture is decoded
            with _translate_closed():
                source = decoding.result()
        from ecgclip.engine.query_input import read_query

        return read_query(source, page)

    def _after_loading(self, read: Callable[[], T]) -> T:
        try:
            return read()
        except Exception:
            self.engine  # noqa: B018 - raises what is wrong with the index, which comes first
            raise


@contextmanager
def _translate_closed() -> Iterator[None]:
    """Raise what a pool that was shut down raises as an IndexStoreError of one line."""
    try:
        yield
    except (CancelledError, RuntimeError) as error:
        if isinstance(error, RuntimeError) and "after shutdown" not in str(error):
            raise
        raise IndexStoreError("this session was closed; make another Session") from error


def _decoded(path: str) -> "Source":
    from ecgclip.photo.loading.opened import open_decoded

    return open_decoded(Path(path))


def _load(
    index: str | os.PathLike[str],
    model: str | os.PathLike[str] | None,
    where: str | None,
    photos: bool,
    threads: int,
) -> "Engine":
    if photos:
        # In the order in which `Session.read` imports them: the threads wait for each other's imports, which
        # beside each other would take longer.
        import_module("ecgclip.photo.rectify")
        import_module("ecgclip.engine.query_input")
    from ecgclip.engine.model import load_model
    from ecgclip.engine.query import Engine, open_index
    from ecgclip.retrieval.store.where import compile_where

    opened = open_index(index)
    if where is not None:
        compile_where(where)
    engine = Engine(load_model(model, threads=threads), opened)
    engine.warm_up(photos=photos)
    return engine
