"""`Answer`: what a query gives back, and the JSON that callers rely on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ecgclip.retrieval.case import Case, json_number

NOTICE = "A summary of similar prior cases for a trained reader; not a diagnosis."


@dataclass(frozen=True)
class Input:
    """What was asked about, and how it was read.

    kind: `photo`, `render`, `pdf` or `record`.
    accepted: False when the image is no readable ECG; `reason` then says why.
    px_per_mm: scale found in the image; None for a record or a refused image.
    corners: x and y of the page's corners in the image, top left first, clockwise; empty for a record or a
    refused image.
    """

    path: str | None
    kind: str
    accepted: bool
    reason: str = ""
    confidence: float = 1.0
    rotation_deg: float = 0.0
    px_per_mm: float | None = None
    corners: tuple[tuple[float, float], ...] = ()
    layout: str = "unknown"
    warnings: tuple[str, ...] = ()

    def to_json(self) -> dict[str, object]:
        return {
            "path": self.path,
            "kind": self.kind,
            "accepted": self.accepted,
            "reason": self.reason,
            "confidence": json_number(self.confidence, 4),
            "rotation_deg": json_number(self.rotation_deg, 2),
            "px_per_mm": json_number(self.px_per_mm, 3),
            "corners": [[json_number(x, 1), json_number(y, 1)] for x, y in self.corners],
            "layout": self.layout,
            "warnings": list(self.warnings),
        }


@dataclass(frozen=True)
class Match:
    """One similar prior case.

    Attributes:
        rank: From 1 on, best first.
        score: 1 for the same page.
        case: What the index knows of it: `case_id`, `report`, `codes`, `age`, `sex`, `patient_id`, `source`,
            `fold` and `path`.
    """

    rank: int
    score: float
    case: Case

    @property
    def case_id(self) -> str:
        return self.case.case_id

    @property
    def report(self) -> str:
        return self.case.report

    def to_json(self) -> dict[str, object]:
        place = {"rank": self.rank, "case_id": self.case_id, "score": json_number(self.score, 4)}
        return place | self.case.to_json()


@dataclass(frozen=True)
class SharedStatement:
    """A statement that matches carry: in how many, and their share of all matches and of all scores."""

    statement: str
    cases: int
    share: float
    weight: float

    def to_json(self) -> dict[str, object]:
        return {
            "statement": self.statement,
            "cases": self.cases,
            "share": json_number(self.share, 4),
            "weight": json_number(self.weight, 4),
        }


@dataclass(frozen=True)
class Answer:
    """What a query gives back.

    Attributes:
        input: What was asked about and how it was read: `accepted`, `reason`, `layout`, `confidence`, …
        matches: The cases, best first; none where the input was refused.
        consensus: What the matches' reports state, a summary of prior cases and never a diagnosis.
        timings_ms: Milliseconds of `load`, `rectify`, `embed`, `search` and `rerank`.
    """

    input: Input
    matches: tuple[Match, ...] = ()
    consensus: tuple[SharedStatement, ...] = ()
    timings_ms: Mapping[str, float] = field(default_factory=dict)

    @property
    def accepted(self) -> bool:
        return self.input.accepted

    def to_json(self) -> dict[str, object]:
        """The document of `query --json`, as plain values."""
        return {
            "input": self.input.to_json(),
            "matches": [match.to_json() for match in self.matches],
            "consensus": [statement.to_json() for statement in self.consensus],
            "notice": NOTICE,
            "timings_ms": {step: json_number(ms, 2) for step, ms in self.timings_ms.items()},
        }


def consensus(matches: Sequence[Match]) -> tuple[SharedStatement, ...]:
    """The statements of the matches, the heaviest first.

    share: part of the matches that carry the statement; weight: their part of all scores, where a score
    below 0 counts as 0. Statements of equal weight stand in the order of their names.
    """
    total = sum(max(match.score, 0.0) for match in matches)
    statements = {code for match in matches for code in match.case.codes}
    found = [_statement(code, matches, total) for code in statements]
    return tuple(sorted(found, key=lambda item: (-item.weight, -item.share, item.statement)))


def _statement(code: str, matches: Sequence[Match], total: float) -> SharedStatement:
    with_it = [match for match in matches if code in match.case.codes]
    score = sum(max(match.score, 0.0) for match in with_it)
    return SharedStatement(code, len(with_it), len(with_it) / len(matches), score / total if total else 0.0)
