"""A query finds what it should: itself first, all the conditions kept, the same by every road."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ecgclip.engine.model import Model
from ecgclip.engine.query import Engine, open_index
from ecgclip.engine.query_input import read_query
from ecgclip.engine.question import embed_question
from ecgclip.errors import ConfigError, FilterError, ImageError, IndexStoreError, RecordError
from ecgclip.paper.traces import record_traces
from ecgclip.records.ecg import Ecg
from ecgclip.retrieval.rerank import fuse, rerank
from ecgclip.retrieval.search import CANDIDATES, find_candidates


def test_a_record_of_the_index_finds_itself(engine: Engine, records: Sequence[Ecg]) -> None:
    for record in records[:5]:
        answer = engine.query(record, k=3)
        assert answer.accepted
        assert answer.input.kind == "record"
        assert [match.rank for match in answer.matches] == [1, 2, 3]
        best = answer.matches[0]
        assert (best.case_id, best.report, best.case.patient_id) == (
            record.case_id,
            record.report,
            record.patient_id,
        )
        assert best.case.codes == record.codes
        assert best.score == pytest.approx(1, abs=0.01)


def test_the_order_is_that_of_brute_force(engine: Engine, model: Model, records: Sequence[Ecg]) -> None:
    assert len(records) < CANDIDATES
    asked = records[7]
    gallery = np.stack([record_traces(record) for record in records])
    cosines = (model.embed_records(records) @ model.embed_records([asked])[0]).astype(np.float32)
    expected = fuse(cosines, rerank(record_traces(asked), gallery))
    answer = engine.query(asked, k=len(records))
    scores = {match.case_id: match.score for match in answer.matches}
    for record, score in zip(records, expected, strict=True):
        # The index keeps traces as float16.
        assert scores[record.case_id] == pytest.approx(float(score), abs=5e-3)
    assert [match.score for match in answer.matches] == sorted(scores.values(), reverse=True)


def test_the_very_record_is_compared_though_others_are_nearer(
    engine: Engine, model: Model, records: Sequence[Ecg], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ecgclip.retrieval.search.CANDIDATES", 1)
    asked, other = records[3], records[11]
    monkeypatch.setattr(engine, "_embed", lambda asked, text: model.embed_records([other]))
    found = [match.case_id for match in engine.query(asked, k=1).matches]
    candidates = find_candidates(
        engine.index.snapshot(), model.embed_records([other]), read_query(asked).page.traces_mv, 1
    )
    assert [hit.case_id for hit in candidates] == [other.case_id, asked.case_id]
    assert candidates[1].score == pytest.approx(
        float(model.embed_records([asked, other]).prod(0).sum()), abs=1e-3
    )
    assert found == [asked.case_id]


def test_where_is_kept(engine: Engine, records: Sequence[Ecg]) -> None:
    answer = engine.query(records[0], k=50, where='sex = "female" and age > 50')
    expected = {record.case_id for record in records if record.sex == "female" and (record.age or 0) > 50}
    assert expected
    assert {match.case_id for match in answer.matches} == expected


def test_where_that_nothing_meets_gives_nothing(engine: Engine, records: Sequence[Ecg]) -> None:
    answer = engine.query(records[0], where="age > 150")
    assert answer.accepted
    assert answer.matches == ()
    assert answer.consensus == ()


def test_timings_are_all_named(engine: Engine, records: Sequence[Ecg]) -> None:
    timings = engine.query(records[0]).timings_ms
    assert list(timings) == ["load", "rectify", "embed", "search", "rerank"]
    assert all(value >= 0 for value in timings.values())


def test_words_pull_the_answer_towards_them(engine: Engine, model: Model, records: Sequence[Ecg]) -> None:
    asked = records[0]
    vector, words = model.embed_records([asked])[0], model.embed_reports(["some words"])[0]
    towards = (vector + words) / np.linalg.norm(vector + words)
    cosines = model.embed_records(records) @ towards
    gallery = np.stack([record_traces(record) for record in records])
    expected = fuse(cosines.astype(np.float32), rerank(record_traces(asked), gallery))
    answer = engine.query(asked, k=len(records), text="some words")
    found = {match.case_id: match.score for match in answer.matches}
    np.testing.assert_allclose([found[record.case_id] for record in records], expected, atol=5e-3)


def test_search_finds_the_case_of_a_report(engine: Engine, records: Sequence[Ecg]) -> None:
    for record in records[:5]:
        assert engine.search(record.report, k=1)[0].report == record.report


def test_a_blank_photo_is_refused_with_a_reason(engine: Engine) -> None:
    answer = engine.query(np.full((800, 1000, 3), 255, np.uint8))
    assert not answer.accepted
    assert answer.input.reason
    assert (answer.matches, answer.consensus) == ((), ())


def test_a_clean_print_finds_its_record(engine: Engine, records: Sequence[Ecg], tmp_path: Path) -> None:
    from ecgclip.paper.render import render

    for record in records[:3]:
        path = render(record).save(tmp_path / "page.png")
        answer = engine.query(path, k=1)
        assert answer.accepted, answer.input.reason
        assert answer.input.path == str(path)
        assert answer.matches[0].case_id == record.case_id


@pytest.mark.parametrize("k", [0, -1])
def test_k_below_one_is_refused(k: int, engine: Engine, records: Sequence[Ecg]) -> None:
    with pytest.raises(ConfigError, match=f"k is {k}; expected 1 or more"):
        engine.query(records[0], k=k)
    with pytest.raises(ConfigError, match=f"k is {k}"):
        engine.search("words", k=k)


def test_what_cannot_be_understood_is_named(engine: Engine, records: Sequence[Ecg], tmp_path: Path) -> None:
    with pytest.raises(FilterError, match="age"):
        engine.query(records[0], where="agee > 3")
    with pytest.raises(ImageError):
        engine.query(tmp_path / "absent.png")
    with pytest.raises(RecordError):
        engine.query(tmp_path / "absent.hea")
    with pytest.raises(ConfigError, match="expected English or German words"):
        engine.search("  ")


def test_another_models_index_is_refused(index_path: Path, other_model: Model) -> None:
    with pytest.raises(IndexStoreError, match="built with the model"):
        Engine(other_model, open_index(index_path))
    with pytest.raises(IndexStoreError, match="built with the model"):
        open_index(index_path, other_model)


def test_a_record_that_the_page_does_not_show_is_no_question(engine: Engine, records: Sequence[Ecg]) -> None:
    late = np.concatenate([np.full_like(records[0].signal_mv, np.nan), records[0].signal_mv], axis=1)
    with pytest.raises(RecordError, match=f"{records[0].case_id}: 0 s of it fall on the canonical page"):
        engine.query(replace(records[0], signal_mv=late))
    long = engine.query(replace(records[0], signal_mv=late[:, ::-1].copy()))
    assert long.input.warnings == ("only the first 10 s of 20 s are compared",)


def test_a_record_with_unrecorded_leads_is_answered(engine: Engine, records: Sequence[Ecg]) -> None:
    signal = records[0].signal_mv.copy()
    signal[6:] = np.nan
    answer = engine.query(replace(records[0], signal_mv=signal), k=24)
    assert all(np.isfinite(match.score) for match in answer.matches)


def test_one_question_in_two_languages_finds_the_same(engine: Engine, model: Model) -> None:
    said = [embed_question(model, text) for text in ("vorhofflimmern", "AF", "atrial fibrilation")]
    both = model.embed_reports(["atrial fibrillation", "vorhofflimmern"]).mean(axis=0)
    np.testing.assert_allclose(said, np.tile(both / np.linalg.norm(both), (3, 1)), atol=1e-6)
    assert engine.search("Vorhofflimmern", k=5) == engine.search("atrial fibrillation", k=5)


def test_words_are_compared_with_page_and_report(
    engine: Engine, model: Model, records: Sequence[Ecg]
) -> None:
    words = embed_question(model, "vorhofflimmern")
    reports = model.embed_reports([record.report for record in records])
    expected = (model.embed_records(records) @ words + reports @ words) / 2
    found = {match.case_id: match.score for match in engine.search("vorhofflimmern", k=len(records))}
    np.testing.assert_allclose([found[record.case_id] for record in records], expected, atol=1e-5)
    assert list(found.values()) == sorted(found.values(), reverse=True)


def test_what_is_loaded_and_read_ahead_gives_the_same_answer(engine: Engine, records: Sequence[Ecg]) -> None:
    engine.warm_up()
    ahead = engine.answer(read_query(records[3]), k=5)
    assert ahead.matches == engine.query(records[3], k=5).matches


def test_a_bad_file_is_told(engine: Engine, tmp_path: Path) -> None:
    with pytest.raises(ImageError):
        engine.query(tmp_path / "absent.png")


def test_a_filter_is_looked_up_once(
    engine: Engine, records: Sequence[Ecg], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    look_up = engine.index.cases.allowed
    monkeypatch.setattr(engine.index.cases, "allowed", lambda *given: asked.append(given) or look_up(*given))
    women = 'sex = "female"'
    assert {match.case.sex for match in engine.query(records[3], k=5, where=women).matches} == {"female"}
    assert {match.case.sex for match in engine.search("vorhofflimmern", k=5, where=women)} == {"female"}
    assert len(asked) == 2
