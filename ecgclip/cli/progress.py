"""Progress bars on stderr, where stderr is a terminal."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def progress(unit: str, total: int) -> Iterator[Callable[[int], None]]:
    """Show a bar of `total` steps; yields a function to call with the number of steps just done."""
    from tqdm import tqdm

    # disable=None: silent unless stderr is a terminal, so logs stay readable.
    with tqdm(total=total, unit=f" {unit}", disable=None) as bar:

        def advance(more: int) -> None:
            bar.update(more)

        yield advance


@contextmanager
def counter(unit: str) -> Iterator[Callable[[int, int], None]]:
    """Show a bar of unknown length.

    Yields a function to call with the number of steps done and their total.
    """
    from tqdm import tqdm

    with tqdm(unit=f" {unit}", disable=None) as bar:

        def show(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        yield show
