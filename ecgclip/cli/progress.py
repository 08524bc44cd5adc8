"""Progress bars on stderr, where stderr is a terminal."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def progress(unit: str, total: int) -> Iterator[Callable[[int], None]]:
    """Yields a function that is told how many more are done."""
    from tqdm import tqdm

    # disable=None: silent unless stderr is a terminal, so logs stay readable.
    with tqdm(total=total, unit=f" {unit}", disable=None) as bar:

        def advance(more: int) -> None:
            bar.update(more)

        yield advance


@contextmanager
def counter(unit: str) -> Iterator[Callable[[int, int], None]]:
    """Yields a function that is told how many are done, and of how many."""
    from tqdm import tqdm

    with tqdm(unit=f" {unit}", disable=None) as bar:

        def show(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        yield show
