"""Matches, consensus and input as text for people."""

from collections.abc import Sequence

from ecgclip.cli.output import table
from ecgclip.engine.answer import NOTICE, Answer, Input, Match
from ecgclip.files import one_line

_CODES = 5
"""Statements of a case that its line names."""
_CONSENSUS = 6
"""Statements that the summary names."""


def answer_text(answer: Answer) -> str:
    """The whole answer: how the input was read, the cases, and what they have in common."""
    total_ms = sum(answer.timings_ms.values())
    blocks = [
        input_text(answer.input),
        matches_text(answer.matches),
        _consensus_text(answer),
        f"{total_ms:.0f} ms",
    ]
    return "\n\n".join(block for block in blocks if block)


def input_text(given: Input) -> str:
    facts = [given.kind, given.layout, f"confidence {given.confidence:.2f}"]
    if given.px_per_mm is not None:
        facts += [f"turned {given.rotation_deg:.1f}°", f"{given.px_per_mm:.1f} px/mm"]
    lines = [f"{one_line(given.path or 'input')}: {', '.join(facts)}"]
    return "\n".join(lines + [f"  note: {one_line(warning)}" for warning in given.warnings])


def matches_text(matches: Sequence[Match]) -> str:
    if not matches:
        return "no case fits"
    return table(
        ("#", "score", "case", "age", "sex", "statements", "report"), [_row(match) for match in matches]
    )


def _row(match: Match) -> tuple[object, ...]:
    case = match.case
    age = "" if case.age is None else f"{case.age:.0f}"
    codes = list(case.codes)
    shown = " ".join(codes[:_CODES]) + (" …" if len(codes) > _CODES else "")
    return match.rank, f"{match.score:.3f}", case.case_id, age, case.sex or "", shown, case.report


def _consensus_text(answer: Answer) -> str:
    if not answer.consensus:
        return ""
    of = len(answer.matches)
    parts = [f"{item.statement} {item.cases}/{of}" for item in answer.consensus[:_CONSENSUS]]
    return f"In these cases: {', '.join(parts)}\n{NOTICE}"
