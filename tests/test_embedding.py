"""Vectors on disk are the vectors that were made, with their ids, and bad rows are named."""

import errno
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ecgclip.embedding import Embedded, embed_records, embed_reports, read_reports
from ecgclip.embedding_file import writer
from ecgclip.engine.model import Model
from ecgclip.errors import ConfigError, RecordError
from ecgclip.records.ecg import Ecg

EMBEDDED = Embedded(("a/1", "ä/2"), np.arange(8, dtype=np.float32).reshape(2, 4))


def test_npz_holds_vectors_and_ids(tmp_path: Path) -> None:
    writer(tmp_path / "o.npz")(EMBEDDED)
    with np.load(tmp_path / "o.npz", allow_pickle=False) as found:
        np.testing.assert_array_equal(found["vectors"], EMBEDDED.vectors)
        assert found["vectors"].dtype == np.float32
        assert found["ids"].dtype.kind == "U"
        assert tuple(found["ids"]) == EMBEDDED.ids


def test_parquet_holds_vectors_and_ids(tmp_path: Path) -> None:
    writer(tmp_path / "o.parquet")(EMBEDDED)
    table = pq.read_table(tmp_path / "o.parquet")
    assert table["id"].to_pylist() == list(EMBEDDED.ids)
    np.testing.assert_array_equal(np.array(table["vector"].to_pylist(), np.float32), EMBEDDED.vectors)


@pytest.mark.parametrize("suffix", [".npz", ".parquet"])
def test_a_name_that_is_no_utf8_is_written_with_a_mark(suffix: str, tmp_path: Path) -> None:
    vectors = np.eye(2, dtype=np.float32)
    writer(tmp_path / f"o{suffix}")(Embedded(("M\udcfcller.jpg", "b"), vectors))
    path = tmp_path / f"o{suffix}"
    ids = np.load(path)["ids"] if suffix == ".npz" else pq.read_table(path)["id"].to_pylist()
    assert list(ids) == ["M?ller.jpg", "b"]


def test_nothing_is_a_file_too(tmp_path: Path) -> None:
    for name in ("o.npz", "o.parquet"):
        writer(tmp_path / name)(Embedded((), np.empty((0, 4), np.float32)))
    assert pq.read_table(tmp_path / "o.parquet").num_rows == 0


@pytest.mark.parametrize("name", ["o.npz", "o.parquet"])
def test_a_full_disk_leaves_the_file_before(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*args: object, **more: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    writer(tmp_path / name)(EMBEDDED)
    before = (tmp_path / name).read_bytes()
    monkeypatch.setattr("numpy.savez", full)
    monkeypatch.setattr("pyarrow.parquet.write_table", full)
    with pytest.raises(OSError, match="No space"):
        writer(tmp_path / name)(EMBEDDED)
    assert [file.read_bytes() for file in tmp_path.iterdir()] == [before]


@pytest.mark.parametrize(
    ("name", "words"), [("o.csv", "not .csv"), ("o", "without a suffix"), ("no/o.npz", "no such")]
)
def test_a_target_that_cannot_be_is_refused_early(name: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=words):
        writer(tmp_path / name)


class Records:
    """Two good records around a broken one, one of a moment, and one broken as no reader expects."""

    name = "s"
    ids = ("1", "2", "3", "4", "5")

    def read(self, record_id: str) -> Ecg:
        if record_id == "2":
            raise RecordError("2: truncated")
        if record_id == "5":
            raise RecursionError("maximum recursion depth exceeded")
        rng = np.random.default_rng(int(record_id))
        samples = 1000 if record_id != "4" else 20
        return Ecg(rng.standard_normal((12, samples)).astype(np.float32), 100.0, record_id, self.name)


def test_records_are_embedded_in_order_without_the_broken(model: Model) -> None:
    steps: list[int] = []
    found = embed_records(model, Records(), steps.append)
    assert found.ids == ("s/1", "s/3")
    assert [item.record for item in found.skipped] == ["2", "4", "5"]
    assert found.skipped[0].reason == "2: truncated"
    assert found.skipped[1].reason.startswith("0.2 s of it fall on the canonical page")
    assert "RecursionError: maximum recursion depth" in found.skipped[2].reason
    with pytest.raises(RecordError, match="canonical page"):
        model.embed_records([Records().read("4")])
    assert sum(steps) == 5
    np.testing.assert_array_equal(
        found.vectors, model.embed_records([Records().read("1"), Records().read("3")])
    )


def test_reports_of_a_csv_keep_their_ids(tmp_path: Path, model: Model) -> None:
    path = tmp_path / "r.csv"
    path.write_text('ecg_id,report\n17,"sinus rhythm, normal"\n21,"two\nlines"\n', encoding="utf-8")
    assert read_reports(path) == (["17", "21"], ["sinus rhythm, normal", "two\nlines"])
    found = embed_reports(model, path)
    assert found.vectors.shape == (2, model.dim)
    np.testing.assert_allclose(np.linalg.norm(found.vectors, axis=1), 1, atol=1e-6)


@pytest.mark.parametrize("separator", [";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp1252", "utf-16"])
def test_reports_of_a_table_with_another_separator(tmp_path: Path, separator: str, encoding: str) -> None:
    rows = [["case_id", "age", "report"], ["a/1", "61,5", "Überleitung, verzögert"], ["", "", "normal"]]
    text = "\r\n".join(separator.join(row) for row in rows)
    (tmp_path / "r.csv").write_bytes(text.encode(encoding))
    assert read_reports(tmp_path / "r.csv") == (["a/1", "2"], ["Überleitung, verzögert", "normal"])


def test_reports_of_a_parquet_table(tmp_path: Path) -> None:
    pq.write_table(pa.table({"id": [17, None], "report": ["normal", None]}), tmp_path / "r.parquet")
    assert read_reports(tmp_path / "r.parquet") == (["17", "2"], ["normal", ""])


def test_marks_inside_a_report_end_no_line(tmp_path: Path) -> None:
    (tmp_path / "r.csv").write_text("id,report\n1,sinus rhythm\x0bnormal ecg\n2,a\u2028b\n", "utf-8")
    assert read_reports(tmp_path / "r.csv") == (["1", "2"], ["sinus rhythm\x0bnormal ecg", "a\u2028b"])
    (tmp_path / "r.txt").write_bytes("one\x85more\r\ntwo\x0c".encode())
    assert read_reports(tmp_path / "r.txt") == (["1", "2"], ["one\x85more", "two\x0c"])


def test_reports_of_a_text_file_are_its_lines(tmp_path: Path) -> None:
    (tmp_path / "r.txt").write_text("eins\nzwei\n", encoding="utf-8-sig")
    assert read_reports(tmp_path / "r.txt") == (["1", "2"], ["eins", "zwei"])


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("absent.txt", None, "no such file"),
        ("empty.txt", b" \n", "empty"),
        ("latin.txt", "für".encode("latin-1"), "UTF-8"),
        ("quote.csv", b'id,report\n1,"' + b"x" * 140_000, "quote that does not end"),
        ("columns.csv", b"a,b\n1,2\n", "no column 'report'; it has a, b"),
        ("header.csv", b"a,b\n", "no column 'report'; it has a, b"),
    ],
)
def test_bad_report_files_say_why(name: str, content: bytes | None, words: str, tmp_path: Path) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(RecordError, match=words):
        read_reports(path)
