"""Tables of records: paths and samples, CSV and Parquet, against what was written."""

import json
import pickle
import re
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ecgclip.errors import RecordError
from ecgclip.records.people import read_age
from ecgclip.records.reading import open_source
from ecgclip.records.table import Columns, open_table
from ecgclip.units import LEADS

from .conftest import WriteRecord, beats

SIGNALS = [np.float32(scale) * beats(500, 100.0).astype(np.float32) for scale in (1, 2, 3, 4, 5)]


def write_parquet(path: Path, columns: dict[str, Any], group: int = 2) -> Path:
    pq.write_table(pa.table(columns), path, row_group_size=group)
    return path


def samples_table(path: Path, **more: Any) -> Path:
    return write_parquet(path, {"signal": [s.tolist() for s in SIGNALS], "rate_hz": [100.0] * 5, **more})


def test_paths_in_a_csv_with_what_the_table_knows(tmp_path: Path, write_record: WriteRecord) -> None:
    write_record("w/a", comments=["Age: 30", "Sex: M", "Report: from the header"])
    write_record("w/b", 2 * beats(1000, 100.0), comments=["Age: 30", "Report: from the header"])
    (tmp_path / "cases.csv").write_text(
        "path,report,age,sex,patient_id,fold,codes\n"
        "w/a.hea,sinus rhythm,61,F,17.0,4,\"{'NORM': 100.0, 'SR': 0}\"\n"
        "w/b,,,,,,AFIB;LVH\n"
    )
    source = open_source(tmp_path / "cases.csv")
    assert (source.name, tuple(source.ids)) == ("cases", ("w/a", "w/b"))
    a, b = (source.read(name) for name in source.ids)
    np.testing.assert_allclose(b.signal_mv, 2 * beats(1000, 100.0), atol=1e-6)
    assert (a.case_id, a.report, a.age, a.sex) == ("cases/w/a", "sinus rhythm", 61.0, "female")
    assert (a.patient_id, a.fold, a.codes) == ("17", 4, {"NORM": 100.0, "SR": 0.0})
    assert (b.report, b.age, b.sex, b.fold) == ("from the header", 30.0, None, None)
    assert b.codes == {"AFIB": 100.0, "LVH": 100.0}


def test_samples_in_parquet_in_any_order_of_reading(tmp_path: Path) -> None:
    source = open_table(samples_table(tmp_path / "t.parquet", id=[3, 1, 4, 15, 9], report=["r"] * 5))
    assert source.ids == ("3", "1", "4", "15", "9")
    for row in (4, 0, 2, 1, 3):
        ecg = source.read(source.ids[row])
        np.testing.assert_array_equal(ecg.signal_mv, SIGNALS[row])
        assert (ecg.rate_hz, ecg.report, ecg.name) == (100.0, "r", source.ids[row])


def test_a_rewritten_table_is_read_anew(tmp_path: Path) -> None:
    path = samples_table(tmp_path / "t.parquet")
    open_table(path).read("000001")
    write_parquet(path, {"signal": [SIGNALS[4].tolist()], "rate_hz": [100]})
    np.testing.assert_array_equal(open_table(path).read("000001").signal_mv, SIGNALS[4])


@pytest.mark.parametrize("transposed", [False, True])
def test_numpy_matrices_written_by_pandas_lie_either_way(tmp_path: Path, transposed: bool) -> None:
    matrix = list(SIGNALS[1].T if transposed else SIGNALS[1])
    path = write_parquet(tmp_path / "t.pq", {"signal": [matrix], "rate_hz": [100]})
    np.testing.assert_array_equal(open_table(path).read("000001").signal_mv, SIGNALS[1])


def test_lists_of_fixed_length(tmp_path: Path) -> None:
    kind = pa.list_(pa.list_(pa.float32(), 500), 12)
    column = pa.array([s.tolist() for s in SIGNALS], kind)
    path = write_parquet(tmp_path / "t.parquet", {"signal": column, "rate_hz": [100] * 5})
    np.testing.assert_array_equal(open_table(path).read("000004").signal_mv, SIGNALS[3])


def test_one_column_a_lead(tmp_path: Path) -> None:
    two = {lead: [SIGNALS[0][row].tolist(), SIGNALS[1][row].tolist()] for row, lead in enumerate(LEADS)}
    two |= {"V6": [None, SIGNALS[1][11].tolist()], "rate_hz": [100, 100], "id": ["x", "y"]}
    source = open_table(write_parquet(tmp_path / "t.parquet", two))
    np.testing.assert_array_equal(source.read("y").signal_mv, SIGNALS[1])
    assert source.read("x").leads == LEADS[:-1]


def test_samples_in_a_csv(tmp_path: Path) -> None:
    lines = ["id,rate_hz,signal,report"]
    lines += [f'{n},100,"{json.dumps(s.tolist())}",r{n}' for n, s in enumerate(SIGNALS)]
    (tmp_path / "t.csv").write_text("\n".join(lines))
    ecg = open_table(tmp_path / "t.csv").read("2")
    np.testing.assert_array_equal(ecg.signal_mv, SIGNALS[2])
    assert ecg.report == "r2"


def test_gaps_and_plain_numbers_in_a_csv(tmp_path: Path) -> None:
    two = " ".join(f"{v}" for v in SIGNALS[0][1])
    one = json.dumps([None, *SIGNALS[0][0, 1:].tolist()])
    (tmp_path / "t.csv").write_text(f'rate_hz,I,II\n100,"{one}",{two}\n')
    ecg = open_table(tmp_path / "t.csv").read("000001")
    np.testing.assert_array_equal(ecg.signal_mv[1], SIGNALS[0][1])
    assert np.isnan(ecg.signal_mv[0, 0])
    np.testing.assert_array_equal(ecg.signal_mv[0, 1:], SIGNALS[0][0, 1:])
    assert ecg.leads == LEADS[:6]


def test_a_table_as_a_german_spreadsheet_saves_it(tmp_path: Path) -> None:
    """Semicolons, decimal commas, letters of Windows; the samples are numbers with a comma, too."""
    one, two = (" ".join(f"{v:.3f}".replace(".", ",") for v in SIGNALS[0][row]) for row in (0, 1))
    text = f"id;rate_hz;age;sex;report;I;II\r\n7;100,0;61,5;männlich;Überleitung gestört;{one};{two}\r\n"
    (tmp_path / "t.csv").write_bytes(text.encode("cp1252"))
    ecg = open_source(tmp_path / "t.csv").read("7")
    np.testing.assert_array_equal(ecg.signal_mv[:2], SIGNALS[0][:2])
    assert (ecg.rate_hz, ecg.age, ecg.sex, ecg.report) == (100.0, 61.5, "male", "Überleitung gestört")


def test_other_column_names_and_a_rate(tmp_path: Path) -> None:
    table = {"ecg": [SIGNALS[0].tolist()], "hz": [100], "befund": ["sinusrhythmus"], "nr": [12]}
    columns = Columns(signal="ecg", rate="hz", report="befund", id="nr")
    ecg = open_table(write_parquet(tmp_path / "t.parquet", table), columns, rate_hz=250).read("12")
    assert (ecg.rate_hz, ecg.report, ecg.signal_mv.shape) == (250.0, "sinusrhythmus", (12, 1250))


def test_a_map_of_parquet_is_one_of_likelihoods(tmp_path: Path) -> None:
    codes = pa.array([[("NORM", 100.0), ("AFIB", 50.0)]], pa.map_(pa.string(), pa.float64()))
    path = write_parquet(
        tmp_path / "t.parquet", {"signal": [SIGNALS[0].tolist()], "rate_hz": [100.0], "codes": codes}
    )
    assert open_table(path).read("000001").codes == {"NORM": 100.0, "AFIB": 50.0}


def test_a_damaged_row_group_costs_its_own_records(tmp_path: Path) -> None:
    path = samples_table(tmp_path / "t.parquet", id=[1, 2, 3, 4, 5])
    with pq.ParquetFile(path) as file:
        start = file.metadata.row_group(0).column(0).data_page_offset
    damaged = bytearray(path.read_bytes())
    damaged[start : start + 40] = b"\xff" * 40
    path.write_bytes(damaged)
    source = open_table(path)
    with pytest.raises(RecordError, match=r"t\.parquet, record 1: its samples cannot be read"):
        source.read("1")
    assert source.read("5").signal_mv.shape == (12, 500)


@pytest.mark.parametrize(
    ("cell", "codes"),
    [
        ('{"NORM": 80}', {"NORM": 80.0}),
        ('["NORM", "SR"]', {"NORM": 100.0, "SR": 100.0}),
        ("NORM|SR", {"NORM": 100.0, "SR": 100.0}),
        (["NORM"], {"NORM": 100.0}),
        ({"NORM": 80.0, "SR": None}, {"NORM": 80.0}),
        ('{"Wellens\' syndrome": 100}', {"Wellens' syndrome": 100.0}),
        ("['NORM', 'SR']", {"NORM": 100.0, "SR": 100.0}),
        ([426783006], {"426783006": 100.0}),
        (None, {}),
    ],
)
def test_codes_in_the_forms_that_tables_have(tmp_path: Path, cell: Any, codes: dict[str, float]) -> None:
    path = write_parquet(
        tmp_path / "t.parquet", {"signal": [SIGNALS[0].tolist()], "rate_hz": [100], "codes": [cell]}
    )
    assert open_table(path).read("000001").codes == codes


def test_a_source_travels_to_worker_processes(tmp_path: Path) -> None:
    source = open_table(samples_table(tmp_path / "t.parquet"))
    copy = pickle.loads(pickle.dumps(source))  # noqa: S301
    np.testing.assert_array_equal(copy.read("000005").signal_mv, SIGNALS[4])


@pytest.mark.parametrize(
    ("text", "columns", "message"),
    [
        ("file,report\na,b\n", Columns(), r"no column 'path' \(or 'signal' .*\); found file, report"),
        ("paths,report\na,b\n", Columns(), "did you mean 'paths'"),
        (
            "path,reports\na,b\n",
            Columns(report="reprt"),
            "no column 'reprt'; found path, reports; did you mean 'reports'",
        ),
        ("signal,rate\n[1],b\n", Columns(), "no column 'rate_hz'; found signal, rate"),
        ("path\n", Columns(), "the table has no row"),
        ("", Columns(), r"found \(none\)"),
        ("path\na\na.hea\n", Columns(), "row 2 repeats the record 'a'"),
    ],
)
def test_tables_that_cannot_be_opened(tmp_path: Path, text: str, columns: Columns, message: str) -> None:
    (tmp_path / "t.csv").write_text(text)
    with pytest.raises(RecordError, match=message):
        open_table(tmp_path / "t.csv", columns)


def test_files_that_are_no_tables(tmp_path: Path) -> None:
    with pytest.raises(RecordError, match=r"nowhere\.csv: no such file"):
        open_source(tmp_path / "nowhere.csv")
    (tmp_path / "t.parquet").write_bytes(b"\x01\x02 damaged")
    with pytest.raises(RecordError, match="not a Parquet table"):
        open_source(tmp_path / "t.parquet")
    (tmp_path / "t.csv").write_bytes(b"\x89PNG\r\n\x1a\n")
    with pytest.raises(RecordError, match=r"this is a picture; expected a table \(.csv, .xlsx or .parquet\)"):
        open_source(tmp_path / "t.csv")


@pytest.mark.parametrize("name", ["t.parquet", "t.xlsx", "t.txt"])
def test_a_table_is_what_its_content_says(tmp_path: Path, write_record: WriteRecord, name: str) -> None:
    write_record("a")
    (tmp_path / name).write_text("path\na\n")
    assert open_source(tmp_path / name, "table").ids == ("a",)


@pytest.mark.parametrize(
    ("row", "remark"),
    [
        ({"codes": "{'NORM'"}, "codes .* cannot be read"),
        ({"codes": '{"NORM": "high"}'}, "codes .* cannot be read"),
        ({"codes": '{"NORM": NaN}'}, "codes .* cannot be read"),
        ({"codes": '{"NORM": [1]}'}, "codes .* cannot be read"),
        ({"codes": '[{"NORM": 100}]'}, "codes .* cannot be read"),
        ({"codes": "[" * 100_000}, "codes .* cannot be read"),
        ({"fold": "1e20"}, "fold '1e20' was left out; expected a whole number"),
        ({"fold": "1.5"}, "fold '1.5' was left out"),
        ({"fold": "train"}, "fold 'train' was left out"),
    ],
)
def test_an_odd_fold_or_code_costs_no_record(tmp_path: Path, row: dict[str, Any], remark: str) -> None:
    good: dict[str, Any] = {"signal": SIGNALS[0].tolist(), "rate_hz": "100", "report": "sinus rhythm"}
    path = write_parquet(tmp_path / "t.parquet", {key: [value] for key, value in (good | row).items()})
    ecg = open_table(path).read("000001")
    assert (ecg.report, ecg.codes, ecg.fold) == ("sinus rhythm", {}, None)
    assert [bool(re.match(remark, warning)) for warning in ecg.warnings] == [True]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"signal": SIGNALS[0][:11].tolist()}, r"samples of shape \(11, 500\); expected \[12, sample\]"),
        ({"signal": SIGNALS[0][0].tolist()}, r"samples of shape \(500,\)"),
        ({"signal": [[1.0, 2.0]] * 11 + [[1.0]]}, "no matrix of numbers"),
        ({"signal": (SIGNALS[0] * np.nan).tolist()}, "every lead is NaN"),
        ({"signal": (SIGNALS[0] * 1000).tolist()}, "absurd gain"),
        ({"signal": "text"}, "holds string; expected lists of numbers"),
        ({"signal": None}, r"samples of shape \(0,\)"),
        ({"rate_hz": None}, "column 'rate_hz' is empty"),
        ({"rate_hz": "fast"}, "column 'rate_hz' holds 'fast'; expected a number"),
        ({"rate_hz": "-5"}, "sampling rate of -5.0 Hz"),
        ({"rate_hz": "inf"}, "column 'rate_hz' holds 'inf'; expected a number"),
        ({"rate_hz": "1.000"}, "column 'rate_hz' holds '1.000'; expected a number without separators"),
        ({"rate_hz": "1,000"}, "column 'rate_hz' holds '1,000'; expected a number without separators"),
        ({"rate_hz": "1_000"}, "column 'rate_hz' holds '1_000'; expected a number without separators"),
        ({"patient_id": "1,23457E+17"}, "holds '1,23457E.17', a number that a spreadsheet rounded; save the"),
        ({"patient_id": "#N/A"}, "column 'patient_id' holds #N/A, a formula that failed"),
        (
            {"report": "#BEZUG!"},
            "column 'report' holds #BEZUG!, a formula that failed; mend or empty the cell",
        ),
        ({"patient_id": 1.5e20}, "column 'patient_id' holds '1.5e.20', a number that a spreadsheet rounded"),
    ],
)
def test_one_bad_row_is_one_line(tmp_path: Path, row: dict[str, Any], message: str) -> None:
    good: dict[str, Any] = {"signal": SIGNALS[0].tolist(), "rate_hz": "100", "codes": ""}
    path = write_parquet(tmp_path / "t.parquet", {key: [value] for key, value in (good | row).items()})
    with pytest.raises(RecordError, match=message) as refusal:
        open_table(path).read("000001")
    assert str(refusal.value).startswith(f"{path}, record 000001: ")
    assert "\n" not in str(refusal.value)


def test_bad_cells_of_a_csv(tmp_path: Path, write_record: WriteRecord) -> None:
    write_record("a")
    (tmp_path / "t.csv").write_text("id,path\n1,a\n2,\n3,b\n")
    source = open_table(tmp_path / "t.csv")
    assert source.read("1").leads == LEADS
    with pytest.raises(RecordError, match="column 'path' is empty"):
        source.read("2")
    with pytest.raises(RecordError, match=r"b: no such file"):
        source.read("3")
    with pytest.raises(RecordError, match="no record '4'"):
        source.read("4")
    (tmp_path / "s.csv").write_text(f"rate_hz,signal\n100,a b\n100,{'[' * 100_000}\n")
    with pytest.raises(RecordError, match="column 'signal' holds 'a b'"):
        open_table(tmp_path / "s.csv").read("000001")
    with pytest.raises(RecordError, match=r"column 'signal' holds '\[\[\["):
        open_table(tmp_path / "s.csv").read("000002")


def test_odd_ages_and_sexes_are_reported_not_fatal(tmp_path: Path) -> None:
    path = samples_table(tmp_path / "t.parquet", age=[300, -1, 50, None, 0], sex=["x", "W", "male", None, ""])
    source = open_table(path)
    read = [source.read(name) for name in source.ids]
    assert [(ecg.age, ecg.sex) for ecg in read] == [
        (90.0, None),
        (None, "female"),
        (50.0, "male"),
        (None, None),
        (0.0, None),
    ]
    assert [len(ecg.warnings) for ecg in read] == [2, 1, 0, 0, 0]


@pytest.mark.parametrize(
    "written", ["01.03.1956", "12.5.98", "03/12/1956", "1956-03-01", "56-03-01", "45-50", "5/12", "1.234,5"]
)
def test_a_date_or_a_range_is_no_age(written: str) -> None:
    warnings: list[str] = []
    assert read_age(written, warnings) is None
    assert warnings == [
        f"age {written!r} was left out; expected years (or months, weeks, days) from 0 to 120"
    ]


@pytest.mark.parametrize(
    ("written", "age"),
    [("56 years, 3 months", 56), ("90+", 90), ("45 (approx.)", 45), ("61,5", 61.5), ("6 m.", 0.5)],
)
def test_an_age_may_have_words_behind_it(written: str, age: float) -> None:
    assert read_age(written, []) == age


def test_leads_of_unequal_length(tmp_path: Path) -> None:
    path = write_parquet(tmp_path / "t.parquet", {"I": [[1.0, 2.0]], "II": [[1.0]], "rate_hz": [100]})
    with pytest.raises(RecordError, match=r"leads of unequal or no length: \{'I': 2, 'II': 1\}"):
        open_table(path).read("000001")
