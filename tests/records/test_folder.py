"""Folders of WFDB records."""

import errno
import os
import pickle
from pathlib import Path

import numpy as np
import pytest

from ecgclip.errors import RecordError
from ecgclip.records.reading import open_source, read_records
from ecgclip.records.source import Skipped

from .conftest import WriteRecord, beats

COMMENTS = ["Age: 71", "Sex: Female", "Dx: 426177001", "Report: sinus bradycardia"]


@pytest.fixture
def folder(tmp_path: Path, write_record: WriteRecord) -> Path:
    write_record("cohort/g2/JS2", comments=COMMENTS)
    write_record("cohort/g1/JS1", 2 * beats(1000, 100.0))
    write_record("cohort/E3")
    return tmp_path / "cohort"


def test_names_are_paths_below_the_folder(folder: Path) -> None:
    source = open_source(folder)
    assert (source.name, tuple(source.ids)) == ("cohort", ("E3", "g1/JS1", "g2/JS2"))
    ecg = source.read("g2/JS2")
    assert (ecg.case_id, ecg.age, ecg.sex, ecg.report) == (
        "cohort/g2/JS2",
        71.0,
        "female",
        "sinus bradycardia",
    )
    assert ecg.codes == {"sinus bradycardia": 100.0}
    assert [e.case_id for e in read_records(folder)] == ["cohort/E3", "cohort/g1/JS1", "cohort/g2/JS2"]


def test_a_folder_in_the_layout_of_ptbxl_can_be_read_as_plain_records(folder: Path) -> None:
    (folder / "ptbxl_database.csv").write_text("ecg_id\n1\n")
    assert tuple(open_source(folder, "wfdb").ids) == ("E3", "g1/JS1", "g2/JS2")


def test_a_rate_holds_for_all(folder: Path) -> None:
    assert {ecg.rate_hz for ecg in read_records(folder, rate_hz=250)} == {250.0}


@pytest.mark.parametrize("suffix", ["", ".hea", ".dat"])
def test_one_record_is_a_source_of_one(folder: Path, suffix: str) -> None:
    source = open_source(f"{folder}/g1/JS1{suffix}")
    assert (source.name, tuple(source.ids)) == ("g1", ("JS1",))
    np.testing.assert_allclose(source.read("JS1").signal_mv, 2 * beats(1000, 100.0), atol=1e-6)


def test_the_current_folder_has_its_name(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    assert open_source(".").name == "cohort"


def test_broken_records_are_skipped_with_their_reason(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    (folder / "g1/JS1.dat").write_bytes(b"xx")
    skipped: list[Skipped] = []
    assert [ecg.name for ecg in read_records(folder, on_skip=skipped.append)] == ["E3", "g2/JS2"]
    assert [skip.record for skip in skipped] == ["cohort/g1/JS1"]
    assert "JS1.dat has 2 bytes" in skipped[0].reason
    assert len(list(read_records(folder))) == 2
    assert "skipped cohort/g1/JS1" in caplog.text


def test_a_file_that_cannot_be_read_is_skipped(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = open_source(folder)

    def refuse(path: object, *args: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(RecordError, match=r"E3.hea cannot be read \(Permission denied\); check the files"):
        source.read(source.ids[0])


def test_a_folder_that_cannot_be_listed_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    listed = os.scandir

    def refuse(path: object) -> object:
        if Path(str(path)).name == "g1":
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return listed(path)  # type: ignore[call-overload]

    monkeypatch.setattr(os, "scandir", refuse)
    skipped: list[Skipped] = []
    assert [ecg.name for ecg in read_records(folder, on_skip=skipped.append)] == ["E3", "g2/JS2"]
    assert [skip.record for skip in skipped] == ["cohort/g1/"]
    assert "the folder cannot be listed (Permission denied)" in skipped[0].reason


def test_companions_of_macos_are_no_records(folder: Path) -> None:
    for name in ("E3", "g1/JS1"):
        companion = (folder / name).with_name(f"._{Path(name).name}.hea")
        companion.write_bytes(b"\0\5\26\7\0\2\0\0Mac OS X" + bytes(100))
    assert open_source(folder).ids == ("E3", "g1/JS1", "g2/JS2")


def test_segments_are_no_records_of_their_own(tmp_path: Path, write_record: WriteRecord) -> None:
    for name in ("m_0001", "m_0002", "b", "b_0001"):
        write_record(f"s/{name}")
    (tmp_path / "s/m.hea").write_text("# made\nm/2 12 100 2000\nm_0001 1000\nm_0002 1000\n")
    source = open_source(tmp_path / "s")
    assert source.ids == ("b", "b_0001", "m")
    assert source.read("m").signal_mv.shape == (12, 2000)


def test_a_source_travels_to_worker_processes(folder: Path) -> None:
    source = open_source(folder)
    assert pickle.loads(pickle.dumps(source)) == source  # noqa: S301


def test_a_missing_folder_an_empty_one_and_an_unknown_record(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(RecordError, match="nowhere: no such file or folder"):
        open_source(tmp_path / "nowhere")
    with pytest.raises(RecordError, match="no such file or folder"):
        read_records(tmp_path / "nowhere")  # at once, not at the first record
    (tmp_path / "empty/below").mkdir(parents=True)
    with pytest.raises(RecordError, match="empty: no record in this folder or below"):
        open_source(tmp_path / "empty")
    with pytest.raises(RecordError, match="no record 'g1/JS2'; did you mean 'g"):
        open_source(folder).read("g1/JS2")
