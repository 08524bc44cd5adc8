"""The photo protocol: is the very record that was printed and photographed among the first matches?"""

import csv
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from time import perf_counter

import numpy as np

from ecgclip.errors import RecordError
from ecgclip.evaluation.bootstrap import wilson_interval
from ecgclip.evaluation.photo_rankers import PhotoRanker, Ranking
from ecgclip.evaluation.photos_report import KS, Found, PhotoScores, PhotosReport

TABLE = "photos.csv"
_ECG_ID = re.compile(r"(?<!\d)\d{5}(?!\d)")


class Kind(StrEnum):
    """How a print came into the computer."""

    PHONE = "phone photos"
    SCAN = "scans"


_PREFIXES = {"paired/p2p_": Kind.PHONE, "paired/sara_": Kind.SCAN}


@dataclass(frozen=True)
class PairedPhoto:
    """A photo of a printed record whose ecg_id (five digits) is known."""

    path: Path
    ecg_id: str
    kind: Kind


def read_paired_photos(folder: str | Path) -> tuple[PairedPhoto, ...]:
    """The photos of `photos.csv` with a known record: `paired/p2p_*` and `paired/sara_*`.

    Errors: RecordError where the table is missing or lacks the columns `file` and `ecg_id`.
    """
    table = Path(folder) / TABLE
    if not table.is_file():
        raise RecordError(f"{table} is missing; expected a table with the columns file and ecg_id")
    with table.open(encoding="utf-8", newline="") as stream:
        rows = csv.DictReader(stream)
        names = list(rows.fieldnames or [])
        if not {"file", "ecg_id"} <= set(names):
            raise RecordError(f"{table} has the columns {names}; expected file and ecg_id among them")
        return tuple(
            PairedPhoto(table.parent / row["file"], f"{int(float(row['ecg_id'])):05d}", kind)
            for row in rows
            for prefix, kind in _PREFIXES.items()
            if row["file"].startswith(prefix) and row["ecg_id"]
        )


def ecg_ids(case_ids: Iterable[str]) -> frozenset[str]:
    """The five-digit ecg_ids in the names of cases.

    >>> sorted(ecg_ids(["ptbxl/01027", "signals/17583_hr"]))
    ['01027', '17583']
    """
    return frozenset(number for case_id in case_ids for number in _ECG_ID.findall(case_id))


def evaluate_photos(
    rankers: Sequence[PhotoRanker],
    folder: str | Path,
    gallery: Collection[str],
    *,
    source: str = "",
    max_rank: int = max(KS),
) -> PhotosReport:
    """Rank the prior cases for each paired photo by each ranker; the first one is timed.

    gallery: case_ids of the index. Photos of records that it lacks are left out, and counted.
    A refused photo counts as not found. Errors: RecordError where no photo is left.
    """
    paired = read_paired_photos(folder)
    known = ecg_ids(gallery)
    photos = [photo for photo in paired if photo.ecg_id in known]
    if not photos or not rankers:
        raise RecordError(
            f"{folder}: of {len(paired)} paired photos none has its record among {len(gallery)} cases; "
            "build the index from the records that were photographed"
        )
    rankers[0].rank(photos[0].path, max_rank)  # untimed: what is loaded once is no part of a query
    found: list[Found] = []
    times_ms: list[float] = []
    for photo in photos:
        start = perf_counter()
        rankings = [rankers[0].rank(photo.path, max_rank)]
        times_ms.append((perf_counter() - start) * 1e3)
        rankings += [ranker.rank(photo.path, max_rank) for ranker in rankers[1:]]
        found += [_found(photo, r.name, ranking) for r, ranking in zip(rankers, rankings, strict=True)]
    return PhotosReport(
        source,
        len(gallery),
        len(paired) - len(photos),
        tuple(
            score
            for kind in Kind
            for ranker in rankers
            for score in _scores(kind, [f for f in found if f.kind == kind and f.method == ranker.name])
        ),
        tuple(found),
        float(np.quantile(times_ms, 0.5)),
        float(np.quantile(times_ms, 0.95)),
    )


def _found(photo: PairedPhoto, method: str, ranking: Ranking) -> Found:
    ranks = [i for i, case in enumerate(ranking.case_ids, 1) if photo.ecg_id in ecg_ids([case])]
    return Found(photo.path.name, photo.kind, method, ranks[0] if ranks else None, ranking.refused)


def _scores(kind: Kind, found: Sequence[Found]) -> Iterable[PhotoScores]:
    """The scores of one kind and method; none where there is no such photo."""
    if found:
        hits = [sum(f.rank is not None and f.rank <= k for f in found) for k in KS]
        refused = sum(bool(f.refused) for f in found)
        recalls = (wilson_interval(hit, len(found)) for hit in hits)
        yield PhotoScores(kind, found[0].method, len(found), refused, *recalls)
