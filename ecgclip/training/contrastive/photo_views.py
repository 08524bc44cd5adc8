"""Photo views: prints of the records, photographed by the simulated camera and read back before training.

A photo and its reading take .3 s, for which no training step can wait. The reader returns four rows of trace,
8 kB, so each photo is read once, and its page is drawn anew, with other line widths, at every epoch.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import lru_cache, partial
from hashlib import blake2b
from multiprocessing import get_context
from pathlib import Path
from typing import Final, Literal

import cv2
import numpy as np

from ecgclip.errors import RecordError
from ecgclip.paper.geometry import CANONICAL, fingerprint
from ecgclip.paper.traces import TRACE_SAMPLES
from ecgclip.photo.rectify import rectify
from ecgclip.records.ecg import Ecg
from ecgclip.simulation.photos import random_photo
from ecgclip.training.cache import SignalCache, open_cache
from ecgclip.training.contrastive.settings import PhotoViews
from ecgclip.typing import Float16s, Rows, Traces, Uint8s

WAITING: Final = 0
REFUSED: Final = 1
READ: Final = 2
_MARK: Final = "photographs.json"
_SHAPE: Final = (CANONICAL.rows, TRACE_SAMPLES)


@dataclass(frozen=True, eq=False)
class PhotoPool:
    """What the photo reader found on the photos of the records of a cache.

    traces_mv: float16 [record, view, 4, 1000], memory-mapped, NaN where nothing was read.
    state: uint8 [record, view], `WAITING`, `REFUSED` or `READ`.
    """

    traces_mv: Float16s
    state: Uint8s

    def view(self, row: int, rng: np.random.Generator) -> Traces | None:
        """One of the record's views that were read, float32 [4, 1000] in mV at 100 Hz; None without one."""
        read = np.flatnonzero(self.state[row] == READ)
        if not read.size:
            return None
        return np.asarray(self.traces_mv[row, rng.choice(read)], np.float32)


def build_pool(
    cache_folder: Path,
    rows: Rows,
    settings: PhotoViews,
    *,
    workers: int = 1,
    on_progress: Callable[[], object] = lambda: None,
) -> PhotoPool:
    """Photograph and read the records `rows` of the cache in `cache_folder`; resumes where it was killed.

    The views lie beside the signals. With other records, settings or page geometry all are photographed
    again.
    """
    pool = prepared_files(cache_folder, open_cache(cache_folder), settings)
    waiting = [(int(row), int(view)) for row in rows for view in np.flatnonzero(pool.state[row] == WAITING)]
    for row, view, traces in _read_all(cache_folder, waiting, settings, workers):
        if traces is not None:
            pool.traces_mv[row, view] = traces
        pool.state[row, view] = REFUSED if traces is None else READ
        on_progress()
    return pool


def photo_traces(ecg: Ecg, level: str, rng: np.random.Generator) -> Traces | None:
    """The rows that are read on a simulated photo of the record's print; None where the photo is refused."""
    photo = random_photo(ecg, level, rng).photo
    page = rectify(photo.image)
    return page.traces_mv if page.accepted else None


def prepared_files(folder: Path, cache: SignalCache, settings: PhotoViews) -> PhotoPool:
    """The pool's files, opened to write; made anew where they are missing or of other records or settings."""
    mark, wanted = folder / _MARK, _mark(cache, settings)
    if mark.is_file() and mark.read_text("utf-8") == wanted:
        return _mapped(folder, len(cache.rows), settings, "r+")
    mark.unlink(missing_ok=True)
    pool = _mapped(folder, len(cache.rows), settings, "w+")
    mark.write_text(wanted, "utf-8")
    return pool


def open_pool(folder: Path, cache: SignalCache, settings: PhotoViews) -> PhotoPool:
    """The pool that `build_pool` made, read-only, for any number of processes at once.

    Errors: RecordError where it is missing or of other records or settings.
    """
    mark = folder / _MARK
    if not mark.is_file() or mark.read_text("utf-8") != _mark(cache, settings):
        raise RecordError(f"{folder} holds no photos of these records and settings; build them first")
    return _mapped(folder, len(cache.rows), settings, "r")


def _mark(cache: SignalCache, settings: PhotoViews) -> str:
    """All that the views depend on. Records are the same by their names and the first one's signal."""
    names = blake2b("\n".join(row.case_id for row in cache.rows).encode(), digest_size=16)
    names.update(cache.signals_mv[:1].tobytes())
    return json.dumps([names.hexdigest(), settings.per_record, settings.level, settings.seed, fingerprint()])


def _mapped(folder: Path, records: int, settings: PhotoViews, mode: Literal["r", "r+", "w+"]) -> PhotoPool:
    shape = (records, settings.per_record)
    traces = np.memmap(folder / "photographs.f16", np.float16, mode, shape=(*shape, *_SHAPE))
    return PhotoPool(traces, np.memmap(folder / "photographs.state", np.uint8, mode, shape=shape))


def _read_all(
    folder: Path, waiting: Sequence[tuple[int, int]], settings: PhotoViews, workers: int
) -> Iterator[tuple[int, int, Traces | None]]:
    work = partial(_read_one, folder, settings)
    if workers < 2:
        yield from map(work, waiting)
        return
    with ProcessPoolExecutor(workers, get_context("spawn"), _single_threaded) as processes:
        yield from processes.map(work, waiting, chunksize=4)


def _single_threaded() -> None:
    """Each process has a core of its own, where OpenCV's threads would only wait for each other."""
    cv2.setNumThreads(1)


def _read_one(folder: Path, settings: PhotoViews, which: tuple[int, int]) -> tuple[int, int, Traces | None]:
    row, view = which
    rng = np.random.default_rng([settings.seed, row, view])
    return row, view, photo_traces(_cache(folder).ecg(row), settings.level, rng)


@lru_cache(maxsize=1)
def _cache(folder: Path) -> SignalCache:
    return open_cache(folder)
