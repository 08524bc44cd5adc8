"""Indexes that cannot be used say why, in one line that says what to do."""

import json
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ecgclip.errors import IndexStoreError
from ecgclip.retrieval.store import snapshot, table
from ecgclip.retrieval.store.bundle import open_bundle
from ecgclip.retrieval.store.writer import update_bundle


def message(path, **options) -> str:
    with pytest.raises(IndexStoreError) as raised:
        open_bundle(path, **options)
    assert "\n" not in str(raised.value)
    return str(raised.value)


def edit(path, **values) -> None:
    manifest = path / "manifest.json"
    manifest.write_text(json.dumps(json.loads(manifest.read_text()) | values))


@pytest.fixture
def path(made, tmp_path):
    made.bundle(tmp_path / "ix").close()
    return tmp_path / "ix"


def test_missing(tmp_path):
    assert "does not exist; build it: ecgclip build-index" in message(tmp_path / "none")


def test_a_file_or_a_folder_of_something_else(tmp_path):
    (tmp_path / "file").write_text("x")
    assert "is a file" in message(tmp_path / "file")
    assert "no manifest.json" in message(tmp_path)


def test_another_model_or_page(path):
    assert "built with the model model-one, this is model-two" in message(path, model_hash="model-two")
    assert "another geometry" in message(path, model_hash="model-one", geometry="page-two")
    open_bundle(path, model_hash="model-one", geometry="page-one").close()


def test_newer_format(path):
    edit(path, format_version=3)
    assert "has format 3, this ecgclip reads 2; upgrade" in message(path)


def test_a_format_without_signatures_is_to_be_built_anew(path):
    edit(path, format_version=1)
    assert "has format 1, this ecgclip reads 2; upgrade ecgclip, or delete the folder" in message(path)


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"metric": "l2"}, "metric 'l2'"),
        ({"engine": "milvus"}, "damaged"),
        ({"files": []}, "damaged"),
        ({"count": 21}, "expected float32 (21, 16)"),
    ],
)
def test_manifest_that_says_something_else(path, values, says):
    edit(path, **values)
    assert says in message(path)


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", "null", '"text"'])
def test_damaged_manifest(path, text):
    (path / "manifest.json").write_text(text)
    assert "manifest.json is damaged" in message(path)


@pytest.mark.parametrize("name", ["vectors.npy", "report_vectors.npy", "sketches.npy", "cases.sqlite"])
def test_half_written(path, name):
    content = (path / name).read_bytes()
    (path / name).write_bytes(content[: len(content) // 2])
    assert f"{name} has {len(content) // 2} bytes, expected {len(content)}" in message(path)
    (path / name).unlink()
    assert f"{name} is missing" in message(path)


@pytest.mark.parametrize("name", ["vectors.npy", "cases.sqlite"])
def test_content_of_another_kind(path, name):
    (path / name).write_bytes(b"x" * (path / name).stat().st_size)
    assert "build the index anew" in message(path)


def test_pickled_vectors_are_not_loaded(path):
    np.save(path / "vectors.npy", np.array([{"a": 1}], object), allow_pickle=True)
    edit(path, files={})
    assert "is damaged" in message(path)


def test_a_folder_that_is_no_index_is_never_replaced(made, tmp_path):
    (tmp_path / "photo.jpg").write_text("mine")
    with pytest.raises(IndexStoreError, match="is no index"), update_bundle(tmp_path, made.spec):
        pass
    assert (tmp_path / "photo.jpg").read_text() == "mine"


def test_another_model_adds_nothing(made, path):
    before = made.snapshot(path)
    other = type(made.spec)("model-two", 16, "page-one")
    with pytest.raises(IndexStoreError, match="another index"), update_bundle(path, other):
        pass
    assert made.snapshot(path) == before


@pytest.mark.parametrize(
    ("vectors", "says"),
    [
        (np.eye(2, 8, dtype=np.float32), "shape (2, 8)"),
        (np.eye(3, 16, dtype=np.float32), "shape (3, 16)"),
        (2 * np.eye(2, 16, dtype=np.float32), "has the norm 2; expected unit"),
        (np.full((2, 16), np.nan, np.float32), "expected unit"),
    ],
)
def test_vectors_that_do_not_fit(made, path, vectors, says):
    before = made.snapshot(path)
    with pytest.raises(IndexStoreError) as raised:
        open_bundle(path).add(made.cases(2), vectors)
    assert says in str(raised.value)
    assert made.snapshot(path) == before


def test_a_case_given_twice(made, path):
    with pytest.raises(IndexStoreError, match="given twice"):
        open_bundle(path).add([made.cases(1)[0]] * 2, made.unit(2))


def test_vectors_of_another_length_than_the_model_s_are_refused(made, tmp_path):
    made.bundle(tmp_path / "ix").close()
    with pytest.raises(IndexStoreError, match="vectors of 16 numbers, those of the model have 32"):
        open_bundle(tmp_path / "ix", model_hash=made.spec.model_hash, dim=32)
    with (
        pytest.raises(IndexStoreError, match="vectors of 16 numbers"),
        update_bundle(tmp_path / "ix", replace(made.spec, dim=32)),
    ):
        pass


def test_reading_ends_at_the_first_block_with_a_wrong_norm(made, tmp_path, monkeypatch):
    """A table of holes is as long as somebody likes: 20 rows, of which the first block has one."""
    path = tmp_path / "ix"
    made.bundle(path).close()
    with (path / "vectors.npy").open("r+b") as file:
        file.seek(128)
        file.write(bytes(20 * 16 * 4))
    read, real = [], os.preadv
    monkeypatch.setattr(table, "_BLOCK", 64)
    monkeypatch.setattr(os, "preadv", lambda *args: read.append(args[2]) or real(*args))
    for ask in (
        lambda: open_bundle(path).vectors,
        lambda: open_bundle(path).snapshot().check_table("vectors.npy"),
    ):
        read.clear()
        with pytest.raises(IndexStoreError, match="vectors whose norm is not 1"):
            ask()
        assert read == [128]


def test_verify_keeps_no_table_in_memory(made, tmp_path, monkeypatch):
    bundle = made.bundle(tmp_path / "ix")
    monkeypatch.setattr(snapshot, "read_table", lambda *args: pytest.fail("a table was read"))
    assert bundle.verify() == []


def test_verify_after_a_change_of_folder_sees_what_is_left(made, tmp_path, monkeypatch):
    made.bundle(tmp_path / "ix").close()
    monkeypatch.chdir(tmp_path)
    bundle = open_bundle(Path("ix"))
    (tmp_path / "else").mkdir()
    monkeypatch.chdir(tmp_path / "else")
    (tmp_path / ".ix.old").write_text("no folder")
    (problem,) = bundle.verify()
    assert ".ix.old was left by a writer" in problem


@pytest.mark.parametrize("change", [{"age": np.inf}, {"codes": {"SR": np.nan}}])
def test_a_number_that_is_not_finite_is_refused_with_its_name(made, path, change):
    (name,) = change
    with pytest.raises(IndexStoreError, match=f"the {name} of made/00000 is not finite"):
        open_bundle(path).add([replace(made.cases(1)[0], **change)], made.unit(1))
