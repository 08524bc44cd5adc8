"""Tables saved by Excel, and those that were made to fill the memory."""

import sys
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from ecgclip.embedding import read_reports
from ecgclip.errors import RecordError
from ecgclip.records.reading import open_source
from ecgclip.records.table import open_table
from ecgclip.records.tables.files import column_names, table_rows

from ..conftest import WriteRecord


def sheet(path: Path, *rows: list[Any]) -> Path:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(path)
    return path


def test_a_table_of_records_saved_by_excel(tmp_path: Path, write_record: WriteRecord) -> None:
    write_record("w/a")
    rows = [["path", "age", "sex", "patient_id", "fold"], ["w/a", 61.5, "weiblich", 17, 3]]
    source = open_source(sheet(tmp_path / "t.xlsx", [], *rows))
    ecg = source.read("w/a")
    assert (ecg.age, ecg.sex, ecg.patient_id, ecg.fold) == (61.5, "female", "17", 3)


def test_cells_are_text_and_empty_rows_none(tmp_path: Path) -> None:
    rows = [["id", None, "when", "report"], [7, "x", date(2024, 5, 6), "a;b"], [], [None, "y"], [8]]
    path = sheet(tmp_path / "t.xlsx", *rows)
    assert column_names(path) == ["id", "", "when", "report"]
    assert list(table_rows(path, ["id", "when", "report"])) == [
        {"id": "7", "when": "2024-05-06 00:00:00", "report": "a;b"},
        {"id": "", "when": "", "report": ""},
        {"id": "8", "when": "", "report": ""},
    ]


def test_reports_saved_by_excel(tmp_path: Path) -> None:
    path = sheet(tmp_path / "r.xlsx", ["ecg_id", "report"], [17, "sinus rhythm"], [None, "afib"])
    assert read_reports(path) == (["17", "2"], ["sinus rhythm", "afib"])


def rewritten(path: Path, rows: str) -> None:
    """The same workbook with other rows in its sheet."""
    with zipfile.ZipFile(path) as file:
        parts = {name: file.read(name) for name in file.namelist()}
    text = parts["xl/worksheets/sheet1.xml"].decode()
    start, stop = text.index("<sheetData>") + 11, text.index("</sheetData>")
    parts["xl/worksheets/sheet1.xml"] = f"{text[:start]}{rows}{text[stop:]}".encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in parts.items():
            file.writestr(name, content)


def test_cells_far_apart_are_not_filled_up(tmp_path: Path) -> None:
    """A cell at the last column of a million rows, and a row beyond the last that Excel has."""
    path = sheet(tmp_path / "t.xlsx", ["id"])
    far = "".join(f'<row r="{row}"><c r="XFD{row}"><v>1</v></c></row>' for row in range(2, 2000))
    last = '<row r="99999999999"><c r="A99999999999"><v>9</v></c></row>'
    name = '<row r="1"><c r="A1" t="inlineStr"><is><t>id</t></is></c></row>'
    rewritten(path, f'{name}{far}<row r="2001"><c r="A2001"><v>7</v></c></row>{last}')
    assert list(table_rows(path, ["id"])) == [{"id": "7"}]


def test_a_workbook_that_unpacks_to_gigabytes_is_refused(tmp_path: Path) -> None:
    path = sheet(tmp_path / "t.xlsx", ["path"])
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as file, file.open("more.xml", "w") as part:
        for _ in range(257):
            part.write(bytes(2**20))
    with pytest.raises(RecordError, match="unpacks to 257 MiB; expected at most 256"):
        open_table(path)


@pytest.mark.parametrize("content", [b"PK\3\4" + bytes(60), b"PK\5\6" + bytes(18)])
def test_a_damaged_workbook_is_one_line(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "t.xlsx").write_bytes(content)
    with pytest.raises(RecordError, match=r"no Excel table \(xlsx\) that can be read .* or as CSV"):
        open_source(tmp_path / "t.xlsx")


def test_without_openpyxl_the_command_to_type_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = sheet(tmp_path / "t.xlsx", ["path"])
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    with pytest.raises(RecordError, match=r"pip install 'ecgclip\[excel\]'  or save the table as CSV"):
        open_source(path)
