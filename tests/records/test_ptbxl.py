"""PTB-XL's official layout, made small: every field against what was written."""

import csv
import pickle
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest

from ecgclip.errors import RecordError
from ecgclip.records.ptbxl import open_ptbxl
from ecgclip.records.reading import open_source, read_records
from ecgclip.records.source import Skipped

from .conftest import WriteRecord, beats

LINE = {
    "ecg_id": "7",
    "patient_id": "15709.0",
    "age": "56.0",
    "sex": "1",
    "report": "sinusrhythmus normales ekg",
    "scp_codes": "{'NORM': 100.0, 'SR': 0.0}",
    "strat_fold": "3",
    "filename_lr": "records100/00000/00007_lr",
    "filename_hr": "records500/00000/00007_hr",
}


def write_table(folder: Path, *lines: Mapping[str, str]) -> None:
    folder.mkdir(exist_ok=True)
    with (folder / "ptbxl_database.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, list(lines[0]))
        writer.writeheader()
        writer.writerows(lines)


@pytest.fixture
def folder(tmp_path: Path, write_record: WriteRecord) -> Path:
    """One record at both rates, with different amplitudes so that the file that was read is known."""
    write_table(tmp_path / "p", LINE)
    write_record("p/records100/00000/00007_lr", beats(1000, 100.0), rate_hz=100.0)
    write_record("p/records500/00000/00007_hr", 2 * beats(5000, 500.0), rate_hz=500.0)
    return tmp_path / "p"


def test_the_best_rate_and_every_field(folder: Path) -> None:
    source = open_ptbxl(folder)
    assert (source.name, source.ids) == ("ptbxl", ("00007",))
    ecg = source.read("00007")
    np.testing.assert_allclose(ecg.signal_mv, 2 * beats(5000, 500.0), atol=1e-6)
    assert (ecg.case_id, ecg.rate_hz) == ("ptbxl/00007", 500.0)
    assert ecg.report == "sinusrhythmus normales ekg"
    assert ecg.codes == {"NORM": 100.0, "SR": 0.0}
    assert (ecg.age, ecg.sex, ecg.patient_id, ecg.fold) == (56.0, "female", "15709", 3)
    assert ecg.path == str(folder / "records500/00000/00007_hr")
    assert ecg.warnings == ()


def test_a_rate_that_a_file_has_is_read_from_that_file(folder: Path) -> None:
    ecg = open_ptbxl(folder, rate_hz=100).read("00007")
    np.testing.assert_allclose(ecg.signal_mv, beats(1000, 100.0), atol=1e-6)
    assert (ecg.rate_hz, ecg.warnings) == (100.0, ())


def test_another_rate_is_resampled_from_the_better_file(folder: Path) -> None:
    ecg = open_ptbxl(folder, rate_hz=250).read("00007")
    assert (ecg.rate_hz, ecg.signal_mv.shape) == (250.0, (12, 2500))
    np.testing.assert_allclose(ecg.signal_mv, 2 * beats(2500, 250.0), atol=0.01)
    assert ecg.warnings == ("resampled from 500 Hz to 250 Hz",)


@pytest.mark.parametrize("lost", [".hea", ".dat"])
def test_where_500_hz_is_missing_100_hz_is_read_aloud(folder: Path, lost: str) -> None:
    (folder / f"records500/00000/00007_hr{lost}").unlink()
    ecg = open_ptbxl(folder).read("00007")
    assert ecg.rate_hz == 100.0
    assert ecg.warnings == ("read from records100: records500 lacks this record",)


def test_a_record_without_files_is_skipped_and_the_others_are_read(folder: Path) -> None:
    write_table(folder, {**LINE, "ecg_id": "21000", "filename_lr": "", "filename_hr": ""}, LINE)
    skipped: list[Skipped] = []
    assert [ecg.name for ecg in read_records(folder, on_skip=skipped.append)] == ["00007"]
    assert [skip.record for skip in skipped] == ["ptbxl/21000"]
    assert "neither records500/21000/21000_hr nor records100/21000/21000_lr" in skipped[0].reason


def test_paths_outside_the_folder_are_told_as_they_stand(folder: Path) -> None:
    lost = {**LINE, "ecg_id": "8", "filename_hr": "/data/ptb/00008_hr", "filename_lr": "00008_lr"}
    write_table(folder, lost, LINE)
    source = open_ptbxl(folder)
    with pytest.raises(RecordError, match="neither /data/ptb/00008_hr nor 00008_lr is in"):
        source.read("00008")
    write_table(folder, {**LINE, "filename_hr": "gone"}, LINE | {"ecg_id": "9"})
    assert open_ptbxl(folder).read("00007").warnings[0].startswith("read from records100: ")


def test_only_the_column_ecg_id_is_needed(folder: Path) -> None:
    write_table(folder, {"ecg_id": "7.0"})
    ecg = open_ptbxl(folder).read("00007")
    assert ecg.rate_hz == 500.0
    assert (ecg.report, ecg.codes, ecg.age, ecg.sex, ecg.patient_id, ecg.fold) == (
        "",
        {},
        None,
        None,
        None,
        None,
    )
    assert ecg.warnings == ("the report is blank",)


@pytest.mark.parametrize(
    ("change", "read", "warning"),
    [
        ({"age": "300.0"}, {"age": 90.0}, "over 89"),
        ({"age": "-3"}, {"age": None}, "age '-3' was left out"),
        ({"age": "old"}, {"age": None}, "age 'old' was left out"),
        ({"age": ""}, {"age": None}, None),
        ({"sex": "0"}, {"sex": "male"}, None),
        ({"sex": "1.0"}, {"sex": "female"}, None),
        ({"sex": ""}, {"sex": None}, None),
        ({"report": "  "}, {"report": ""}, "the report is blank"),
        ({"scp_codes": "{'NORM': 100"}, {"codes": {}}, "cannot be read"),
        ({"scp_codes": "7"}, {"codes": {}}, "cannot be read"),
        ({"scp_codes": "{'NORM': 1e999}"}, {"codes": {}}, "cannot be read"),
        ({"scp_codes": f"{{'NORM': {10**400}}}"}, {"codes": {}}, "cannot be read"),
        ({"scp_codes": "{'NORM': " + "-" * 9_000 + "1}"}, {"codes": {}}, "cannot be read"),
        ({"strat_fold": "9" * 30}, {"fold": None}, None),
        ({"scp_codes": "{'XYZ': 50.0}"}, {"codes": {"XYZ": 50.0}}, "'XYZ' is not in scp_statements.csv"),
        ({"strat_fold": "", "patient_id": ""}, {"fold": None, "patient_id": None}, None),
    ],
)
def test_odd_fields_are_reported_not_fatal(
    folder: Path, change: dict[str, str], read: dict[str, object], warning: str | None
) -> None:
    write_table(folder, LINE | change)
    (folder / "scp_statements.csv").write_text(",description\nNORM,normal ECG\nSR,sinus rhythm\n")
    ecg = open_ptbxl(folder).read("00007")
    assert {field: getattr(ecg, field) for field in read} == read
    assert len(ecg.warnings) == (warning is not None)
    assert (warning or "") in " ".join(ecg.warnings)


def test_letters_of_a_windows_code_page_are_read(folder: Path) -> None:
    table = folder / "ptbxl_database.csv"
    table.write_bytes(table.read_bytes().replace(b"normales", b"vorh\xf6fe"))
    assert open_ptbxl(folder).read("00007").report == "sinusrhythmus vorhöfe ekg"


def test_a_source_travels_to_worker_processes(folder: Path) -> None:
    copy = pickle.loads(pickle.dumps(open_ptbxl(folder, rate_hz=100)))  # noqa: S301
    np.testing.assert_array_equal(
        copy.read("00007").signal_mv, open_ptbxl(folder, 100).read("00007").signal_mv
    )


def test_the_table_itself_opens_its_folder(folder: Path) -> None:
    assert open_source(folder / "ptbxl_database.csv").ids == ("00007",)


def no_table(folder: Path) -> None:
    (folder / "ptbxl_database.csv").unlink()


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (no_table, "no ptbxl_database.csv in this folder"),
        (lambda f: (f / "ptbxl_database.csv").write_text(""), r"no column 'ecg_id' among \(none\)"),
        (
            lambda f: (f / "ptbxl_database.csv").write_text("ecgid,age\n1,2\n"),
            "among ecgid, age; did you mean 'ecgid'",
        ),
        (lambda f: (f / "ptbxl_database.csv").write_text("ecg_id\n"), "the table has no row"),
        (
            lambda f: (f / "ptbxl_database.csv").write_text("ecg_id\nx\n"),
            "ecg_id 'x' found; expected a whole",
        ),
        (lambda f: (f / "ptbxl_database.csv").write_text("age,ecg_id\n5\n"), "ecg_id '' found"),
        (
            lambda f: (f / "ptbxl_database.csv").write_text("\ufeffecg_id\n7\n7.0\n"),
            "ecg_id 00007 stands twice",
        ),
    ],
)
def test_folders_that_are_not_ptbxl(folder: Path, damage: Callable[[Path], None], message: str) -> None:
    damage(folder)
    with pytest.raises(RecordError, match=message):
        open_source(folder, "ptbxl")


def test_damaged_letters_in_the_statements_stop_nothing(folder: Path) -> None:
    (folder / "scp_statements.csv").write_bytes(b",description\nNORM,normal \xff\nSR,sinus\n")
    assert open_ptbxl(folder).statements == {"NORM", "SR"}


def test_an_unknown_id_names_the_nearest(folder: Path) -> None:
    with pytest.raises(RecordError, match="no ecg_id '0007'; did you mean '00007'"):
        open_ptbxl(folder).read("0007")


def test_a_damaged_record_names_its_file(folder: Path) -> None:
    (folder / "records500/00000/00007_hr.dat").write_bytes(b"")
    with pytest.raises(RecordError, match=r"records500/00000/00007_hr: .* 0 bytes"):
        open_ptbxl(folder).read("00007")
