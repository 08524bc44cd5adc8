"""What the matches have in common: a summary of prior cases, never a diagnosis."""

from collections.abc import Sequence

from ecgclip.engine.answer import Match, SharedStatement


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
