"""The search of a page and of words against brute force over every case of an index."""

import numpy as np
import pytest

from ecgclip.retrieval import search as module
from ecgclip.retrieval.rerank import fuse, rerank
from ecgclip.retrieval.search import find_candidates, search, search_text


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory):
    from tests.retrieval.conftest import Made

    return Made.bundle(tmp_path_factory.mktemp("search") / "ix", 60).snapshot()


def expected(snapshot, vector, traces):
    """(score, row) of every case, best first."""
    scores = fuse((snapshot.vectors @ vector).astype(np.float32), rerank(traces, snapshot.traces(range(60))))
    order = np.argsort(-scores, kind="stable")
    return scores[order], order


@pytest.mark.parametrize("k", [1, 7, 60, 1000])
def test_a_page_finds_what_brute_force_finds(made, snapshot, k):
    vector, traces = made.unit(1, 5), made.traces(60)[11]
    scores, rows = expected(snapshot, vector[0], traces)
    hits = search(snapshot, vector, traces, k).hits
    assert [hit.row for hit in hits] == rows[:k].tolist()
    np.testing.assert_allclose([hit.score for hit in hits], scores[:k], atol=1e-6)
    assert hits[0].case_id == "made/00011"


def test_the_record_itself_is_a_candidate_though_all_others_are_nearer(made, snapshot, monkeypatch):
    monkeypatch.setattr(module, "CANDIDATES", 2)
    vector = -snapshot.vectors[11]
    found = find_candidates(snapshot, vector, made.traces(60)[11], 2)
    nearest = np.argsort(-(snapshot.vectors @ vector))
    assert [hit.row for hit in found[:2]] == nearest[:2].tolist()
    assert 11 in [hit.row for hit in found[2:]]
    assert nearest[-1] == 11


def test_candidates_that_are_not_compared_keep_their_order_behind(made, snapshot, monkeypatch):
    """Two vectors and two signatures are compared; all others count by their vectors alone."""
    monkeypatch.setattr(module, "CANDIDATES", 2)
    monkeypatch.setattr(module, "COMPARED", 2)
    vector, traces = made.unit(1, 5)[0], made.traces(60)[11]
    hits = search(snapshot, vector, traces, 60).hits
    assert sorted(hit.row for hit in hits) == list(range(60))
    compared = [hit.row for hit in find_candidates(snapshot, vector, traces, 60)[:4]]
    cosines = snapshot.vectors @ vector
    for hit in hits:
        if hit.row not in compared:
            assert hit.score == pytest.approx(cosines[hit.row] * 2 / 3, abs=1e-6)


def test_a_filter_is_kept_by_every_way_to_a_candidate(made, snapshot):
    hits = search(snapshot, made.unit(1, 5), made.traces(60)[11], 60, "fold = 3").hits
    assert sorted(hit.row for hit in hits) == [3, 13, 23, 33, 43, 53]
    assert search(snapshot, made.unit(1, 5), made.traces(60)[11], 60, "fold = 77").hits == ()
    assert search_text(snapshot, made.unit(1, 5)[0], 60, "fold = 77") == []


def test_words_are_compared_with_pages_and_reports(made, snapshot):
    vector = made.unit(1, 6)[0]
    scores = (snapshot.vectors @ vector + snapshot.report_vectors @ vector) / 2
    hits = search_text(snapshot, vector, 10)
    assert [hit.row for hit in hits] == np.argsort(-scores, kind="stable")[:10].tolist()
    np.testing.assert_allclose([hit.score for hit in hits], np.sort(scores)[::-1][:10], atol=1e-6)


def test_words_are_compared_with_the_page_alone_where_there_is_no_report(made, tmp_path):
    bundle = made.bundle(tmp_path / "ix", 5)
    bundle.add(made.cases(1, "mute"), made.unit(1, 50))
    hits = search_text(bundle.snapshot(), made.unit(1, 50)[0], 6)
    assert hits[0].case_id == "mute/00000"
    assert hits[0].score == pytest.approx(1, abs=1e-6)
