"""`PhotosResults`: the figures of the photo protocol, as JSON and as tables."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Final

from ecgclip.evaluation.bootstrap import Interval
from ecgclip.evaluation.photos.gate import GateScores, Judged, StripScores
from ecgclip.evaluation.photos.orientation import OrientationScores
from ecgclip.evaluation.photos.outcome import KS, Outcome
from ecgclip.evaluation.photos.pictures import PictureGroup
from ecgclip.evaluation.photos.scores import Causes, FoundScores, Times, TruthScores
from ecgclip.evaluation.tables import aligned, plain

_INTERVALS: Final = "[95 % intervals: Wilson for shares, bootstrap over photos for the rest]"


@dataclass(frozen=True)
class PhotosResults:
    """What the photo protocol measured.

    gallery: cases in the index; left_out: photos whose record is not among them.
    turns, gate, strips: None where there are no such pictures.
    outcomes: every photo of a known record; judged: what the gate said of every real picture. Both in JSON.
    """

    source: str
    gallery: int
    left_out: int
    found: tuple[FoundScores, ...]
    truth: tuple[TruthScores, ...]
    causes: tuple[Causes, ...]
    times: tuple[Times, ...]
    turns: OrientationScores | None
    gate: GateScores | None
    strips: StripScores | None
    outcomes: tuple[Outcome, ...]
    judged: tuple[Judged, ...]

    def to_json(self) -> dict[str, object]:
        """Plain values for `json.dumps`."""
        return {"protocol": "photos", **plain(asdict(self))}

    def table(self) -> str:
        """The figures for people."""
        parts = [
            f"Photos of known records, gallery of {self.gallery} cases from {self.source}; "
            f"{self.left_out} photos left out: the gallery lacks their record\n{_INTERVALS}",
            _found_table(self.found),
            _missed(self.outcomes),
        ]
        if self.truth:
            parts += ["Read against the truth (of the accepted photos)", _truth_table(self.truth)]
            parts += ["Not first, by the first step that went wrong", _cause_table(self.causes)]
        parts += [self._turns(), self._gate(), self._strips()]
        parts += ["Milliseconds in a warm process", _time_table(self.times)]
        return "\n\n".join(part for part in parts if part)

    def _turns(self) -> str:
        if self.turns is None:
            return ""
        head = (
            f"Read upright in all quarter turns: {self.turns.right.text()} of {self.turns.pictures} "
            "accepted real pictures"
        )
        return _listed(head, self.turns.wrong)

    def _gate(self) -> str:
        if self.gate is None:
            return ""
        head = (
            f"The gate on {self.gate.ecgs} real ECGs and {self.gate.others} other pictures: "
            f"AUROC {self.gate.auroc.text()}, ECGs refused {self.gate.ecgs_refused.text()}, "
            f"others accepted {self.gate.others_accepted.text()}"
        )
        return _listed(head, self.gate.wrong)

    def _strips(self) -> str:
        if self.strips is None:
            return ""
        head = (
            f"{self.strips.strips} single strips: {self.strips.warned} accepted with a warning, "
            f"{self.strips.refused} refused, {self.strips.in_silence} accepted without a word"
        )
        return _listed(head, self.strips.told)


def _listed(head: str, lines: Sequence[str]) -> str:
    return "\n".join([head, *(f"  {line}" for line in lines)])


def _found_table(scores: Sequence[FoundScores]) -> str:
    header = ("", "method", "photos", "refused", *(f"R@{k}" for k in KS))
    rows = [
        (
            score.group,
            score.method,
            str(score.photos),
            str(score.refused),
            *(i.text() for i in (score.recall_at_1, score.recall_at_5, score.recall_at_10)),
        )
        for score in scores
    ]
    return aligned([header, *rows])


def _truth_table(scores: Sequence[TruthScores]) -> str:
    header = (
        "",
        "photos",
        "accepted",
        "period error %",
        "95th percentile",
        "corners mm",
        "95th percentile",
        "upright",
        "layout",
    )
    rows = [
        (
            score.level,
            str(score.photos),
            score.accepted.text(),
            *(_percent(i) for i in (score.period_p50, score.period_p95)),
            *(i.text(2) for i in (score.corner_mm_p50, score.corner_mm_p95)),
            *(i.text() for i in (score.upright, score.layout)),
        )
        for score in scores
    ]
    return aligned([header, *rows])


def _percent(share: Interval) -> str:
    return Interval(100 * share.value, 100 * share.low, 100 * share.high).text(2)


def _cause_table(causes: Sequence[Causes]) -> str:
    header = ("", "not first", "refused", "scale", "turned", "layout", "other")
    rows = [
        (one.group, *map(str, (one.missed, one.refused, one.scale, one.turned, one.layout, one.other)))
        for one in causes
    ]
    return aligned([header, *rows])


def _time_table(times: Sequence[Times]) -> str:
    header = ("", "read, median", "95th percentile", "query, median", "95th percentile")
    rows = [
        (one.group, *(i.text(0) for i in (one.read_p50, one.read_p95, one.query_p50, one.query_p95)))
        for one in times
    ]
    return aligned([header, *rows])


def _missed(outcomes: Sequence[Outcome]) -> str:
    """The real photos whose record does not come first by the first method."""
    real = [outcome for outcome in outcomes if outcome.group in list(PictureGroup)]
    if not real:
        return ""
    method = next(iter(real[0].ranks))
    missed = [f"{one.photo}: {_rank_or_refusal(one)}" for one in real if one.first_rank != 1]
    return _listed(f"Real photos not first by {method}:", missed or ["none"])


def _rank_or_refusal(outcome: Outcome) -> str:
    if outcome.refused:
        return f"refused: {outcome.refused}"
    rank = outcome.first_rank
    return f"rank {rank}" if rank else f"not among the first {max(KS)}"
