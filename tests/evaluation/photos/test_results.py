"""What is noted is not made again, and holds for one state of the reader and the methods."""

import pytest

from ecgclip.engine.answer import Input
from ecgclip.engine.query_input import QueryInput
from ecgclip.evaluation.photos.outcome import Reading
from ecgclip.evaluation.photos.results import Results, digest
from ecgclip.paper.page import CanonicalPage

from .fakes import Fixed

READING = Reading(
    QueryInput(Input("a", "photo", True), CanonicalPage.blank(), None, {}),
    "",
    0.9,
    10.0,
)


class Counted:
    """Takes readings and counts them."""

    def __init__(self):
        self.taken = 0

    def __call__(self):
        self.taken += 1
        return READING


def run(folder, *, reader="r", engine="m", key="a"):
    """Ask for one reading and two rankings; how often each was made."""
    take = Counted()
    rankers = [Fixed("engine", lambda page: ("x/00001",)), Fixed("traces alone", lambda page: ("x/00002",))]
    with Results(folder, reader, {"engine": engine, "traces alone": "t"}).notes("S0") as notes:
        reading = notes.reading(key, take)
        found = [notes.ranking(key, ranker, reading.asked) for ranker in rankers]
    assert [ranking.case_ids for ranking in found] == [("x/00001",), ("x/00002",)]
    assert (found[0].rank("00001"), found[0].rank("00009")) == (1, None)
    return take.taken, *(ranker.asked for ranker in rankers)


def test_what_is_noted_is_not_made_again_but_what_is_new_is(tmp_path):
    # twice: the first of each kind is not timed
    assert run(tmp_path) == (2, 2, 2)
    assert run(tmp_path) == (0, 0, 0)
    assert run(tmp_path, engine="other model") == (0, 2, 0)
    assert run(tmp_path, key="b") == (2, 2, 2)
    assert run(tmp_path, reader="changed") == (2, 2, 2)
    assert run(tmp_path) == (0, 0, 0)


def test_only_the_first_of_each_kind_is_made_twice():
    take = Counted()
    results = Results(None, "r", {})
    for group in ("S0", "S1"):
        with results.notes(group) as notes:
            notes.reading("a", take)
    assert take.taken == 3


def test_without_a_folder_nothing_is_kept():
    assert run(None) == (2, 2, 2)


def test_digests_tell_parts_apart():
    assert digest("ab", "c") != digest("a", "bc")
    assert digest("ab") == digest(b"ab")
    assert len(digest("ab")) == 16


@pytest.mark.parametrize("ms", [0.1 + 0.2])
def test_times_come_back_exactly(tmp_path, ms):
    timed = Reading(None, "no grid", 0.0, ms)
    for _ in range(2):
        with Results(tmp_path, "r", {}).notes("S0") as notes:
            assert notes.reading("a", lambda: timed).read_ms == ms
