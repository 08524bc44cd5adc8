"""One record, read and drawn, ready to be embedded and stored; or why it is not."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ecgclip.files import replace_surrogates
from ecgclip.paper.coverage import read_shown
from ecgclip.paper.page import CanonicalPage
from ecgclip.records.ecg import content_hash
from ecgclip.records.source import RecordSource, Skipped, result_or_skipped
from ecgclip.records.wfdb.record import is_complete
from ecgclip.retrieval.case import Case


@dataclass(frozen=True)
class Unchanged:
    """A record whose content the index holds already."""

    case_id: str
    content_hash: str


@dataclass(frozen=True, eq=False)
class Prepared:
    """A record ready to be embedded."""

    case: Case
    page: CanonicalPage


Result = Prepared | Unchanged | Skipped
Batch = Sequence[tuple[str, str | None]]
"""Record names, each with the content hash that the index has of it."""


def prepare(source: RecordSource, record_id: str, known_hash: str | None) -> Result:
    """Read one record and draw it, unless the index has it as it is."""
    if (name := replace_surrogates(f"{source.name}/{record_id}")) != f"{source.name}/{record_id}":
        return Skipped(
            replace_surrogates(record_id), f"the name {name} is not written in UTF-8; rename file or folder"
        )
    return result_or_skipped(record_id, lambda: _prepared(source, record_id, known_hash))


def _prepared(source: RecordSource, record_id: str, known_hash: str | None) -> Prepared | Unchanged:
    ecg = read_shown(source, record_id)
    now = content_hash(ecg)
    if now == known_hash:
        return Unchanged(ecg.case_id, now)
    return Prepared(Case.of(ecg, now), CanonicalPage.of_record(ecg))


def skip_name_clash(result: Result, places: Mapping[str, str], folder: Path | None) -> Result:
    """Skip a record that would replace the case of another record of the same name.

    Two folders may both be called `data`. places: case_id -> path that the case was read from; folder: the
    source's. It is the same record where the old path is gone (moved), or lies in the source's folder or
    beside the new record (an older state of the same source).
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
