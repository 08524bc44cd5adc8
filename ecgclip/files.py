"""Files written whole or not at all, and their names as others can read them."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def whole(target: Path) -> Iterator[Path]:
    """A path to write to that becomes the target at the end: a full disk leaves what was there before."""
    if not target.parent.is_dir():
        raise FileNotFoundError(errno.ENOENT, "no such folder", str(target.parent))
    part = target.with_name(f".{target.stem}.part{target.suffix}")
    try:
        yield part
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def sayable(name: str) -> str:
    """The name with a ? for every byte that is no UTF-8, which no database, table or screen takes.

    >>> sayable("M\\udcfcller.jpg")
    'M?ller.jpg'
    """
    return name.encode("utf-8", "replace").decode()
