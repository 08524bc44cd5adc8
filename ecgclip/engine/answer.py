"""`Answer`: what a query gives back, and the JSON that callers rely on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ecgclip.retrieval.case import Case, json_number

NOTICE = "A summary of similar prior cases for a trained reader; not a diagnosis."


@dataclass(frozen=True)
class Input:
    """The image or record of a query, and how it was read.

    Attributes:
        path: The file; None for an image in memory.
        kind: `photo`, `render`, `pdf` or `record`.
        accepted: False when the image is no readable ECG.
        reason: Why the image was refused; empty when it was accepted.
        confidence: 0 to 1, that this is a readable ECG and that it was read right; 1 for a record.
        rotation_deg: Clockwise turn that was undone.
        px_per_mm: Scale found in the image; None for a record or a refused image.
        corners: x and y of the page's corners in pixels of the image, top left first, clockwise; empty for a
            record or a refused image.
        layout: Such as `3x4+1R(II)`, or `unknown`.
        warnings: What somebody who relies on the reading should know, one sentence each.
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
        rank: Position among the matches, from 1 on, best first.
        score: Similarity, 1 for the same page.
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
    """A statement that some of the matches carry.

    Attributes:
        statement: An SCP statement, or a SNOMED name.
        cases: Number of matches that carry it.
        share: The same as a share of all matches, 0 to 1.
        weight: Sum of the scores of these matches over the sum of all scores, 0 to 1; scores below 0 count as
            0.
    """

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
    """The result of a query.

    Attributes:
        input: The image or record, and how it was read: `accepted`, `reason`, `layout`, `confidence`, …
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
    """Statements of the matches by falling weight, then share, then name: a summary, never a diagnosis."""
    total = sum(max(match.score, 0.0) for match in matches)
    statements = {code for match in matches for code in match.case.codes}
    found = [_statement(code, matches, total) for code in statements]
    return tuple(sorted(found, key=lambda item: (-item.weight, -item.share, item.statement)))


def _statement(code: str, matches: Sequence[Match], total: float) -> SharedStatement:
    with_it = [match for match in matches if code in match.case.codes]
    score = sum(max(match.score, 0.0) for match in with_it)
    return SharedStatement(code, len(with_it), len(with_it) / len(matches), score / total if total else 0.0)
