"""The format as index/README.md tells it: read and written here without the package's own code."""

import hashlib
import json
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import numpy as np

from ecgclip.retrieval.store.bundle import open_bundle
from ecgclip.retrieval.store.database import SCHEMA
from ecgclip.retrieval.store.writer import update_bundle

README = Path(__file__).parents[3] / "index" / "README.md"


def test_a_bundle_reads_as_the_readme_says(made, tmp_path):
    made.bundle(tmp_path / "ix").close()
    folder = tmp_path / "ix"
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    assert (manifest["format_version"], manifest["metric"], manifest["engine"]) == (
        2,
        "inner product",
        "faiss",
    )
    for name, seal in manifest["files"].items():
        content = (folder / name).read_bytes()
        assert seal == {
            "bytes": len(content),
            "blake2b": hashlib.blake2b(content, digest_size=32).hexdigest(),
        }
    vectors = np.load(folder / "vectors.npy", allow_pickle=False)
    np.testing.assert_array_equal(vectors, made.unit(20, 1))
    with closing(sqlite3.connect(folder / "cases.sqlite")) as db:
        row = db.execute("SELECT case_id, report, codes, age FROM cases WHERE row = 7").fetchone()
        assert row == ("made/00007", "report 7", '{"SR": 100.0}', 47.0)
        (blob,) = db.execute("SELECT millivolts FROM traces WHERE row = 7").fetchone()
    np.testing.assert_array_equal(np.frombuffer(blob, "<f2").reshape(4, 1000), made.traces(20)[7])


def test_a_bundle_written_by_another_hand_opens(made, tmp_path):
    folder = tmp_path / "ix"
    folder.mkdir(0o700)
    np.save(folder / "vectors.npy", made.unit(2, 1))
    np.save(folder / "report_vectors.npy", np.zeros((2, 16), np.float32))
    np.save(folder / "sketches.npy", np.zeros((2, 128), np.int8))
    with closing(sqlite3.connect(folder / "cases.sqlite")) as db:
        db.executescript(SCHEMA)
        for row in range(2):
            values = (row, f"x/{row}", "words", "{}", None, None, None, "x", None, None, "0")
            db.execute(f"INSERT INTO cases VALUES ({','.join('?' * 11)})", values)
            db.execute("INSERT INTO traces VALUES (?, ?)", (row, np.zeros((4, 1000), "<f2").tobytes()))
        db.commit()
    files = {
        path.name: {
            "bytes": path.stat().st_size,
            "blake2b": hashlib.blake2b(path.read_bytes(), digest_size=32).hexdigest(),
        }
        for path in folder.iterdir()
    }
    told = {"generation": "0" * 32, "model_hash": "m", "geometry": "", "dim": 16, "count": 2}
    told |= {"metric": "inner product", "format_version": 2, "engine": "flat", "created": "", "files": files}
    (folder / "manifest.json").write_text(json.dumps(told | {"a key of later": 1}))
    bundle = open_bundle(folder, model_hash="m")
    assert bundle.verify() == []
    assert [hit.case_id for hit in bundle.search(made.unit(2, 1)[1], 2)[0]] == ["x/1", "x/0"]
    bundle.remove(["x/0"])
    np.testing.assert_array_equal(bundle.vectors, made.unit(2, 1)[1:])


def test_the_readme_shows_the_schema_there_is():
    told = {" ".join(line.split()) for line in README.read_text("utf-8").splitlines()}
    shown = " ".join(told)
    for column in ("row INTEGER PRIMARY KEY", "case_id TEXT NOT NULL UNIQUE", "millivolts BLOB NOT NULL"):
        assert column in shown
        assert column in SCHEMA


def test_an_empty_folder_becomes_an_index(made, tmp_path):
    (tmp_path / "ix").mkdir()
    assert len(made.bundle(tmp_path / "ix")) == 20


def test_threads_share_a_bundle(made, tmp_path):
    bundle = made.bundle(tmp_path / "ix", 50)
    queries = made.unit(40, 3)

    def ask(i: int) -> list[str]:
        hits = bundle.search(queries[i], 5, "age > 45")[0]
        return [bundle.case(hit.case_id).report for hit in hits]

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(ask, range(40))) == [ask(i) for i in range(40)]


def test_two_sources_live_side_by_side(made, tmp_path):
    made.bundle(tmp_path / "ix").close()
    with update_bundle(tmp_path / "ix", made.spec) as writer:
        writer.add(made.cases(2, "second"), made.unit(2, 7))
    bundle = open_bundle(tmp_path / "ix")
    assert len(bundle) == 22
    assert len(bundle.search(made.unit(1), 30, "source = second")[0]) == 2
