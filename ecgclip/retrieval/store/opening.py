"""`open_snapshot`: open an index though a writer may replace it at this very moment.

Between the two renames of a commit the index has no name, and a folder that was just opened may lose its
files. So an error counts only where nothing moved meanwhile.
"""

import os
import time
from pathlib import Path
from typing import Final

from ecgclip.errors import IndexStoreError
from ecgclip.retrieval.store.index_files import IndexFiles
from ecgclip.retrieval.store.leftovers import clear_leftovers
from ecgclip.retrieval.store.snapshot import Snapshot
from ecgclip.retrieval.store.swap import old_path

_CALM: Final = 3
"""Errors in a row, with nothing moved around them, that are believed."""
_PATIENCE_S: Final = 5.0
_PAUSE_S: Final = 0.002
_MISSING_LONG: Final = 25
"""Looks at an index without its name until its writer is believed dead: 50 ms."""


def open_snapshot(path: Path) -> Snapshot:
    """The index as it is now, all of one generation; IndexStoreError says why there is none."""
    until, calm, attempts = time.monotonic() + _PATIENCE_S, 0, 0
    while True:
        before = _place(path)
        try:
            return Snapshot(IndexFiles(path))
        except IndexStoreError:
            attempts += 1
            calm = calm + 1 if _is_calm(path, before) else 0
            if calm == _CALM or time.monotonic() > until:
                raise
        if attempts % _MISSING_LONG == 0:
            clear_leftovers(path)  # brings back an index whose writer died between the renames
        time.sleep(_PAUSE_S)


def _is_calm(path: Path, before: tuple[int, int] | None) -> bool:
    """Whether the name still stands for the same folder, or for none and no commit is under way."""
    if before is None and os.path.lexists(old_path(path.resolve())):
        return False
    return _place(path) == before


def _place(path: Path) -> tuple[int, int] | None:
    try:
        stat = os.stat(path)
    except OSError:
        return None
    return stat.st_dev, stat.st_ino
