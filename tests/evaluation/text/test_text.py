"""Free-text search on cases whose right answers are known."""

import json
from dataclasses import replace

import numpy as np
import pytest

from ecgclip.engine.glossary import shipped_glossary
from ecgclip.errors import RecordError
from ecgclip.evaluation.retrieval.corpus import LabelledCase
from ecgclip.evaluation.statements import SHIPPED, read_statements
from ecgclip.evaluation.text.protocol import (
    WORDINGS,
    Gallery,
    carries,
    read_queries,
    run_text,
    same_cases,
    search,
    wording_scores,
)
from ecgclip.evaluation.text.results import ModelScores, TextResults
from tests.evaluation.classify.fakes import MadeUp

CODES = ("AFIB", "CLBBB", "WPW")


def space(codes):
    """Unit vectors: a direction for each code."""
    return np.eye(len(CODES), dtype=np.float32)[[CODES.index(code) for code in codes]]


@pytest.fixture
def gallery():
    """30 prior cases of AFIB, 10 of CLBBB, none of WPW; one each held out; reports and pages show it."""
    codes = ["AFIB"] * 30 + ["CLBBB"] * 10 + list(CODES)
    cases = [LabelledCase(f"x/{i}", f"{i}", 1, "", frozenset({code})) for i, code in enumerate(codes)]
    held_out = np.arange(len(codes)) >= 40
    return Gallery(space(codes), space(codes), carries(cases, CODES), held_out)


def test_precision_is_of_as_many_as_there_are(gallery):
    found = search(space(CODES), gallery)
    assert found.precision[:2].tolist() == [1, 1]
    assert np.isnan(found.precision[2])
    assert found.ndcg.tolist() == found.ndcg_pages.tolist() == [1, 1, 1]
    assert set(found.rows[1][:10]) == set(range(30, 40))


def test_wrong_words_find_the_wrong_cases(gallery):
    swapped = search(space(["CLBBB", "AFIB", "WPW"]), gallery)
    # the ten of CLBBB come first, then ten of AFIB: of the first 20, ten are right
    assert swapped.precision[:2].tolist() == [0.5, 0]
    assert swapped.ndcg[0] == pytest.approx(1 / np.log2(3))
    assert same_cases(swapped, swapped) == 1
    # AFIB and CLBBB have the first ten of AFIB in common, WPW has none of either
    assert same_cases(swapped, search(space(CODES), gallery)) == pytest.approx((0.5 + 0.5 + 1) / 3)


def test_wordings_are_compared_with_the_english_name(gallery):
    queries = [dict.fromkeys(WORDINGS, code) | {"code": code} for code in CODES]
    queries[0]["phrase"] = "CLBBB"
    scores, weakest = wording_scores(space, gallery, queries)
    by_wording = {one.wording: one for one in scores}
    assert by_wording["german"].precision_at_20 == 1
    assert by_wording["phrase"].precision_at_20 == 0.75
    assert by_wording["german"].same_as_english == 1
    assert by_wording["phrase"].same_as_english == pytest.approx((0.5 + 1 + 1) / 3)
    assert weakest == (("AFIB", 1.0), ("CLBBB", 1.0))
    results = TextResults("x", 43, (ModelScores("m", True, scores, weakest),))
    assert json.loads(json.dumps(results.to_json()))["models"][0]["wordings"][4]["precision_at_20"] == 0.75
    assert "m, with the glossary" in results.table()
    assert "phrase        0.750" in results.table()


def test_the_questions_are_of_known_statements_and_the_glossary_knows_their_names():
    queries = read_queries()
    assert len(queries) == 24
    assert {query["code"] for query in queries} <= set(read_statements(SHIPPED).superclass)
    assert all(query[wording] for query in queries for wording in WORDINGS)
    names = [shipped_glossary().readings(query["english"]) for query in queries]
    german = [shipped_glossary().readings(query["german"]) for query in queries]
    assert names == german


def test_a_source_is_searched_by_every_model(model, monkeypatch):
    monkeypatch.setattr("ecgclip.evaluation.text.protocol.load_model", lambda folder=None, threads=0: model)
    monkeypatch.setattr("ecgclip.evaluation.text.protocol.open_source", lambda data: MadeUp(30))
    results = run_text("made up", ["a", "b"])
    assert (results.source, results.cases) == ("made-up", 20)  # of the folds 8, 9 and 10 the first two
    assert [one.glossary for one in results.models] == [False, True] * 2
    assert results.models[0] == results.models[2]


@pytest.mark.parametrize(("fold", "words"), [(9, "20 held out and 0 prior"), (1, "0 held out and 20 prior")])
def test_a_source_of_one_side_alone_is_refused(model, monkeypatch, fold, words):
    class OneFold(MadeUp):
        def read(self, record_id):
            return replace(super().read(record_id), fold=fold)

    monkeypatch.setattr("ecgclip.evaluation.text.protocol.load_model", lambda folder=None, threads=0: model)
    monkeypatch.setattr("ecgclip.evaluation.text.protocol.open_source", lambda data: OneFold(20))
    with pytest.raises(RecordError, match=f"{words} cases were found; expected a folder"):
        run_text("made up")
