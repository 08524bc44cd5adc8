"""A progress bar on stderr, where stderr is a terminal."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def progress(unit: str, total: int) -> Iterator[Callable[[int], None]]:
    """Yields a function that is told how many more are done."""
    from tqdm import tqdm

    # disable=None: silent unless stderr is a terminal, so logs stay readable.
    with tqdm(total=total, unit=f" {unit}", disable=None) as bar:

        def advance(done: int) -> None:
            bar.update(done)

        yield advance
