"""The cache of a run's record sources: built by its first process, used again by later runs."""

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from hashlib import blake2b
from pathlib import Path
from typing import Final

from tqdm import tqdm

from ecgclip.errors import RecordError
from ecgclip.files import one_line
from ecgclip.records.ecg import Ecg, content_hash
from ecgclip.records.source import RecordSource, Skipped, result_or_skipped
from ecgclip.training.cache import SignalCache, build_cache, open_cache
from ecgclip.training.distributed import is_first, wait_for_all

_SOURCES: Final = "sources.json"
"""Beside a cache: the sources that it was read from."""


def prepared_cache(sources: Sequence[RecordSource], folder: Path) -> SignalCache:
    """The cache in `folder`, built by the first process where it is missing or of other sources.

    Sources are the same by their names, the names of their records and the content of the first record.
    """
    if is_first():
        mark, found = folder / _SOURCES, _fingerprint(sources)
        if not (mark.is_file() and mark.read_text("utf-8") == found):
            mark.unlink(missing_ok=True)
            total = sum(len(source.ids) for source in sources)
            with tqdm(total=total, desc="reading records") as bar:
                build_cache(_readable(sources, bar.update), folder)
            mark.write_text(found, "utf-8")
    wait_for_all()
    return open_cache(folder)


def known_cache(sources: Sequence[RecordSource], folder: Path) -> SignalCache:
    """An earlier run's cache; RecordError where it is not of these sources, and it stays as it is."""
    mark = folder / _SOURCES
    if not (mark.is_file() and mark.read_text("utf-8") == _fingerprint(sources)):
        raise RecordError(
            f"{folder} is not the cache of these sources; expected that of a run on them, or no --cache"
        )
    return open_cache(folder)


def _fingerprint(sources: Sequence[RecordSource]) -> str:
    """JSON: name, number and digest of the records' names, content hash of the first, for each source."""
    return json.dumps(
        [
            [
                source.name,
                len(source.ids),
                blake2b("\n".join(source.ids).encode(), digest_size=16).hexdigest(),
                next((content_hash(ecg) for ecg in _readable([source])), ""),
            ]
            for source in sources
        ]
    )


def _readable(
    sources: Sequence[RecordSource], on_progress: Callable[[], object] = lambda: None
) -> Iterator[Ecg]:
    """Every record that can be read; the others are named on stderr."""
    for source in sources:
        for record_id in source.ids:
            on_progress()
            read = result_or_skipped(record_id, partial(source.read, record_id))
            if isinstance(read, Skipped):
                print(one_line(f"left out {source.name}/{record_id}: {read.reason}"), file=sys.stderr)
            else:
                yield read
