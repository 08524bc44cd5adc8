"""Tables as text: whatever separates, encodes or quotes, the cells are those that were written."""

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecgclip.errors import RecordError
from ecgclip.records.tables.files import column_names, table_rows
from ecgclip.records.tables.text import open_text_table

REPORT = "Vorhofflimmern – übergeleitet"
CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), max_size=12)


def table(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_separators_encodings_and_ends_of_lines(
    tmp_path: Path, separator: str, encoding: str, end: str
) -> None:
    lines = [["id", "report"], ["7", f'"a{separator}b{end}c"'], [], ["8", REPORT]]
    text = end.join(separator.join(line) for line in lines)
    path = table(tmp_path / "t.csv", text.encode(encoding))
    assert column_names(path) == ["id", "report"]
    assert list(table_rows(path, ["id", "report"])) == [
        {"id": "7", "report": f"a{separator}b{end}c"},
        {"id": "8", "report": REPORT},
    ]


@given(st.data(), st.sampled_from(",;\t|"), st.integers(2, 5))
def test_the_cells_are_those_that_were_written(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject, separator: str, columns: int
) -> None:
    """In blocks of any size, against the csv module that wrote them."""
    row = st.lists(CELLS, min_size=columns, max_size=columns).filter(lambda cells: any(map(str.strip, cells)))
    rows = data.draw(st.lists(row, max_size=8))
    names = [f"c{number}" for number in range(columns)]
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter=separator, lineterminator="\n")
    writer.writerows([names, *rows])
    path = table(tmp_path_factory.mktemp("t") / "t.csv", file.getvalue().encode())
    for block in (1, 2**20):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("ecgclip.records.tables.text._BLOCK_LETTERS", block)
            read = [[*cells.values()] for cells in table_rows(path, names)]
        assert read == rows


@pytest.mark.parametrize("wide", [1000, 0])
def test_odd_rows_are_read_alike_whatever_takes_them_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wide: int
) -> None:
    """By pandas, and by the csv module which reads wide rows: short, long and blank ones, stray quotes."""
    monkeypatch.setattr("ecgclip.records.tables.text._WIDE", wide)
    text = 'a,b,c\n1\n1,2,3,, \n\n  \n5" lead,"x""y","q"r\n"two\nlines",NA,nan\n,,\n'
    path = table(tmp_path / "t.csv", text.encode())
    assert [[*row.values()] for row in table_rows(path, ["a", "b", "c"])] == [
        ["1", "", ""],
        ["1", "2", "3"],
        ['5" lead', 'x"y', "qr"],
        ["two\nlines", "NA", "nan"],
        ["", "", ""],
    ]


def test_a_column_without_a_name_and_one_that_is_absent(tmp_path: Path) -> None:
    path = table(tmp_path / "t.csv", b",text\nNORM,normal\n")
    assert list(table_rows(path, ["", "gone"])) == [{"": "NORM"}]


def test_a_quote_that_does_not_end_is_told_with_its_line(tmp_path: Path) -> None:
    path = table(tmp_path / "t.csv", b'id,report\n1,fine\n2,"open\n3,x\n')
    with pytest.raises(RecordError, match="the row at line 4 does not end"):
        list(table_rows(path, ["id"]))


def test_commas_inside_quoted_names_are_no_separators(tmp_path: Path) -> None:
    found = open_text_table(table(tmp_path / "t.csv", b'"a,b,c";report\n1;2\n'))
    assert (found.separator, found.names) == (";", ("a,b,c", "report"))


@pytest.mark.parametrize("wide", [1000, 0])
@pytest.mark.parametrize("row", ["2,sinus rhythm, normal ECG,61", '2,"a",61,5', "2,a,b,c,d,e", ",,,x"])
def test_a_row_of_more_cells_than_columns_is_refused_with_its_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wide: int, row: str
) -> None:
    """A comma in a report or a number that stands between no quotes moves all cells behind it."""
    monkeypatch.setattr("ecgclip.records.tables.text._WIDE", wide)
    path = table(tmp_path / "t.csv", f"id,report,age\n1,fine,60\n{row}\n".encode())
    with pytest.raises(RecordError, match=r"line 3 has \d cells; expected 3, one a column; put cells"):
        list(table_rows(path, ["id", "report", "age"]))
