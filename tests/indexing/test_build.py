"""Building: complete, idempotent, resumable, and honest about what was left out."""

import os
import shutil
import signal
import struct
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import wfdb

from ecgclip.errors import IndexStoreError, RecordError
from ecgclip.indexing import build as indexing
from ecgclip.indexing.build import build_index
from ecgclip.paper.coverage import READ_S
from ecgclip.paper.page import CanonicalPage
from ecgclip.paper.raster import ink_page
from ecgclip.paper.traces import record_traces
from ecgclip.records.ecg import Ecg, content_hash
from ecgclip.records.reading import open_source
from ecgclip.records.source import Skipped
from ecgclip.retrieval.store.bundle import open_bundle
from ecgclip.units import LEADS


@dataclass
class ProjectingModel:
    """A fixed random projection of the ink, and of the letters of the reports."""

    dim: int = 24
    hash: str = "projection"
    pages: int = 0
    fail_after: int = 10**9

    def embed_pages(self, pages: Sequence[np.ndarray]) -> np.ndarray:
        if self.pages >= self.fail_after:
            raise KeyboardInterrupt
        self.pages += len(pages)
        flat = (
            np.stack([page.ink for page in pages])
            .reshape(len(pages), 32, 8, 64, 8)
            .mean(axis=(2, 4))
            .reshape(len(pages), -1)
        )
        weights = np.random.default_rng(0).normal(size=(flat.shape[1], self.dim)).astype(np.float32)
        return unit(flat.astype(np.float32) @ weights)

    def embed_reports(self, reports: Sequence[str]) -> np.ndarray:
        letters = np.array([[text.count(chr(97 + i)) + 0.1 for i in range(self.dim)] for text in reports])
        return unit(letters)


def unit(vectors: np.ndarray) -> np.ndarray:
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


@dataclass(frozen=True)
class MadeSource:
    """Records of noise; some are broken, some changed since."""

    count: int
    name: str = "made"
    broken: frozenset[str] = frozenset()
    changed: dict[str, str] = field(default_factory=dict)

    @property
    def ids(self) -> Sequence[str]:
        return [f"{i:05d}" for i in range(self.count)]

    def read(self, record_id: str) -> Ecg:
        if record_id in self.broken:
            raise RecordError(f"{record_id}: the signal file ends early")
        signal = np.random.default_rng(int(record_id)).normal(size=(12, 1000)).astype(np.float32)
        report = self.changed.get(record_id, f"report {int(record_id) % 7}")
        return Ecg(signal, 100.0, record_id, self.name, report, {"SR": 100.0}, 50.0, "male", "p1", 3, "a.hea")


@pytest.fixture(autouse=True)
def small_batches(monkeypatch):
    monkeypatch.setattr(indexing, "BATCH", 16)


def counts(report) -> tuple[int, int, int, int, int]:
    return report.cases, report.added, report.updated, report.unchanged, len(report.skipped)


def test_every_record_is_found_by_its_own_page_and_report(tmp_path):
    source, model = MadeSource(20), ProjectingModel()
    report = build_index(source, tmp_path / "ix", model)
    assert counts(report) == (20, 20, 0, 0, 0)
    bundle = open_bundle(tmp_path / "ix", model_hash="projection")
    records = [source.read(name) for name in source.ids]
    vectors = model.embed_pages([CanonicalPage.of_record(ecg) for ecg in records])
    hits = bundle.search(vectors, 1)
    assert [line[0].case_id for line in hits] == [ecg.case_id for ecg in records]
    np.testing.assert_array_equal(bundle.report_vectors, model.embed_reports([ecg.report for ecg in records]))
    np.testing.assert_allclose(bundle.traces([19])[0], record_traces(records[19]), atol=2e-3)
    case = bundle.case("made/00013")
    assert (case.report, case.codes, case.age, case.sex) == ("report 6", {"SR": 100.0}, 50.0, "male")
    assert (case.patient_id, case.source, case.fold, case.path) == (
        "p1",
        "made",
        3,
        str(Path("a.hea").absolute()),
    )
    assert bundle.verify() == []


def test_a_second_run_changes_nothing_and_embeds_nothing(tmp_path):
    build_index(MadeSource(20), tmp_path / "ix", ProjectingModel())
    before = {file.name: file.read_bytes() for file in (tmp_path / "ix").iterdir()}
    model = ProjectingModel()
    assert counts(build_index(MadeSource(20), tmp_path / "ix", model)) == (20, 0, 0, 20, 0)
    assert model.pages == 0
    assert {file.name: file.read_bytes() for file in (tmp_path / "ix").iterdir()} == before


def test_changed_records_are_updated_new_ones_added_others_kept(tmp_path):
    build_index(MadeSource(10), tmp_path / "ix", ProjectingModel())
    build_index(MadeSource(4, "second"), tmp_path / "ix", ProjectingModel())
    model = ProjectingModel()
    source = MadeSource(12, changed={"00003": "new words"}, broken=frozenset({"00005", "00011"}))
    report = build_index(source, tmp_path / "ix", model)
    assert counts(report) == (15, 1, 1, 8, 2)
    assert report.skipped[0] == Skipped("00005", "00005: the signal file ends early")
    assert model.pages == 2
    bundle = open_bundle(tmp_path / "ix")
    assert len(bundle) == 15
    assert bundle.case("made/00003").report == "new words"
    assert bundle.case("made/00005").report == "report 5"


def test_the_report_is_json_as_documented(tmp_path):
    report = build_index(MadeSource(3, broken=frozenset({"00001"})), tmp_path / "ix", ProjectingModel())
    found = report.to_json()
    assert found.pop("seconds") > 0
    assert found == {
        "index": str(tmp_path / "ix"),
        "cases": 2,
        "added": 2,
        "updated": 0,
        "unchanged": 0,
        "skipped": [{"record": "00001", "reason": "00001: the signal file ends early"}],
    }


def test_a_stopped_build_goes_on_where_it_was(tmp_path):
    build_index(MadeSource(10), tmp_path / "ix", ProjectingModel())
    with pytest.raises(KeyboardInterrupt):
        build_index(MadeSource(50), tmp_path / "ix", ProjectingModel(fail_after=20))
    assert len(open_bundle(tmp_path / "ix")) == 10
    model = ProjectingModel()
    report = build_index(MadeSource(50), tmp_path / "ix", model)
    assert counts(report) == (50, 40, 0, 10, 0)
    assert model.pages == 50 - 2 * indexing.BATCH
    once = tmp_path / "once"
    build_index(MadeSource(50), once, ProjectingModel())
    np.testing.assert_allclose(open_bundle(tmp_path / "ix").vectors, open_bundle(once).vectors, atol=1e-5)
    assert list(open_bundle(tmp_path / "ix").cases) == list(open_bundle(once).cases)


def test_workers_build_the_same_index(tmp_path):
    source = MadeSource(40, broken=frozenset({"00020"}))
    told: list[int] = []
    alone = build_index(source, tmp_path / "one", ProjectingModel())
    shared = build_index(source, tmp_path / "two", ProjectingModel(), workers=2, on_progress=told.append)
    assert counts(alone) == counts(shared) == (39, 39, 0, 0, 1)
    assert told == [16, 16, 8]
    one, two = open_bundle(tmp_path / "one"), open_bundle(tmp_path / "two")
    np.testing.assert_array_equal(one.vectors, two.vectors)
    np.testing.assert_array_equal(one.traces(range(39)), two.traces(range(39)))
    assert list(one.cases) == list(two.cases)


DAMAGE = {
    "00001": RecursionError("maximum recursion depth exceeded"),
    "00003": MemoryError(),
    "00005": struct.error("unpack requires 4 bytes"),
    "00006": AssertionError("two\nlines"),
    "00008": KeyError("sig\udcff"),
    "00009": ZeroDivisionError("division by zero"),
    "00010": RuntimeError("Format not recognised."),
    "00012": OSError(5, "Input/output error"),
}


@dataclass(frozen=True)
class UnforeseenSource(MadeSource):
    """Some records make the library that reads them raise what nobody expects."""

    def read(self, record_id: str) -> Ecg:
        if record_id in DAMAGE:
            raise DAMAGE[record_id]
        return super().read(record_id)


@pytest.mark.parametrize("workers", [1, 2])
def test_whatever_a_library_raises_ends_no_build(tmp_path, workers):
    report = build_index(UnforeseenSource(20), tmp_path / "ix", ProjectingModel(), workers=workers)
    assert counts(report) == (12, 12, 0, 0, 8)
    assert [skipped.record for skipped in report.skipped] == list(DAMAGE)
    for skipped, error in zip(report.skipped, DAMAGE.values(), strict=True):
        assert type(error).__name__ in skipped.reason
        assert skipped.reason.isprintable()  # one line, and no half letter that a screen refuses


def test_an_interrupt_ends_the_build(tmp_path):
    class Interrupted(MadeSource):
        def read(self, record_id: str) -> Ecg:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build_index(Interrupted(3), tmp_path / "ix", ProjectingModel())


class TellsOfSignals(MadeSource):
    """Its reports say whether the process that reads was started deaf to Ctrl-C."""

    def read(self, record_id: str) -> Ecg:
        deaf = signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, [])
        return replace(super().read(record_id), report=f"deaf: {deaf}")


def test_no_worker_hears_an_interrupt_while_it_starts(tmp_path):
    build_index(TellsOfSignals(40), tmp_path / "ix", ProjectingModel(), workers=2)
    bundle = open_bundle(tmp_path / "ix")
    assert {bundle.case(f"made/{number:05d}").report for number in range(40)} == {"deaf: True"}
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, [])


def wfdb_folder(folder: Path, seed: int) -> Path:
    """Two records, `a` and `b`, other ones for every seed."""
    folder.mkdir(parents=True)
    rng = np.random.default_rng(seed)
    for name in ("a", "b"):
        signal = rng.normal(size=(1000, 12))
        wfdb.wrsamp(name, 100, ["mV"] * 12, list(LEADS), signal, fmt=["16"] * 12, write_dir=str(folder))
    return folder


def test_a_folder_of_the_same_name_replaces_no_case(tmp_path, monkeypatch):
    first, second = wfdb_folder(tmp_path / "one/data", 1), wfdb_folder(tmp_path / "two/data", 2)
    monkeypatch.chdir(first.parent)
    build_index(open_source("data"), tmp_path / "ix", ProjectingModel())
    before = {file.name: file.read_bytes() for file in (tmp_path / "ix").iterdir()}
    monkeypatch.chdir(second.parent)
    report = build_index(open_source("data"), tmp_path / "ix", ProjectingModel())
    assert counts(report) == (2, 0, 0, 0, 2)
    assert f"data/a is in the index already, read from {first / 'a'}" in report.skipped[0].reason
    assert {file.name: file.read_bytes() for file in (tmp_path / "ix").iterdir()} == before


def test_a_folder_by_another_name_of_its_path_is_the_same(tmp_path):
    folder = wfdb_folder(tmp_path / "one/data", 1)
    (tmp_path / "two").symlink_to(tmp_path / "one")
    build_index(open_source(folder), tmp_path / "ix", ProjectingModel())
    shutil.rmtree(folder)
    wfdb_folder(folder, 2)
    report = build_index(open_source(tmp_path / "two/data"), tmp_path / "ix", ProjectingModel())
    assert counts(report) == (2, 0, 2, 0, 0)


def test_of_a_long_record_the_beginning_counts(tmp_path):
    """However it was opened, and an index that has it calls it unchanged."""
    signal = np.random.default_rng(0).normal(size=(6000, 12))
    wfdb.wrsamp("a", 100, ["mV"] * 12, list(LEADS), signal, fmt=["16"] * 12, write_dir=str(tmp_path))
    whole, first = open_source(tmp_path), open_source(tmp_path, seconds=READ_S)
    assert (whole.read("a").duration_s, first.read("a").duration_s) == (60.0, READ_S)
    build_index(whole, tmp_path / "ix", ProjectingModel())
    assert counts(build_index(first, tmp_path / "ix", ProjectingModel())) == (1, 0, 0, 1, 0)
    page = ink_page(whole.read("a"))
    np.testing.assert_array_equal(ink_page(first.read("a")), page)
    np.testing.assert_array_equal(record_traces(first.read("a")), record_traces(whole.read("a")))


@pytest.mark.parametrize("workers", [1, 2])
def test_hostile_files_end_no_build(tmp_path, workers):
    folder = wfdb_folder(tmp_path / "data", 1)
    os.mkfifo(folder / "pipe.hea")
    (folder / "self.hea").write_text("self/1 12 100 1000\nself 1000\n")
    (folder / "flac.hea").write_text("flac 1 100 1000\nflac.dat 516 200 16 0 0 0 0 II\n")
    (folder / "flac.dat").write_bytes(b"fLaC" + b"\xff" * 100)
    report = build_index(open_source(folder), tmp_path / "ix", ProjectingModel(), workers=workers)
    assert counts(report) == (2, 2, 0, 0, 3)
    assert [skipped.record for skipped in report.skipped] == ["flac", "pipe", "self"]


def csv_table(path: Path, record: Path, report: str = "r") -> Path:
    """A table of one record, number 1."""
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"id,path,report\n1,{os.path.relpath(record, path.parent)},{report}\n")
    return path


@pytest.mark.parametrize(
    "cells",
    [
        f"{chr(0x1F600) * 999_990},NORM",
        f"r,{';'.join(f'{number:x}' for number in range(100_000))}",
        f"r,{'c' * 5_000_000}",
        "r,a\0b",
    ],
)
def test_a_row_larger_than_an_index_takes_is_skipped(tmp_path, cells):
    """The other rows are in the index afterwards."""
    wfdb_folder(tmp_path / "records", 0)
    row = "records/a"
    (tmp_path / "t.csv").write_text(f"id,path,report,codes\ngood,{row},r,NORM\nbad,{row},{cells}\n")
    report = build_index(open_source(tmp_path / "t.csv"), tmp_path / "ix", ProjectingModel())
    assert counts(report) == (1, 1, 0, 0, 1)
    assert "expected" in report.skipped[0].reason


def test_the_largest_record_is_taken_by_an_index(tmp_path):
    class Largest(MadeSource):
        def read(self, record_id: str) -> Ecg:
            codes = {f"{number:04d}" + chr(0x1F600) * 100: 100.0 for number in range(1000)}
            return replace(super().read(record_id), codes=codes, report=chr(0x1F600) * 450_000)

    report = build_index(Largest(1), tmp_path / "ix", ProjectingModel())
    assert counts(report) == (1, 1, 0, 0, 0)


def test_a_link_to_itself_beside_a_record_ends_no_build(tmp_path):
    """The path of a case is the record's name without suffix, and that may be a loop."""
    first, second = wfdb_folder(tmp_path / "one/data", 1), wfdb_folder(tmp_path / "two/data", 2)
    build_index(open_source(first), tmp_path / "ix", ProjectingModel())
    (first / "a").symlink_to("a")
    report = build_index(open_source(second), tmp_path / "ix", ProjectingModel())
    assert counts(report) == (2, 0, 0, 0, 2)


def test_a_table_of_the_same_name_replaces_no_case(tmp_path):
    first, second = wfdb_folder(tmp_path / "one/w", 1), wfdb_folder(tmp_path / "two/w", 2)
    ours = csv_table(first.parent / "cases.csv", first / "a")
    theirs = csv_table(second.parent / "cases.csv", second / "a")
    build_index(open_source(ours), tmp_path / "ix", ProjectingModel())
    report = build_index(open_source(theirs), tmp_path / "ix", ProjectingModel())
    assert counts(report) == (1, 0, 0, 0, 1)
    assert f"cases/1 is in the index already, read from {first / 'a'}" in report.skipped[0].reason
    # the same table may name another record of its folder, or of the folder that its records lie in
    csv_table(ours, first / "b")
    assert counts(build_index(open_source(ours), tmp_path / "ix", ProjectingModel())) == (1, 0, 1, 0, 0)
    beside = csv_table(tmp_path / "tables/cases.csv", first / "a")
    assert counts(build_index(open_source(beside), tmp_path / "ix", ProjectingModel())) == (1, 0, 1, 0, 0)


def test_a_table_of_samples_replaces_no_case_of_another(tmp_path):
    tables = []
    for seed, place in enumerate(("one", "two")):
        (tmp_path / place).mkdir()
        tables.append(tmp_path / place / "cases.parquet")
        signal = np.random.default_rng(seed).normal(size=(12, 1000)).astype(np.float32)
        pq.write_table(pa.table({"id": [1], "signal": [signal.tolist()], "rate_hz": [100.0]}), tables[-1])
    build_index(open_source(tables[0]), tmp_path / "ix", ProjectingModel())
    report = build_index(open_source(tables[1]), tmp_path / "ix", ProjectingModel())
    assert counts(report) == (1, 0, 0, 0, 1)
    assert f"read from {tables[0]}" in report.skipped[0].reason


def test_a_name_that_is_no_utf8_is_skipped_with_a_line(tmp_path):
    folder = wfdb_folder(tmp_path / "data", 1)
    for end in (".hea", ".dat"):
        os.rename(folder / f"b{end}", os.fsencode(folder) + b"/pr\xfcf" + end.encode())
    header = Path(os.fsdecode(os.fsencode(folder) + b"/pr\xfcf.hea"))
    header.write_text(header.read_text().replace("b.dat", "a.dat"))
    report = build_index(open_source(folder), tmp_path / "ix", ProjectingModel())
    assert counts(report) == (1, 1, 0, 0, 1)
    reason = "the name data/pr?f is not written in UTF-8; rename file or folder"
    assert report.skipped[0] == Skipped("pr?f", reason)
    above = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xfc"))
    above.mkdir()
    shutil.copytree(folder, above / "other")
    build_index(open_source(above / "other"), tmp_path / "ix", ProjectingModel())
    assert open_bundle(tmp_path / "ix").case("other/a").path == str(tmp_path / "?" / "other" / "a")


def test_a_folder_that_moved_and_changed_is_updated(tmp_path):
    first, second = wfdb_folder(tmp_path / "one/data", 1), wfdb_folder(tmp_path / "two/data", 2)
    build_index(open_source(first), tmp_path / "ix", ProjectingModel())
    shutil.rmtree(first)
    assert counts(build_index(open_source(second), tmp_path / "ix", ProjectingModel())) == (2, 0, 2, 0, 0)
    assert open_bundle(tmp_path / "ix").case("data/a").path == str(second / "a")


ORPHANED = """
import os, signal
from loky import ProcessPoolExecutor
from ecgclip.indexing.workers import start_worker
pool = ProcessPoolExecutor(1, initializer=start_worker, initargs=(None, os.getpid()))
pool.submit(os.getpid).result()
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_killed_build_leaves_no_worker_behind():
    # the workers hold this pipe: its end is the end of the last of them
    done = subprocess.run([sys.executable, "-c", ORPHANED], stdout=subprocess.PIPE, timeout=60)
    assert done.returncode == -9


def test_no_usable_record_makes_no_index(tmp_path):
    source = MadeSource(2, broken=frozenset({"00000", "00001"}))
    with pytest.raises(RecordError, match="none of the 2 records of made could be used; the first, 00000"):
        build_index(source, tmp_path / "ix", ProjectingModel())
    with pytest.raises(RecordError, match="has no records"):
        build_index(MadeSource(0), tmp_path / "ix", ProjectingModel())
    assert list(tmp_path.iterdir()) == []


def test_another_model_is_refused_and_the_index_stays(tmp_path):
    build_index(MadeSource(3), tmp_path / "ix", ProjectingModel())
    with pytest.raises(IndexStoreError, match="built with the model projection, this is other"):
        build_index(MadeSource(5), tmp_path / "ix", ProjectingModel(hash="other"))
    assert len(open_bundle(tmp_path / "ix")) == 3


def test_a_report_of_blanks_has_no_vector(tmp_path):
    source = MadeSource(3, changed={"00001": "  "})
    build_index(source, tmp_path / "ix", ProjectingModel())
    norms = np.linalg.norm(open_bundle(tmp_path / "ix").report_vectors, axis=1)
    np.testing.assert_allclose(norms, [1, 0, 1], atol=1e-6)


def test_a_record_that_leaves_the_page_blank_is_skipped(tmp_path):
    @dataclass(frozen=True)
    class Blank(MadeSource):
        def read(self, record_id: str) -> Ecg:
            ecg = super().read(record_id)
            return (
                replace(ecg, signal_mv=np.full_like(ecg.signal_mv, np.nan)) if record_id == "00001" else ecg
            )

    report = build_index(Blank(3), tmp_path / "ix", ProjectingModel())
    assert counts(report) == (2, 2, 0, 0, 1)
    assert "canonical page" in report.skipped[0].reason


@pytest.mark.parametrize(
    "change",
    [
        {"signal_mv": np.ones((12, 5), np.float32)},
        {"rate_hz": 50.0},
        {"report": "b"},
        {"codes": {"SR": 50.0}},
        {"age": None},
        {"sex": "male"},
        {"patient_id": "2"},
        {"fold": 2},
    ],
)
def test_the_content_hash_sees_every_change_but_the_path(change):
    ecg = Ecg(np.zeros((12, 5), np.float32), 100.0, "n", "s", "a", {"SR": 100.0}, 50.0, "female", "1", 1, "p")
    assert content_hash(replace(ecg, path="elsewhere")) == content_hash(ecg)
    assert content_hash(replace(ecg, **change)) != content_hash(ecg)


FROM_STDIN = """
import sys
from ecgclip import build_index
from tests.indexing.test_build import ProjectingModel
print(build_index("synthetic:70", sys.argv[1], ProjectingModel(), workers=2).cases)
"""


def test_a_script_from_standard_input_without_a_main_guard_has_workers(tmp_path):
    program = [sys.executable, "-", str(tmp_path / "ix")]
    done = subprocess.run(program, input=FROM_STDIN, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, "70"), done.stderr
