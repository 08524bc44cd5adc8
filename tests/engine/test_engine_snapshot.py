"""An engine that stays open follows its index, and answers each question from one state of it."""

import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from threading import Event, Thread

import numpy as np
import pytest

from ecgclip.engine.model import Model
from ecgclip.engine.query import Engine, open_index
from ecgclip.engine.query_input import read_query
from ecgclip.errors import ConfigError, IndexStoreError
from ecgclip.paper.traces import record_traces
from ecgclip.records.ecg import Ecg
from ecgclip.retrieval.case import Case
from ecgclip.retrieval.rerank import fuse
from ecgclip.retrieval.store.bundle import Bundle, open_bundle
from ecgclip.retrieval.store.partial import Spec
from ecgclip.retrieval.store.snapshot import Snapshot
from ecgclip.retrieval.store.writer import update_bundle
from ecgclip.typing import Float32s


@pytest.fixture
def own(index_path: Path, model: Model, tmp_path: Path) -> Engine:
    """An engine over a copy of the index, for this test to change."""
    return Engine(model, open_index(shutil.copytree(index_path, tmp_path / "index")))


def test_a_removed_case_is_never_answered_again(own: Engine, records: Sequence[Ecg]) -> None:
    gone = records[4]
    assert own.query(gone, k=1).matches[0].case_id == gone.case_id
    assert own.search(gone.report, k=24)
    open_bundle(own.index.path).remove([gone.case_id])
    assert gone.case_id not in {match.case_id for match in own.query(gone, k=24).matches}
    assert gone.case_id not in {match.case_id for match in own.search(gone.report, k=24)}


def test_a_question_under_way_ends_with_the_state_it_began_with(
    own: Engine, records: Sequence[Ecg], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between search and re-ranking the index loses its first cases: every row means another one then."""
    from ecgclip.retrieval import search

    expected = own.query(records[9], k=10).matches
    real = search.find_candidates

    def interrupted(*given: object) -> object:
        found = real(*given)  # type: ignore[arg-type]
        open_bundle(own.index.path).remove([record.case_id for record in records[:5]])
        return found

    with monkeypatch.context() as patch:
        patch.setattr(search, "find_candidates", interrupted)
        assert own.query(records[9], k=10).matches == expected
    assert len(own.query(records[9], k=30).matches) == len(records) - 5


def test_threads_ask_while_cases_come_and_go_and_the_index_closes(
    own: Engine, model: Model, records: Sequence[Ecg]
) -> None:
    inputs = [read_query(record) for record in records[:6]]
    coming = [replace_case(record, place) for place, record in enumerate(records[:5])]
    vectors, traces = model.embed_records(records[:5]), np.stack([record_traces(one) for one in records[:5]])
    truth = [own.answer(asked, 40).matches for asked in inputs]
    path = Path(own.index.path)
    with update_bundle(path, own_spec(path)) as update:
        update.add(coming, vectors, None, traces)
    truth += [own.answer(asked, 40).matches for asked in inputs]
    wrong: list[object] = []
    closed = Event()

    def ask(thread: int) -> None:
        turn = thread
        while True:
            turn += 1
            try:
                if own.answer(inputs[turn % 6], 40).matches not in truth:
                    wrong.append(turn)
            except IndexStoreError as error:
                if not closed.is_set() or "was closed" not in str(error):
                    wrong.append(error)
                return

    threads = [Thread(target=ask, args=(thread,)) for thread in range(4)]
    for thread in threads:
        thread.start()
    changer: Bundle = own.index
    for _ in range(10):
        changer.remove([case.case_id for case in coming])
        changer.add(coming, vectors, None, traces)
    closed.set()
    changer.close()
    for thread in threads:
        thread.join(60)
    assert wrong == []


def replace_case(record: Ecg, place: int) -> Case:
    return Case(f"coming/{place}", record.report, record.codes, 50.0, "male", f"c{place}", "coming", 1)


def test_an_index_of_another_model_in_its_place_is_told(
    own: Engine, other_model: Model, records: Sequence[Ecg], tmp_path: Path
) -> None:
    path = Path(own.index.path)
    path.rename(tmp_path / "aside")
    with update_bundle(path, replace(own_spec(tmp_path / "aside"), model_hash=other_model.hash)) as update:
        update.add([replace_case(records[0], 0)], np.eye(1, other_model.dim, dtype=np.float32))
    with pytest.raises(IndexStoreError, match="replaced by one of another model"):
        own.query(records[0])


def own_spec(path: Path) -> Spec:
    manifest = open_bundle(path).manifest
    return Spec(manifest.model_hash, manifest.dim, manifest.geometry)


def test_k_beyond_the_index_is_all_of_it_and_no_other_number_is_taken(
    own: Engine, records: Sequence[Ecg]
) -> None:
    assert len(own.query(records[0], k=10**12).matches) == len(records)
    assert len(own.search("vorhofflimmern", k=10**12)) == len(records)
    for k in (True, 2.5, "3"):
        with pytest.raises(ConfigError, match="expected a whole number of cases"):
            own.query(records[0], k=k)  # type: ignore[arg-type]
        with pytest.raises(ConfigError, match="expected a whole number of cases"):
            own.search("vorhofflimmern", k=k)  # type: ignore[arg-type]


def test_however_large_k_is_no_more_than_so_many_traces_are_compared(
    own: Engine, records: Sequence[Ecg], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The very record is among them even where its vector is the farthest."""
    read: list[int] = []
    traces = Snapshot.traces

    def counting(snapshot: Snapshot, rows: Sequence[int]) -> Float32s:
        read.append(len(rows))
        return traces(snapshot, rows)

    monkeypatch.setattr(Snapshot, "traces", counting)
    monkeypatch.setattr("ecgclip.retrieval.search.CANDIDATES", 2)
    monkeypatch.setattr("ecgclip.retrieval.search.COMPARED", 3)
    asked = records[2]
    monkeypatch.setattr(own, "_embed", lambda _, text: -own.model.embed_records([asked]))
    matches = own.query(asked, k=24).matches
    assert len(matches) == 24
    assert read == [5]
    best = next(match for match in matches if match.case_id == asked.case_id)
    assert best.score == pytest.approx(
        fuse(np.array([-1], np.float32), np.array([1], np.float32))[0], abs=0.02
    )
