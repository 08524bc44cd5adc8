"""`build_index`: records in, an index of prior cases out; run again, it does only what is new.

Reading, drawing and hashing may run in worker processes; the model embeds here, in batches.
"""

import os
import signal
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import asdict, dataclass, field
from itertools import islice
from multiprocessing import get_context, parent_process
from pathlib import Path
from threading import Thread
from typing import Final, Protocol

import numpy as np
import numpy.typing as npt

from ecgclip.errors import IndexStoreError, RecordError
from ecgclip.files import replace_surrogates
from ecgclip.interrupts import uninterrupted
from ecgclip.paper.coverage import read_shown
from ecgclip.paper.geometry import fingerprint
from ecgclip.paper.raster import Ink, ink_page
from ecgclip.paper.traces import record_traces
from ecgclip.records.content import content_hash
from ecgclip.records.source import InFolder, RecordSource, Skipped, made_or_skipped
from ecgclip.records.wfdb.record import is_complete
from ecgclip.retrieval.backends.base import Backend
from ecgclip.retrieval.store.cases import Case
from ecgclip.retrieval.store.partial import Spec
from ecgclip.retrieval.store.writer import BundleWriter, update_bundle

BATCH: Final = 64
"""Records that are embedded together; also what a kill costs at most."""
_AHEAD: Final = 2
"""Batches that each worker may be ahead of the model: a batch of drawn pages is 9 MB."""

Vectors = npt.NDArray[np.float32]


class IndexModel(Protocol):
    """What an index needs of a model; vectors are float32 [n, dim] of unit norm."""

    @property
    def dim(self) -> int: ...
    @property
    def hash(self) -> str: ...
    def embed_ink(self, pages: Sequence[Ink]) -> Vectors: ...
    def embed_reports(self, reports: Sequence[str]) -> Vectors: ...


@dataclass(frozen=True)
class BuildReport:
    """What a build did. cases: in the index now; the other numbers are of this source's records."""

    index: str
    cases: int
    added: int
    updated: int
    unchanged: int
    skipped: tuple[Skipped, ...]
    seconds: float

    def to_json(self) -> dict[str, object]:
        return asdict(self) | {"skipped": [asdict(skipped) for skipped in self.skipped]}


@dataclass(frozen=True)
class Known:
    """A record that is in the index already, with this content."""

    case_id: str
    content_hash: str


@dataclass(frozen=True, eq=False)
class Prepared:
    """A record ready to be embedded. traces: float16, as they are kept."""

    case: Case
    ink: Ink
    traces: npt.NDArray[np.float16]


Result = Prepared | Known | Skipped
Batch = Sequence[tuple[str, str | None]]
"""Record names, each with the content hash that the index has of it."""


def build_index(
    source: RecordSource,
    path: str | os.PathLike[str],
    model: IndexModel,
    *,
    workers: int = 1,
    on_progress: Callable[[int], None] | None = None,
    engine: Backend = Backend.FLAT,
) -> BuildReport:
    """Bring an index up to date with a source: new records are added, changed ones replaced.

    Cases of other sources stay, also those of another folder of the same name. Unreadable records are
    skipped and listed. A run that was stopped goes on from its last batch. on_progress is told how many more
    records are done.
    workers: processes that read and draw, 1 = none but this one; a script that asks for more must be
    importable, as multiprocessing demands.
    Errors: RecordError where no record could be read, IndexStoreError where the index cannot be written.
    """
    start = time.perf_counter()
    spec = Spec(model.hash, model.dim, fingerprint(), engine)
    folder = source.folder.resolve() if isinstance(source, InFolder) else None
    with update_bundle(path, spec, resume=True) as writer:
        tally = _Tally(writer.base_hashes())
        done, places = writer.hashes(), writer.places()
        for read in _results(source, _batches(source, done), workers):
            results = [_kept_apart(one, places, folder) for one in read]
            _embed(writer, model, [one for one in results if isinstance(one, Prepared)])
            tally.count(results)
            if on_progress is not None:
                on_progress(len(results))
        cases = len(done.keys() | tally.seen)
        if cases == 0:
            raise RecordError(_nothing(source, tally.skipped))
    return BuildReport(
        os.fspath(path),
        cases,
        tally.added,
        tally.updated,
        tally.unchanged,
        tuple(tally.skipped),
        round(time.perf_counter() - start, 3),
    )


@dataclass
class _Tally:
    """Counts against the index as it was before this build, whatever an earlier, stopped run did."""

    before: Mapping[str, str]
    added: int = 0
    updated: int = 0
    unchanged: int = 0
    skipped: list[Skipped] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)

    def count(self, results: Sequence[Result]) -> None:
        for result in results:
            match result:
                case Skipped():
                    self.skipped.append(result)
                case Known(case_id, content_hash):
                    self._case(case_id, content_hash)
                case Prepared(case):
                    self._case(case.case_id, case.content_hash)

    def _case(self, case_id: str, content_hash: str) -> None:
        known = self.before.get(case_id)
        self.added += known is None
        self.unchanged += known == content_hash
        self.updated += known is not None and known != content_hash
        self.seen.add(case_id)


def prepare(source: RecordSource, record_id: str, known_hash: str | None) -> Result:
    """Read one record and draw it, unless the index has it as it is."""
    if (name := replace_surrogates(f"{source.name}/{record_id}")) != f"{source.name}/{record_id}":
        return Skipped(
            replace_surrogates(record_id), f"the name {name} is not written in UTF-8; rename file or folder"
        )
    return made_or_skipped(record_id, lambda: _prepared(source, record_id, known_hash))


def _prepared(source: RecordSource, record_id: str, known_hash: str | None) -> Prepared | Known:
    ecg = read_shown(source, record_id)
    now = content_hash(ecg)
    if now == known_hash:
        return Known(ecg.case_id, now)
    ink = ink_page(ecg)
    case = Case(
        ecg.case_id,
        ecg.report,
        dict(ecg.codes),
        ecg.age,
        ecg.sex,
        ecg.patient_id,
        ecg.source,
        ecg.fold,
        ecg.path and replace_surrogates(os.path.abspath(ecg.path)),
        now,
    )
    return Prepared(case, ink, record_traces(ecg).astype(np.float16))


def _batches(source: RecordSource, done: Mapping[str, str]) -> Iterator[Batch]:
    names = iter(dict.fromkeys(source.ids))
    while batch := list(islice(names, BATCH)):
        yield [(name, done.get(f"{source.name}/{name}")) for name in batch]


def _kept_apart(result: Result, places: Mapping[str, str], folder: Path | None) -> Result:
    """Another record of the same name takes no case's place: two folders may both be called `data`.

    places: case_id -> path that the case was read from; folder: the source's. What is no longer there was
    moved, what lies in the source's folder or beside the new record is an older state of the same source.
    """
    if not isinstance(result, Prepared):
        return result
    case_id, path = result.case.case_id, result.case.path
    name, other = case_id.partition("/")[2], places.get(case_id)
    if folder is None or path is None or other is None or path == other:
        return result
    here, there = (Path(os.path.realpath(place)) for place in (path, other))  # resolve() raises in a loop
    alike = all(place.as_posix().endswith(f"/{name}") for place in (here, there))
    own = here == there or (not alike and (there.is_relative_to(folder) or there.parent == here.parent))
    if not own and (is_complete(there) or there.is_file()):
        reason = f"{case_id} is in the index already, read from {other}"
        return Skipped(name, f"{reason}; rename one of the folders or tables, or build another index")
    return result


def _embed(writer: BundleWriter, model: IndexModel, prepared: Sequence[Prepared]) -> None:
    if not prepared:
        return
    reports = [one.case.report for one in prepared]
    places = {text: place for place, text in enumerate(dict.fromkeys(reports))}
    texts = model.embed_reports(list(places))[[places[text] for text in reports]]
    texts[[not text.strip() for text in reports]] = 0
    writer.add(
        [one.case for one in prepared],
        model.embed_ink([one.ink for one in prepared]),
        texts,
        np.stack([one.traces for one in prepared]),
    )
    writer.checkpoint()


def _results(source: RecordSource, batches: Iterator[Batch], workers: int) -> Iterator[list[Result]]:
    if workers <= 1:
        return ([prepare(source, name, known) for name, known in batch] for batch in batches)
    return _results_of_workers(source, batches, workers)


def _results_of_workers(
    source: RecordSource, batches: Iterator[Batch], workers: int
) -> Iterator[list[Result]]:
    """In the order of the batches, a few of which are under way at any time."""
    # spawn: a fork would copy locks that the model's threads hold at that moment
    pool = ProcessPoolExecutor(workers, get_context("spawn"), _start_worker, (source,))
    waiting: deque[Future[list[Result]]] = deque()
    try:
        while True:
            for batch in islice(batches, workers * _AHEAD - len(waiting)):
                with uninterrupted():
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
        pool.shutdown(cancel_futures=True)


_worker_source: RecordSource | None = None
"""In a worker process: its copy of the source, sent once and not with every batch."""


def _start_worker(source: RecordSource) -> None:
    global _worker_source
    _worker_source = source
    Thread(target=_end_with_parent, daemon=True).start()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the main process answers to Ctrl-C and ends its workers


def _end_with_parent() -> None:
    """A killed main process tells its workers nothing; they would wait for ever."""
    if (parent := parent_process()) is not None:
        parent.join()
        os._exit(1)


def _work(batch: Batch) -> list[Result]:
    if _worker_source is None:
        raise IndexStoreError("a worker process was started without its source of records")
    return [prepare(_worker_source, name, known) for name, known in batch]


def _nothing(source: RecordSource, skipped: Sequence[Skipped]) -> str:
    if not skipped:
        return f"the source {source.name} has no records; nothing was built"
    first = f"{skipped[0].record}: {skipped[0].reason}"
    return f"none of the {len(skipped)} records of {source.name} could be used; the first, {first}"
