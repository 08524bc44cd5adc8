"""`build_index`: records in, an index of prior cases out; run again, it does only what is new.

Reading, drawing and hashing may run in worker processes; the model embeds here, in batches.
"""

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import islice
from typing import Final, Protocol

import numpy as np

from ecgclip.engine.model import load_model
from ecgclip.errors import RecordError
from ecgclip.indexing.prepare import Batch, Prepared, Result, Unchanged, skip_name_clash
from ecgclip.indexing.workers import prepared
from ecgclip.paper.coverage import READ_S
from ecgclip.paper.geometry import fingerprint
from ecgclip.paper.page import CanonicalPage
from ecgclip.records.reading import open_source
from ecgclip.records.source import InFolder, RecordSource, Skipped
from ecgclip.retrieval.backends.registry import Backend
from ecgclip.retrieval.store.partial import Spec
from ecgclip.retrieval.store.writer import BundleWriter, update_bundle
from ecgclip.typing import Vectors

BATCH: Final = 64
"""Records that are embedded together; a build that is killed loses at most so many."""


class IndexModel(Protocol):
    """The part of a model that a build uses; vectors are float32 [n, dim] of unit norm."""

    @property
    def dim(self) -> int: ...
    @property
    def hash(self) -> str: ...
    def embed_pages(self, pages: Sequence[CanonicalPage]) -> Vectors: ...
    def embed_reports(self, reports: Sequence[str]) -> Vectors: ...


@dataclass(frozen=True)
class BuildResult:
    """What a build did.

    Attributes:
        index: The folder of the index.
        cases: Number of cases in the index now, those of other sources included.
        added: Records of this source that are new in the index.
        updated: Records that replaced a case of the same name.
        unchanged: Records that the index held already.
        skipped: Records that could not be read, each with the reason.
        seconds: Duration of the build.
    """

    index: str
    cases: int
    added: int
    updated: int
    unchanged: int
    skipped: tuple[Skipped, ...]
    seconds: float

    def to_json(self) -> dict[str, object]:
        return asdict(self) | {"skipped": [asdict(skipped) for skipped in self.skipped]}


def build_index(
    source: RecordSource | str | os.PathLike[str],
    path: str | os.PathLike[str],
    model: IndexModel | None = None,
    *,
    reader: str = "auto",
    workers: int = 1,
    on_progress: Callable[[int], None] | None = None,
    backend: Backend | None = None,
) -> BuildResult:
    """Bring the index at `path` up to date with a source: new records are added, changed ones replaced.

    Cases of other sources stay, also those of another folder of the same name. Unreadable records are
    skipped and listed. A run that was stopped resumes after its last batch.

    Args:
        source: A folder, a table, `synthetic:200`, or an open source.
        path: The folder of the index; made where it is missing.
        model: The shipped weights where none is given.
        reader: The kind of a source that is a path, else it is found out.
        workers: Processes that read and draw; 1 is none but this one.
        on_progress: Called with how many more records are done.
        backend: What searches the vectors; None keeps that of the index, FAISS for a new one.

    Returns:
        How many cases there are, were added, replaced, unchanged and skipped, and the seconds it took.

    Raises:
        RecordError: Where no record could be read.
        IndexStoreError: Where the index cannot be written.
    """
    start = time.perf_counter()
    if isinstance(source, str | os.PathLike):
        source = open_source(os.fspath(source), reader, seconds=READ_S)
    model = load_model() if model is None else model
    spec = Spec(model.hash, model.dim, fingerprint(), backend)
    folder = source.folder.resolve() if isinstance(source, InFolder) else None
    with update_bundle(path, spec, resume=True) as writer:
        tally = _Tally(writer.base_hashes())
        done, places = writer.hashes(), writer.places()
        for read in prepared(source, _batches(source, done), workers):
            results = [skip_name_clash(one, places, folder) for one in read]
            _embed(writer, model, [one for one in results if isinstance(one, Prepared)])
            tally.count(results)
            if on_progress is not None:
                on_progress(len(results))
        cases = len(done.keys() | tally.seen)
        if cases == 0:
            raise RecordError(_nothing(source, tally.skipped))
    return BuildResult(
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
    """Counts of added, updated and unchanged records, compared with the index as it was before this build."""

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
                case Unchanged(case_id, content_hash):
                    self._case(case_id, content_hash)
                case Prepared(case):
                    self._case(case.case_id, case.content_hash)

    def _case(self, case_id: str, content_hash: str) -> None:
        known = self.before.get(case_id)
        self.added += known is None
        self.unchanged += known == content_hash
        self.updated += known is not None and known != content_hash
        self.seen.add(case_id)


def _batches(source: RecordSource, done: Mapping[str, str]) -> Iterator[Batch]:
    names = iter(dict.fromkeys(source.ids))
    while batch := list(islice(names, BATCH)):
        yield [(name, done.get(f"{source.name}/{name}")) for name in batch]


def _embed(writer: BundleWriter, model: IndexModel, prepared: Sequence[Prepared]) -> None:
    if not prepared:
        return
    reports = [one.case.report for one in prepared]
    places = {text: place for place, text in enumerate(dict.fromkeys(reports))}
    texts = model.embed_reports(list(places))[[places[text] for text in reports]]
    texts[[not text.strip() for text in reports]] = 0
    writer.add(
        [one.case for one in prepared],
        model.embed_pages([one.page for one in prepared]),
        texts,
        np.stack([one.page.traces_mv for one in prepared]).astype(np.float16),
    )
    writer.checkpoint()


def _nothing(source: RecordSource, skipped: Sequence[Skipped]) -> str:
    if not skipped:
        return f"the source {source.name} has no records; nothing was built"
    first = f"{skipped[0].record}: {skipped[0].reason}"
    return f"none of the {len(skipped)} records of {source.name} could be used; the first, {first}"
