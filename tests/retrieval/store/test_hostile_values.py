"""Values that are larger than a case's may be, or than the file that holds them."""

import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from ecgclip.errors import IndexStoreError
from ecgclip.retrieval.case import COLUMNS
from ecgclip.retrieval.store.bundle import open_bundle
from tests.retrieval.store.test_hostile_index import assert_told, run_sql, seal

CASES = 7


@pytest.fixture
def path(made, tmp_path) -> Path:
    made.bundle(tmp_path / "ix", CASES).close()
    return tmp_path / "ix"


def varint(page: bytes, at: int) -> tuple[int, int]:
    """A number of SQLite's, and where it ends."""
    number = 0
    while True:
        number = number << 7 | page[at] & 0x7F
        at += 1
        if page[at - 1] < 0x80:
            return number, at


LOCAL = 489
"""Of a long value, the least number of bytes that SQLite keeps in the page of its row."""


def long_report(path: Path, letters: int) -> tuple[int, bytes]:
    """Give the first case a long report; the place of the only page of the cases, and the page."""
    run_sql(path, f"UPDATE cases SET report = printf('%.{letters}c', 'r') WHERE row = 0; VACUUM;")
    with closing(sqlite3.connect(path / "cases.sqlite")) as db:
        root = db.execute("SELECT rootpage FROM sqlite_master WHERE name = 'cases'").fetchone()[0]
    return (root - 1) * 4096, (path / "cases.sqlite").read_bytes()[(root - 1) * 4096 : root * 4096]


def share_a_report(path: Path) -> None:
    """Seven cases whose report of 4 MB lies in the file once: each names the pages of the first."""
    _, page = long_report(path, 3_990_000)
    size, _ = varint(page, int.from_bytes(page[8:10], "big"))
    start, page = long_report(path, 3_990_000 - (size - LOCAL) % 4092)
    at = int.from_bytes(page[8:10], "big")
    _, row = varint(page, at)
    cell = page[at : row + 1 + LOCAL + 4]
    made = bytearray(page)
    places = [4096 - len(cell) * (i + 1) for i in range(CASES)]
    made[3:7] = CASES.to_bytes(2, "big") + places[-1].to_bytes(2, "big")
    for i, place in enumerate(places):
        made[8 + 2 * i : 10 + 2 * i] = place.to_bytes(2, "big")
        made[place : place + len(cell)] = cell[: row - at] + bytes([i]) + cell[row - at + 1 :]
    content = bytearray((path / "cases.sqlite").read_bytes())
    content[start : start + 4096] = made
    (path / "cases.sqlite").write_bytes(content)
    seal(path)


def test_reports_that_share_their_pages_are_never_fetched_together(path):
    share_a_report(path)
    index = open_bundle(path)
    assert len({len(index.cases.at([row])[0].report) for row in range(CASES)}) == 1
    with pytest.raises(IndexStoreError, match="its values are larger than the file"):
        index.cases.at(range(CASES))
    assert_told(path, "its values are larger than the file")


@pytest.mark.parametrize("change", ["add", "remove"])
def test_a_file_whose_rows_share_pages_is_not_written_anew(made, path, change):
    share_a_report(path)
    index = open_bundle(path)
    with pytest.raises(IndexStoreError, match="expected every page to stand in one place"):
        index.add(made.cases(1, "x"), made.unit(1)) if change == "add" else index.remove(["made/00000"])
    assert [entry.name for entry in path.parent.iterdir()] == ["ix"]


@pytest.mark.parametrize("column", sorted(set(COLUMNS) - {"codes", "fold"}))
def test_a_value_that_is_too_long_is_told_and_not_fetched(path, column):
    run_sql(
        path, f"UPDATE cases SET {column} = printf('%.{COLUMNS[column].max_bytes + 1}c', 'x') WHERE row = 3"
    )
    index = open_bundle(path)
    with pytest.raises(IndexStoreError, match=f"{column} of a case is too long"):
        index.cases.at([3])
    assert index.verify()


def test_names_that_are_too_long_are_told_by_search(made, path):
    run_sql(path, "UPDATE cases SET case_id = printf('%.100000c', 'x') WHERE row = 3")
    index = open_bundle(path)
    with pytest.raises(IndexStoreError, match="a name of a case is too long"):
        index.search(made.unit(1), CASES)
    with pytest.raises(IndexStoreError, match="a name of a case is too long"):
        index.cases.hashes()


@pytest.mark.parametrize("change", [{"patient_id": "p" * 9000}, {"codes": {"C" * 4_000_000: 1.0}}])
def test_what_could_not_be_read_again_is_not_written(made, path, change):
    before = made.snapshot(path)
    (name,) = change
    with pytest.raises(
        IndexStoreError, match=f"the {name} of x/00000 has [0-9]+ characters; expected at most"
    ):
        open_bundle(path).add([replace(made.cases(1, "x")[0], **change)], made.unit(1))
    assert made.snapshot(path) == before
    assert json.loads((path / "manifest.json").read_text())["count"] == CASES
