"""`PhotosReport`: the figures of the photo protocol, as JSON and as a table."""

from dataclasses import asdict, dataclass

from ecgclip.evaluation.bootstrap import Interval
from ecgclip.evaluation.table import aligned, plain

KS = (1, 5, 10)


@dataclass(frozen=True)
class Found:
    """One photo by one method: the rank of its record from 1, None where it is not among the first 10."""

    photo: str
    kind: str
    method: str
    rank: int | None
    refused: str = ""


@dataclass(frozen=True)
class PhotoScores:
    """Share of the photos whose record is among the first 1, 5 and 10; refused photos are misses.

    Intervals are Wilson score intervals at 95 %.
    """

    kind: str
    method: str
    photos: int
    refused: int
    recall_at_1: Interval
    recall_at_5: Interval
    recall_at_10: Interval


@dataclass(frozen=True)
class PhotosReport:
    """What `evaluate_photos` measured.

    gallery: cases in the index; left_out: photos whose record is not among them.
    ms_p50, ms_p95: milliseconds of a query by the first method, in a process that is already warm.
    """

    source: str
    gallery: int
    left_out: int
    scores: tuple[PhotoScores, ...]
    found: tuple[Found, ...]
    ms_p50: float
    ms_p95: float

    def to_json(self) -> dict[str, object]:
        """Plain values for `json.dumps`."""
        return {"protocol": "photos", **plain(asdict(self))}

    def table(self) -> str:
        """The report for people: the scores, then every photo whose record does not come first."""
        head = (
            f"Photos of printed records, gallery of {self.gallery} cases from {self.source}; "
            f"{self.left_out} photos left out: the gallery lacks their record\n[95 % Wilson intervals]"
        )
        first = self.scores[0].method
        misses = [f"  {f.photo}: {_outcome(f)}" for f in self.found if f.method == first and f.rank != 1] or [
            "  none"
        ]
        times = f"A query takes {self.ms_p50:.0f} ms (median), {self.ms_p95:.0f} ms (95th percentile), warm"
        return "\n\n".join([head, _table(self.scores), times, f"Not first by {first}:\n" + "\n".join(misses)])


def _table(scores: tuple[PhotoScores, ...]) -> str:
    header = ("", "method", "photos", "refused", "R@1", "R@5", "R@10")
    rows = [
        (
            score.kind,
            score.method,
            str(score.photos),
            str(score.refused),
            *(i.text() for i in (score.recall_at_1, score.recall_at_5, score.recall_at_10)),
        )
        for score in scores
    ]
    return aligned([header, *rows])


def _outcome(found: Found) -> str:
    if found.refused:
        return f"refused: {found.refused}"
    return f"rank {found.rank}" if found.rank else f"not among the first {max(KS)}"
