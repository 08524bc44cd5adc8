"""An open index is a snapshot: it follows the disk between questions, and no question sees two states."""

import gc
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from threading import Event, Thread

import numpy as np
import pytest

from ecgclip.errors import IndexStoreError
from ecgclip.retrieval.store import bundle as bundle_module
from ecgclip.retrieval.store.bundle import Bundle, open_bundle
from ecgclip.retrieval.store.writer import update_bundle

WRITER = """
import sys
from pathlib import Path
from ecgclip.retrieval.store.bundle import open_bundle
sys.path.insert(0, sys.argv[2])
from conftest import some_cases, unit
bundle = open_bundle(sys.argv[1])
for turn in range(int(sys.argv[3])):
    bundle.add(some_cases(5, "turn"), unit(5, turn))
    bundle.remove([f"turn/{i:05d}" for i in range(5)])
"""


def writer(path: Path, turns: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-B", "-c", WRITER, path, str(Path(__file__).parents[1]), str(turns)]
    return subprocess.Popen([str(word) for word in command], stderr=subprocess.PIPE)


def test_another_process_that_commits_fails_no_reader(made, tmp_path):
    made.bundle(tmp_path / "ix").close()
    opened, sizes = 0, set()
    with writer(tmp_path / "ix", 100) as process:
        while process.poll() is None or opened < 1000:
            bundle = open_bundle(tmp_path / "ix")
            found = bundle.snapshot()
            assert len(found) == len(list(found.cases)) == len(found.vectors) == found.manifest.count
            sizes.add(len(found))
            opened += 1
            bundle.close()
        assert process.stderr is not None
        assert process.stderr.read() == b""
    assert process.returncode == 0
    assert sizes == {20, 25}


def numbers_open() -> int:
    return len(os.listdir("/dev/fd"))


def test_threads_ask_while_others_add_and_remove(made, tmp_path):
    bundle = made.bundle(tmp_path / "ix")
    before, stop, wrong = numbers_open(), Event(), []
    queries = made.unit(30, 1)

    def ask() -> None:
        while not stop.is_set():
            try:
                found = bundle.snapshot()
                hits = found.search(queries[:4], 30)
                for query, line in zip(queries, hits, strict=False):
                    rows = [hit.row for hit in line]
                    truth = np.argsort(-(found.vectors @ query), kind="stable")
                    names = [case.case_id for case in found.cases.at(rows)]
                    if rows != truth.tolist() or names != [hit.case_id for hit in line]:
                        wrong.append((rows, names))
                bundle.search(queries[0], 5, "age > 45")
                bundle.traces([3])
            except Exception as error:
                wrong.append(error)

    threads = [Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for turn in range(25):
        bundle.add(made.cases(5, "turn"), made.unit(5, 100 + turn), None, made.traces(5))
        assert bundle.remove([f"turn/{i:05d}" for i in range(5)]) == 5
    stop.set()
    for thread in threads:
        thread.join()
    assert wrong == []
    gc.collect()
    assert numbers_open() <= before + 1  # nothing of fifty generations stays open


def test_closing_ends_no_question_and_is_told_to_the_next(made, tmp_path):
    bundle = made.bundle(tmp_path / "ix")
    asked = bundle.snapshot()
    cases = iter(bundle.cases)
    next(cases)
    bundle.close()
    bundle.close()
    assert len(list(cases)) == 19
    assert asked.search(made.unit(20, 1)[3], 1)[0][0].case_id == "made/00003"
    for use in (lambda: len(bundle), lambda: bundle.search(made.unit(1), 1), lambda: bundle.remove(["x"])):
        with pytest.raises(IndexStoreError, match=r"was closed; open it again with open_index$"):
            use()


def test_the_files_are_closed_with_the_last_user(made, tmp_path):
    made.bundle(tmp_path / "ix").close()
    before = numbers_open()
    bundle = open_bundle(tmp_path / "ix")
    asked = bundle.snapshot()
    asked.search(made.unit(1), 1)
    bundle.close()
    assert numbers_open() > before
    del asked
    assert numbers_open() == before


def test_nothing_is_read_again_while_nothing_changes(made, tmp_path, monkeypatch):
    bundle = made.bundle(tmp_path / "ix")
    monkeypatch.setattr(bundle_module, "_open_snapshot", lambda path: pytest.fail("opened again"))
    assert bundle.snapshot() is bundle.snapshot()


def test_an_index_of_another_model_in_its_place_is_told(made, tmp_path):
    bundle = made.bundle(tmp_path / "ix")
    (tmp_path / "ix").rename(tmp_path / "aside")
    made.bundle(tmp_path / "ix", 5, replace(made.spec, model_hash="model-two")).close()
    for _ in range(2):
        with pytest.raises(IndexStoreError, match="was replaced by one of another model"):
            bundle.search(made.unit(1), 1)
    with pytest.raises(IndexStoreError, match="was replaced"):
        bundle.add(made.cases(1), made.unit(1))


def test_an_index_that_is_gone_is_told(made, tmp_path):
    bundle = made.bundle(tmp_path / "ix")
    (tmp_path / "ix").rename(tmp_path / "aside")
    with pytest.raises(IndexStoreError, match="does not exist; build it"):
        bundle.search(made.unit(1), 1)
    (tmp_path / "aside").rename(tmp_path / "ix")
    assert len(bundle.search(made.unit(1), 1)[0]) == 1


def test_an_index_that_moves_away_with_the_working_folder_is_followed(made, tmp_path, monkeypatch):
    made.bundle(tmp_path / "ix").close()
    monkeypatch.chdir(tmp_path)
    bundle = Bundle(Path("ix"))
    monkeypatch.chdir("/")
    with update_bundle(tmp_path / "ix", made.spec) as update:
        update.add(made.cases(2, "more"), made.unit(2))
    assert len(bundle) == 22


def test_cases_of_another_index_are_never_answered_from(made, tmp_path):
    made.bundle(tmp_path / "ix").close()
    made.bundle(tmp_path / "other").close()
    content = (tmp_path / "other" / "cases.sqlite").read_bytes()
    assert len(content) == (tmp_path / "ix" / "cases.sqlite").stat().st_size
    (tmp_path / "ix" / "cases.sqlite").write_bytes(content)
    with pytest.raises(IndexStoreError, match="is of another generation than the manifest; build"):
        open_bundle(tmp_path / "ix")


@pytest.mark.parametrize("name", ["vectors.npy", "report_vectors.npy", "sketches.npy", "cases.sqlite"])
def test_a_file_cut_off_under_a_reader_is_an_error_in_one_line(made, tmp_path, name):
    """A map of it would end the process."""
    bundle = made.bundle(tmp_path / "ix", 3000)
    with (tmp_path / "ix" / name).open("r+b") as file:
        file.truncate(5000)
    asks = {
        "vectors.npy": lambda: bundle.search(made.unit(1), 3),
        "report_vectors.npy": lambda: bundle.search(made.unit(1), 3, side=bundle_module.Side.REPORT),
        "sketches.npy": lambda: bundle.snapshot().search_traces(made.traces(1)[0], made.unit(1)[0], 3),
        "cases.sqlite": lambda: list(bundle.cases),
    }
    with pytest.raises(IndexStoreError) as raised:
        asks[name]()
    assert "\n" not in str(raised.value)
    assert "build the index anew" in str(raised.value)


def test_what_was_read_stays_though_the_files_are_cut_off(made, tmp_path):
    bundle = made.bundle(tmp_path / "ix", 300)
    vectors = bundle.vectors
    for path in (tmp_path / "ix").glob("*.npy"):
        path.write_bytes(b"")
    np.testing.assert_array_equal(vectors, made.unit(300, 1))
    assert not vectors.flags.writeable


def test_tables_of_another_index_are_never_answered_from(made, tmp_path):
    made.bundle(tmp_path / "ix").close()
    with update_bundle(tmp_path / "other", made.spec) as update:
        update.add(made.cases(20), made.unit(20, 77), made.unit(20, 78), made.traces(20, 79))
    for name in ("vectors.npy", "report_vectors.npy", "sketches.npy"):
        (tmp_path / "ix" / name).write_bytes((tmp_path / "other" / name).read_bytes())
    bundle = open_bundle(tmp_path / "ix")
    for ask in (
        lambda: bundle.search(made.unit(1), 3),
        lambda: bundle.search(made.unit(1), 3, side=bundle_module.Side.REPORT),
        lambda: bundle.snapshot().search_traces(made.traces(1)[0], made.unit(1)[0], 3),
        lambda: bundle.add(made.cases(1, "x"), made.unit(1)),
    ):
        with pytest.raises(IndexStoreError, match=r"npy differs from its checksum; build the index anew"):
            ask()
