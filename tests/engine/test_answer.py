"""The JSON of an answer is the documented one, whatever the numbers are."""

import json
import math

from ecgclip.engine.answer import Answer, Input, Match, SharedStatement, consensus
from ecgclip.retrieval.case import Case

INPUT_KEYS = {
    "path",
    "kind",
    "accepted",
    "reason",
    "confidence",
    "rotation_deg",
    "px_per_mm",
    "corners",
    "layout",
    "warnings",
}
MATCH_KEYS = {
    "rank",
    "case_id",
    "score",
    "report",
    "codes",
    "age",
    "sex",
    "patient_id",
    "source",
    "url_or_path",
}


def match(rank: int, score: float, *codes: str) -> Match:
    return Match(rank, score, Case(f"s/{rank}", codes=dict.fromkeys(codes, 100.0)))


def test_json_has_the_documented_names() -> None:
    answer = Answer(Input("p.jpg", "photo", True), (match(1, 0.91, "NORM"),), (), {"load": 1.234567})
    document = answer.to_json()
    assert set(document) == {"input", "matches", "consensus", "notice", "timings_ms"}
    assert document["timings_ms"] == {"load": 1.23}
    assert set(answer.input.to_json()) == INPUT_KEYS
    assert set(answer.matches[0].to_json()) == MATCH_KEYS
    assert answer.matches[0].to_json()["codes"] == {"NORM": 100}


def test_numbers_that_json_cannot_say_become_null() -> None:
    given = Input(None, "photo", False, "no grid", math.nan, math.inf, math.nan, ((math.nan, 2.0),))
    text = json.dumps(Answer(given).to_json(), allow_nan=False)
    document = json.loads(text)["input"]
    assert document["confidence"] is None
    assert document["corners"] == [[None, 2]]


def test_consensus_by_hand() -> None:
    found = consensus(
        [match(1, 0.8, "AFIB", "LVH"), match(2, 0.6, "AFIB"), match(3, 0.6, "NORM"), match(4, -0.5)]
    )
    assert found == (
        SharedStatement("AFIB", 2, 0.5, 1.4 / 2.0),
        SharedStatement("LVH", 1, 0.25, 0.8 / 2.0),
        SharedStatement("NORM", 1, 0.25, 0.6 / 2.0),
    )


def test_consensus_of_nothing_and_of_scores_below_zero() -> None:
    assert consensus([]) == ()
    assert consensus([match(1, -0.2, "NORM")]) == (SharedStatement("NORM", 1, 1.0, 0.0),)
