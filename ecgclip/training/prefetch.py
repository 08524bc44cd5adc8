"""Prefetching: batches are prepared ahead of time in a thread."""

import queue
import threading
from collections.abc import Generator, Iterator
from typing import TypeVar

Item = TypeVar("Item")


def prefetched(batches: Iterator[Item], depth: int = 2) -> Generator[Item, None, None]:
    """The same batches, up to `depth` of them prepared ahead.

    A thread is enough: OpenCV and numpy release the interpreter while they draw. An error of `batches` is
    raised here; when the caller stops early, the thread ends.
    """
    waiting: queue.Queue[Item | BaseException | None] = queue.Queue(depth)
    stop = threading.Event()

    def put(item: Item | BaseException | None) -> None:
        while not stop.is_set():
            try:
                waiting.put(item, timeout=0.2)
                return
            except queue.Full:  # training is slower than drawing: look again whether it has stopped
                continue

    def work() -> None:
        try:
            for batch in batches:
                put(batch)
                if stop.is_set():
                    return
            put(None)
        except Exception as error:
            put(error)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        while (item := waiting.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            yield item
    finally:
        stop.set()
        thread.join()
