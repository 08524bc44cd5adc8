"""Indexes that somebody made to do harm end with one line: soon, in little memory, and never unseen.

Each is sealed again after it was spoiled, as its maker would do.
"""

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from hashlib import blake2b
from pathlib import Path

import numpy as np
import pytest

from ecgclip.errors import IndexStoreError
from ecgclip.retrieval.backends.registry import Backend
from ecgclip.retrieval.store import cases, database
from ecgclip.retrieval.store.bundle import open_bundle
from ecgclip.retrieval.store.vector_file import npy_header

ASKED = """
import resource, sys
import numpy as np
from ecgclip.errors import EcgClipError
from ecgclip.retrieval.store.bundle import Side, open_bundle
resource.setrlimit(resource.RLIMIT_AS, (1500 << 20,) * 2)
vector, traces = np.eye(16, dtype=np.float32)[0], np.ones((4, 1000), np.float32)
def ask(question):
    try:
        question()
    except EcgClipError as error:
        print("error:", error)
try:
    index = open_bundle(sys.argv[1])
except EcgClipError as error:
    print("error:", error)
    sys.exit()
ask(lambda: index.search(vector, 10**12, side=Side.REPORT))
ask(lambda: index.search(vector, 10**12, "age > 1 and code = SR or report ~ x"))
ask(lambda: index.snapshot().search_traces(traces, vector, 10**12))
ask(lambda: index.traces(range(len(index))))
ask(lambda: list(index.cases))
ask(lambda: index.case("made/00003"))
print("verified:", *index.verify())
"""


@pytest.fixture
def path(made, tmp_path) -> Path:
    made.bundle(tmp_path / "ix").close()
    return tmp_path / "ix"


def seal(path: Path, **values: object) -> None:
    """Make the manifest say what the files are."""
    manifest = path / "manifest.json"
    told = json.loads(manifest.read_text())
    for name in told["files"]:
        content = (path / name).read_bytes()
        digest = blake2b(content, digest_size=32).hexdigest()
        told["files"][name] = {"bytes": len(content), "blake2b": digest}
    manifest.write_text(json.dumps(told | values))


def answers(path: Path) -> list[str]:
    """What opening, asking and verifying say, in a process with 1.5 GB."""
    command = [sys.executable, "-B", "-c", ASKED, str(path)]
    environment = os.environ | {"OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, env=environment)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()


def assert_told(path: Path, *words: str) -> None:
    """Each line is an error or the words of verify, and at least one says these."""
    lines = answers(path)
    assert all(line.startswith(("error: ", "verified:")) for line in lines), lines
    assert lines != ["verified:"]
    for word in words:
        assert any(word in line for line in lines), lines


def test_the_control_an_honest_index_is_told_whole(path):
    seal(path)
    assert answers(path) == ["verified:"]


def run_sql(path: Path, script: str) -> None:
    with closing(sqlite3.connect(path / "cases.sqlite")) as db:
        db.executescript(script)
    seal(path)


FOREIGN = {
    "an endless view": """ALTER TABLE cases RENAME TO hidden;
        CREATE VIEW cases AS WITH RECURSIVE endless(row) AS (SELECT 0 UNION ALL SELECT row + 1 FROM endless)
        SELECT row, 'made/1' AS case_id, '' AS report, '{}' AS codes, 1.0 AS age, NULL AS sex, NULL AS
        patient_id, '' AS source, 1 AS fold, NULL AS path, '' AS content_hash FROM endless;""",
    "a view of a product": """DROP TABLE traces;
        CREATE VIEW traces AS SELECT a.row AS row, zeroblob(900000000) AS millivolts
        FROM cases a, cases b, cases c, cases d, cases e, cases f, cases g, cases h;""",
    "a trigger": "CREATE TRIGGER late AFTER DELETE ON cases "
    "BEGIN INSERT INTO cases SELECT * FROM cases; END;",
    "another table": "CREATE TABLE more (x);",
    "another index": "CREATE INDEX more ON cases (report);",
    "an index on an expression": "DROP INDEX cases_by_patient; CREATE INDEX cases_by_patient ON cases "
    "(patient_id, hex(zeroblob(1000)));",
    "a virtual table": "CREATE VIRTUAL TABLE more USING fts5(x);",
    "a generated column": "ALTER TABLE cases ADD COLUMN more AS (hex(zeroblob(100000000)));",
    "statistics": "ANALYZE;",
    "no table": "DROP TABLE cases; DROP TABLE traces;",
}


@pytest.mark.parametrize("name", FOREIGN)
def test_a_schema_that_is_not_ours_is_refused_at_opening(path, name):
    run_sql(path, FOREIGN[name])
    (line,) = answers(path)
    assert "has another schema (" in line
    assert line.endswith("build the index anew with build-index")


def spoil_not_null(path: Path) -> None:
    """NULL where the schema forbids it: the schema is another one for a moment."""
    for change in ("'report TEXT NOT NULL', 'report TEXT'", "'report TEXT,', 'report TEXT NOT NULL,'"):
        with closing(sqlite3.connect(path / "cases.sqlite", isolation_level=None)) as db:
            db.execute("PRAGMA writable_schema = ON")
            db.execute(f"UPDATE sqlite_master SET sql = replace(sql, {change}) WHERE name = 'cases'")
        if change.startswith("'report TEXT NOT"):
            with closing(sqlite3.connect(path / "cases.sqlite", isolation_level=None)) as db:
                db.execute("UPDATE cases SET report = NULL WHERE row = 3")
    seal(path)


def test_null_in_place_of_a_report_is_told(path):
    spoil_not_null(path)
    assert_told(path, "report of a case is 'None'; expected a str")


ROWS = {
    "DELETE FROM cases WHERE row = 3": "it has 19 cases, of the rows 0 to 19; expected 20",
    "UPDATE cases SET row = 1000000 WHERE row = 3": "of the rows 0 to 1000000; expected 20",
    "UPDATE cases SET row = -5 WHERE row = 3": "of the rows -5 to 19; expected 20",
    "INSERT INTO cases SELECT 20, 'made/more', '', '{}', 1, '', '', '', 1, '', ''": "it has 21 cases",
    "UPDATE cases SET codes = 'x{' WHERE row = 3": "codes of made/00003 are 'x{'",
    "UPDATE cases SET codes = '[]' WHERE row = 3": "codes of made/00003 are '[]'",
    'UPDATE cases SET codes = \'{"SR": "100"}\' WHERE row = 3': "codes of made/00003 are",
    "UPDATE cases SET codes = '{\"SR\": 1e999}' WHERE row = 3": "codes of made/00003 are",
    "UPDATE cases SET codes = '{\"SR\": NaN}' WHERE row = 3": "codes of made/00003 are",
    "UPDATE cases SET codes = replace(hex(zeroblob(500000)), '00', '[') WHERE row = 3": "are '[[[[",
    "UPDATE cases SET age = 'old' WHERE row = 3": "age of a case is 'old'; expected a float",
    "UPDATE cases SET age = 9e999 WHERE row = 3": "age of a case is 'inf'",
    "UPDATE cases SET fold = 'x' WHERE row = 3": "fold of a case is 'x'; expected a int",
    "UPDATE cases SET case_id = x'ff' WHERE row = 3": "case_id of a case is",
    "UPDATE cases SET report = CAST(x'ff' AS TEXT) WHERE row = 3": "decode to UTF-8",
    "UPDATE cases SET report = hex(zeroblob(4000000)) WHERE row = 3": "string or blob too big",
    "UPDATE traces SET millivolts = x'00' WHERE row = 3": "the traces of row 3 are no 8000 bytes",
    "UPDATE traces SET millivolts = 'text' WHERE row = 3": "the traces of row 3 are no 8000 bytes",
    "UPDATE traces SET row = 99 WHERE row = 3": "1 traces are of no case",
    "DELETE FROM traces WHERE row = 3": "1 cases have no traces",
}


@pytest.mark.parametrize("sql", ROWS)
def test_rows_that_are_no_cases_are_told(path, sql):
    run_sql(path, sql)
    assert_told(path, ROWS[sql])


def endless_tree(path: Path) -> None:
    """A table of 5 levels whose every page names the next one 200 times: 10^11 rows in 7 pages."""
    file = path / "cases.sqlite"
    with closing(sqlite3.connect(file)) as db:
        size = db.execute("PRAGMA page_size").fetchone()[0]
        root = db.execute("SELECT rootpage FROM sqlite_master WHERE name = 'cases'").fetchone()[0]
    content = bytearray(file.read_bytes())
    last = len(content) // size
    content += content[(root - 1) * size : root * size]  # the rows, in a page of their own
    pages = [root, *range(last + 2, last + 6)]
    for page, child in zip(pages, [*pages[1:], last + 1], strict=True):
        cells = [child.to_bytes(4, "big") + b"\x13" for _ in range(200)]
        starts = [size - 5 * (i + 1) for i in range(200)]
        made = bytearray(size)
        made[:12] = (
            b"\x05\0\0" + (200).to_bytes(2, "big") + starts[-1].to_bytes(2, "big") + b"\0" + cells[0][:4]
        )
        for i, (start, cell) in enumerate(zip(starts, cells, strict=True)):
            made[12 + 2 * i : 14 + 2 * i] = start.to_bytes(2, "big")
            made[start : start + 5] = cell
        if page > last:
            content += made
        else:
            content[(page - 1) * size : page * size] = made
    content[28:32] = (len(content) // size).to_bytes(4, "big")
    file.write_bytes(content)
    seal(path)


def test_a_table_without_end_is_told_in_time(path, monkeypatch):
    endless_tree(path)
    monkeypatch.setattr(database, "_PATIENCE_S", 0.3)
    bundle = open_bundle(path)
    with pytest.raises(IndexStoreError, match="a question took longer than 0 s"):
        bundle.snapshot().allowed("age > 1000")
    assert any("cases.sqlite" in problem for problem in bundle.verify())


def claim(path: Path, count: int) -> None:
    """A manifest and tables of so many cases; the tables are holes."""
    told = json.loads((path / "manifest.json").read_text())
    for name, dtype, dim in (("vectors", "<f4", 16), ("report_vectors", "<f4", 16), ("sketches", "|i1", 128)):
        with (path / f"{name}.npy").open("r+b") as file:
            file.write(npy_header(count, dim, dtype))
            size = file.truncate(128 + count * dim * np.dtype(dtype).itemsize)
        told["files"][f"{name}.npy"]["bytes"] = size
    (path / "manifest.json").write_text(json.dumps(told | {"count": count}))


def test_more_cases_than_the_file_has_room_for_are_refused_before_they_are_counted(path, monkeypatch):
    claim(path, 20_000_000)
    asked = []
    monkeypatch.setattr(database.Database, "rows", lambda self, *args, **named: asked.append(args))
    with pytest.raises(IndexStoreError, match="expected 20000000 cases, each with 8000 bytes of traces"):
        open_bundle(path)
    assert asked == []


def test_a_question_gets_its_time_by_what_is_on_the_disk_and_opening_a_fixed_one(path, monkeypatch):
    with (path / "cases.sqlite").open("r+b") as file:
        size = file.seek(0, 2)
        file.truncate(1 << 40)
        assert database.bytes_on_disk(file.fileno()) < 2 * size
        file.truncate(size)
    monkeypatch.setattr(database, "_BYTES_A_SECOND", 1)
    monkeypatch.setattr(cases, "OPENING_S", 0.0)
    monkeypatch.setattr(database, "_STEPS", 1)
    with pytest.raises(IndexStoreError, match="a question took longer than 0 s"):
        open_bundle(path)


def replaced(path: Path, kind: str) -> None:
    """Something that is no file in place of one."""
    aside = path.parent / "aside"
    path.rename(aside)
    match kind:
        case "fifo":
            os.mkfifo(path)
        case "folder":
            path.mkdir()
        case "link":
            path.symlink_to(aside)
        case "device":
            path.symlink_to("/dev/zero")


@pytest.mark.parametrize("kind", ["fifo", "folder", "link", "device"])
@pytest.mark.parametrize("name", ["manifest.json", "vectors.npy", "cases.sqlite"])
def test_what_is_no_file_is_not_read(path, name, kind):
    replaced(path / name, kind)
    (line,) = answers(path)
    assert f"is damaged: {name} is {'no regular file' if kind in ('fifo', 'folder') else 'a link'}" in line


def test_a_device_is_no_file(path):
    (path / "manifest.json").unlink()
    try:
        os.mknod(path / "manifest.json", 0o020666, os.makedev(1, 5))
    except PermissionError:
        pytest.skip("only root makes devices")
    assert "manifest.json is no regular file" in answers(path)[0]


MANIFESTS = {
    "deep": "[" * 30000,
    "a number of digits": '{"format_version": ' + "9" * 5000 + "}",
    "another version": '{"format_version": "' + "9" * 5000 + '"}',
    "bytes": "\udcff",
}


@pytest.mark.parametrize("name", MANIFESTS)
def test_a_manifest_of_something_else_is_damaged(path, name):
    (path / "manifest.json").write_bytes(MANIFESTS[name].encode("utf-8", "surrogateescape"))
    (line,) = answers(path)
    assert len(line) < 400
    assert "manifest.json is damaged" in line or "has format" in line


def test_a_manifest_of_two_gigabytes_is_not_read(path):
    os.truncate(path / "manifest.json", 2 << 30)
    assert "it has 2147483648 bytes, expected 65536 at most" in answers(path)[0]


@pytest.mark.parametrize(
    "values",
    [
        {"dim": True},
        {"dim": 0},
        {"dim": 1 << 40},
        {"count": -1},
        {"count": 20.0},
        {"count": 1 << 60},
        {"generation": 5},
        {"model_hash": None},
        {"model_hash": "two\nlines"},
        {"geometry": ["x"]},
        {"created": {}},
        {"engine": "none"},
        {"files": {}},
        {"files": {"../other": {"bytes": 1, "blake2b": "0" * 64}}},
    ],
)
def test_values_that_no_manifest_has(path, values):
    seal(path, **values)
    with pytest.raises(IndexStoreError, match=r"manifest.json is damaged; build the index anew"):
        open_bundle(path)


def test_a_file_too_many_or_of_another_name_is_refused(path):
    told = json.loads((path / "manifest.json").read_text())
    told["files"]["../ix/vectors.npy"] = told["files"]["vectors.npy"]
    (path / "manifest.json").write_text(json.dumps(told))
    with pytest.raises(IndexStoreError, match=r"manifest.json is damaged"):
        open_bundle(path)


HEADERS = {
    "'fortran_order': True": "does not begin as a table",
    "'descr': '|O'": "does not begin as a table",
    "'descr': '<f8'": "holds float64",
    "'shape': (900000000, 16)": r"(900000000, 16); expected float32 (20, 16)",
    "'shape': (20, 16, 1)": "does not begin as a table",
}


@pytest.mark.parametrize("part", HEADERS)
def test_a_table_that_begins_otherwise_is_not_read(path, part):
    key = part.partition(":")[0]
    parts = ["'descr': '<f4'", "'fortran_order': False", "'shape': (20, 16)"]
    text = ", ".join(part if one.startswith(key) else one for one in parts)
    content = (path / "vectors.npy").read_bytes()
    head = f"{{{text}, }}".ljust(117).encode() + b"\n"
    (path / "vectors.npy").write_bytes(content[:10] + head + content[128:])
    seal(path)
    (line,) = answers(path)
    assert HEADERS[part] in line


def test_a_table_of_a_terabyte_that_is_none_is_told(made, path):
    """A file of holes: its size is true and costs nothing."""
    count = 10**9
    told = json.loads((path / "manifest.json").read_text()) | {"count": count}
    for name, kind, dim in (("vectors", "<f4", 16), ("report_vectors", "<f4", 16), ("sketches", "|i1", 128)):
        text = f"{{'descr': '{kind}', 'fortran_order': False, 'shape': ({count}, {dim}), }}"
        head = b"\x93NUMPY\x01\x00\x76\x00" + text.ljust(117).encode() + b"\n"
        size = 128 + count * dim * np.dtype(kind).itemsize
        (path / f"{name}.npy").write_bytes(head)
        os.truncate(path / f"{name}.npy", size)
        told["files"][f"{name}.npy"]["bytes"] = size
    (path / "manifest.json").write_text(json.dumps(told))
    (line,) = answers(path)
    assert "bytes; expected 1000000000 cases, each with 8000 bytes of traces" in line


def test_vectors_that_are_not_of_unit_norm_do_not_verify(path):
    vectors = np.load(path / "vectors.npy")
    vectors[3] = np.nan
    reports = np.load(path / "report_vectors.npy")
    reports[4] *= 2
    np.save(path / "vectors.npy", vectors)
    np.save(path / "report_vectors.npy", reports)
    seal(path)
    assert_told(path, "/vectors.npy is damaged: it has vectors whose", "norm is not 0 or 1;")


def test_a_crafted_faiss_file_is_never_read(made, tmp_path):
    path = tmp_path / "ix"
    made.bundle(path, 30, replace(made.spec, backend=Backend.FAISS)).close()
    assert sorted(file.name for file in path.iterdir()) == sorted(
        ["manifest.json", "vectors.npy", "report_vectors.npy", "sketches.npy", "cases.sqlite"]
    )
    told = json.loads((path / "manifest.json").read_text())
    (path / "index.faiss").write_bytes(b"IxFI" + (1 << 62).to_bytes(8, "little") * 20)
    told["files"]["index.faiss"] = {"bytes": 0, "blake2b": ""}
    (path / "manifest.json").write_text(json.dumps(told))
    seal(path)
    assert answers(path) == ["verified:"]
    bundle = open_bundle(path)
    assert bundle.search(made.unit(30, 1)[7], 1)[0][0].case_id == "made/00007"
    bundle.remove(["made/00001"])
    assert not (path / "index.faiss").exists()


def test_a_damaged_index_is_not_copied_into_a_new_one_with_a_true_seal(made, path):
    before = json.loads((path / "manifest.json").read_text())
    content = bytearray((path / "report_vectors.npy").read_bytes())
    content[-7] ^= 1
    (path / "report_vectors.npy").write_bytes(content)
    with pytest.raises(IndexStoreError, match=r"report_vectors.npy differs from its checksum"):
        open_bundle(path).add(made.cases(1, "x"), made.unit(1))
    assert json.loads((path / "manifest.json").read_text()) == before
    assert not os.path.lexists(path.with_name(".ix.partial"))
