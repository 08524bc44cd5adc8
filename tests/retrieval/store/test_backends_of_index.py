"""Which backend an index has, and that the file of one never outlives its generation."""

import json
import os
from dataclasses import replace

import pytest

from ecgclip.errors import ConfigError, IndexStoreError
from ecgclip.retrieval.backends import faiss
from ecgclip.retrieval.backends.registry import Backend
from ecgclip.retrieval.store import swap
from ecgclip.retrieval.store.bundle import open_bundle
from ecgclip.retrieval.store.swap import old_path, partial_path, recover_interrupted_swap
from ecgclip.retrieval.store.writer import update_bundle
from tests.retrieval.store.test_hostile_index import seal

FLAT = Backend.FLAT


def backend_of(path) -> str:
    return json.loads((path / "manifest.json").read_text())["engine"]


def test_a_new_index_has_faiss_and_a_change_keeps_what_there_is(made, tmp_path):
    made.bundle(tmp_path / "new").close()
    assert backend_of(tmp_path / "new") == "faiss"
    made.bundle(tmp_path / "flat", spec=replace(made.spec, backend=FLAT)).add(
        made.cases(1, "x"), made.unit(1)
    )
    assert backend_of(tmp_path / "flat") == "flat"


def test_another_backend_alone_is_a_change(made, tmp_path):
    bundle = made.bundle(tmp_path / "ix")
    before = bundle.search(made.unit(3, 9), 7)
    with update_bundle(tmp_path / "ix", replace(made.spec, backend=FLAT)):
        pass
    assert backend_of(tmp_path / "ix") == "flat"
    assert bundle.search(made.unit(3, 9), 7) == before
    assert bundle.verify() == []


def test_a_stopped_build_may_go_on_with_another_backend(made, tmp_path):
    with pytest.raises(KeyboardInterrupt), update_bundle(tmp_path / "ix", made.spec, resume=True) as update:  # noqa: PT012
        update.add(made.cases(3), made.unit(3))
        update.checkpoint()
        raise KeyboardInterrupt
    with update_bundle(tmp_path / "ix", replace(made.spec, backend=FLAT), resume=True) as update:
        assert len(update.hashes()) == 3
    assert (len(open_bundle(tmp_path / "ix")), backend_of(tmp_path / "ix")) == (3, "flat")


def test_without_the_package_no_index_is_made_and_an_old_one_still_changes(made, tmp_path, monkeypatch):
    made.bundle(tmp_path / "old").close()
    monkeypatch.setattr(faiss, "find_spec", lambda name: None)
    with pytest.raises(ConfigError, match="pip install faiss-cpu"), update_bundle(tmp_path / "ix", made.spec):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["old"]
    assert open_bundle(tmp_path / "old").remove(["made/00003"]) == 1


def with_own_file(made, path, content: bytes = b"vectors of somebody"):
    """An index whose backend keeps a file of its own, as one of tomorrow may."""
    made.bundle(path).close()
    (path / "index.graph").write_bytes(content)
    told = json.loads((path / "manifest.json").read_text())
    told["files"]["index.graph"] = {}
    (path / "manifest.json").write_text(json.dumps(told))
    seal(path)
    assert open_bundle(path).verify() == []
    return path


def test_the_file_of_an_old_backend_is_deleted_with_its_generation(made, tmp_path):
    path = with_own_file(made, tmp_path / "ix")
    (path / "index.html").write_text("mine")
    open_bundle(path).remove(["made/00001"])
    assert not (path / "index.graph").exists()
    assert (path / "index.html").read_text() == "mine"
    assert [entry.name for entry in tmp_path.iterdir()] == ["ix"]


@pytest.mark.parametrize("stop", range(12))
def test_an_old_file_never_takes_the_place_of_a_new_one_wherever_its_deletion_stops(
    made, tmp_path, monkeypatch, stop
):
    """Both generations have a file of that name; the deletion of the old one is stopped at its n-th step."""
    old, new = with_own_file(made, tmp_path / "old"), with_own_file(made, tmp_path / "ix", b"new")
    (old / "notes.txt").write_text("mine")
    old.rename(old_path(new))
    before = {name: (new / name).read_bytes() for name in os.listdir(new)}
    left = [stop]

    def stopping(real):
        def step(*args, **named):
            left[0] -= 1
            if left[0] < 0:
                raise KeyboardInterrupt
            return real(*args, **named)

        return step

    with monkeypatch.context() as patch:
        for name in ("rename", "unlink", "rmdir"):
            patch.setattr(os, name, stopping(getattr(os, name)))
        try:
            recover_interrupted_swap(new)
        except KeyboardInterrupt:
            assert not (old_path(new) / "manifest.json").exists() or stop == 0
    recover_interrupted_swap(new)
    after = {name: (new / name).read_bytes() for name in os.listdir(new)}
    assert after == before | {"notes.txt": b"mine"}
    assert not old_path(new).exists()


def test_without_a_manifest_every_file_that_a_backend_may_have_is_deleted(made, tmp_path):
    """A writer of an earlier version deleted the manifest first, and was killed."""
    path = with_own_file(made, tmp_path / "old")
    path.rename(tmp_path / ".ix.old")
    (tmp_path / ".ix.old" / "manifest.json").unlink()
    made.bundle(tmp_path / "ix").close()
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["ix"]
    assert not (tmp_path / "ix" / "index.graph").exists()


def test_a_file_of_a_person_replaces_none_of_the_new_index(made, tmp_path):
    path = tmp_path / "ix"
    made.bundle(path).close()
    made.bundle(tmp_path / "old").close()
    (tmp_path / "old").rename(old_path(path))
    for folder in (path, old_path(path)):
        (folder / "notes.txt").write_text(folder.name)
    with pytest.raises(FileExistsError, match="would replace"):
        swap.retire(path)
    assert (path / "notes.txt").read_text() == "ix"
    assert any(".ix.old was left by a writer" in problem for problem in open_bundle(path).verify())
    (path / "notes.txt").unlink()
    assert open_bundle(path).verify() == []
    assert (path / "notes.txt").read_text() == ".ix.old"


def test_a_backend_s_file_in_the_folder_of_a_killed_build_is_deleted_with_it(made, tmp_path):
    made.bundle(tmp_path / "ix").close()
    partial_path(tmp_path / "ix").mkdir()
    (partial_path(tmp_path / "ix") / "index.graph").write_bytes(b"half")
    assert open_bundle(tmp_path / "ix").verify() == []
    assert [entry.name for entry in tmp_path.iterdir()] == ["ix"]


@pytest.mark.parametrize("name", ["notes.txt", "index.", "index.a/b", "../index.graph", "manifest.json"])
def test_other_names_in_a_manifest_are_refused(made, tmp_path, name):
    made.bundle(tmp_path / "ix").close()
    told = json.loads((tmp_path / "ix" / "manifest.json").read_text())
    told["files"][name] = told["files"]["vectors.npy"]
    (tmp_path / "ix" / "manifest.json").write_text(json.dumps(told))
    with pytest.raises(IndexStoreError, match=r"manifest.json is damaged"):
        open_bundle(tmp_path / "ix")
