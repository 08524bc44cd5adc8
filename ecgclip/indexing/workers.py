"""Records prepared in this process or in several, in the order of the source."""

import os
import signal
import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from itertools import islice
from pickle import PicklingError
from threading import Thread
from typing import Final

from ecgclip.errors import IndexStoreError
from ecgclip.indexing.prepare import Batch, Result, prepare
from ecgclip.interrupts import uninterrupted
from ecgclip.records.source import RecordSource

_AHEAD: Final = 2
"""Batches that each worker may be ahead of the model: a batch of drawn pages is 9 MB."""
_LOOK_S: Final = 0.5
"""How often a worker looks whether its parent still lives."""


def prepared(source: RecordSource, batches: Iterator[Batch], workers: int) -> Iterator[list[Result]]:
    """The records of each batch, prepared by this process or by so many beside it."""
    if workers <= 1:
        return (_prepared(source, batch) for batch in batches)
    return _by_workers(source, batches, workers)


def _prepared(source: RecordSource, batch: Batch) -> list[Result]:
    return [prepare(source, name, known) for name, known in batch]


def _by_workers(source: RecordSource, batches: Iterator[Batch], workers: int) -> Iterator[list[Result]]:
    """In the order of the batches, a few of which are under way at any time."""
    # loky and not multiprocessing, whose workers run the caller's script once more: they fail where it has
    # no main guard, or came by standard input
    from multiprocessing.resource_tracker import ensure_running

    from loky import ProcessPoolExecutor

    with _translate_start_errors(source):
        ensure_running()  # where loky starts it, with the first worker, it lets Ctrl-C through again
        pool = ProcessPoolExecutor(
            workers, timeout=None, initializer=start_worker, initargs=(source, os.getpid())
        )
    waiting: deque[Future[list[Result]]] = deque()
    try:
        while True:
            for batch in islice(batches, workers * _AHEAD - len(waiting)):
                with uninterrupted(), _translate_start_errors(source):
                    waiting.append(pool.submit(_work, batch))
            if not waiting:
                return
            yield waiting.popleft().result()
    except BrokenProcessPool as error:
        raise IndexStoreError(
            "a worker process ended early (out of memory?); run the command again, with fewer --workers: "
            "it goes on where it stopped"
        ) from error
    finally:
        pool.shutdown(kill_workers=True)  # they only read


@contextmanager
def _translate_start_errors(source: RecordSource) -> Iterator[None]:
    """Raise what keeps processes from being started as an IndexStoreError of one line."""
    try:
        yield
    except OSError as error:
        raise IndexStoreError(
            f"worker processes cannot be started ({error.strerror or error}: is there room in /dev/shm, and "
            "are more processes allowed?); mend that, or run the command again with --workers 1"
        ) from error
    except (TypeError, AttributeError, PicklingError) as error:
        raise IndexStoreError(
            f"the source {source.name} cannot be sent to worker processes ({error}); give workers=1"
        ) from error


_worker_source: RecordSource | None = None
"""In a worker process: its copy of the source, sent once and not with every batch."""


def start_worker(source: RecordSource, parent: int) -> None:
    """Prepare a worker process: it keeps the source, ends with its parent and leaves Ctrl-C to it."""
    global _worker_source
    _worker_source = source
    Thread(target=_end_with, args=(parent,), daemon=True).start()
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _end_with(parent: int) -> None:
    """A killed main process tells its workers nothing; they would wait for ever."""
    while os.getppid() == parent:
        time.sleep(_LOOK_S)
    os._exit(1)


def _work(batch: Batch) -> list[Result]:
    if _worker_source is None:
        raise IndexStoreError("a worker process was started without its source of records")
    return _prepared(_worker_source, batch)
