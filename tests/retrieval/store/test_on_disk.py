"""An index is its owner's alone, and nothing that others planted is followed or emptied."""

import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from ecgclip.errors import IndexStoreError
from ecgclip.retrieval.backends.registry import Backend
from ecgclip.retrieval.store.bundle import open_bundle
from ecgclip.retrieval.store.lock import lock_path, writing_lock
from ecgclip.retrieval.store.removal import remove_cases
from ecgclip.retrieval.store.swap import old_path, partial_path
from ecgclip.retrieval.store.writer import update_bundle


@pytest.fixture(params=[0o000, 0o022, 0o077])
def umask(request) -> Iterator[int]:
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def modes(folder: Path) -> dict[str, str]:
    """The permissions of everything below a folder."""
    return {
        str(path.relative_to(folder)): oct(stat.S_IMODE(path.lstat().st_mode)) for path in folder.rglob("*")
    }


def assert_private(folder: Path) -> None:
    for name, mode in modes(folder).items():
        assert mode == (oct(0o700) if (folder / name).is_dir() else oct(0o600)), name


def test_only_the_owner_reads_an_index_while_and_after_it_is_written(made, tmp_path, umask):
    path = tmp_path / "ix"
    made.bundle(path, spec=replace(made.spec, backend=Backend.FAISS)).close()
    assert_private(tmp_path)
    spec = replace(made.spec, backend=Backend.FAISS)
    with update_bundle(path, spec, resume=True) as update:
        update.add(made.cases(3, "more"), made.unit(3))
        assert {"ix", ".ix.partial", ".ix.lock", ".ix.partial/cases.sqlite-journal"} <= modes(tmp_path).keys()
        assert_private(tmp_path)
        update.checkpoint()
    assert_private(tmp_path)


def test_looser_permissions_of_before_are_tightened(made, tmp_path):
    path = tmp_path / "ix"
    made.bundle(path).close()
    path.chmod(0o755)
    for file in path.iterdir():
        file.chmod(0o644)
    open_bundle(path).remove(["made/00001"])
    assert_private(tmp_path)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away")
def test_an_index_that_root_changes_stays_its_owners(made, tmp_path):
    path = tmp_path / "ix"
    made.bundle(path).close()
    for place in (path, *path.iterdir()):
        os.chown(place, 4711, 4712)
    open_bundle(path).remove(["made/00001"])
    owners = {(place.stat().st_uid, place.stat().st_gid) for place in (path, *path.iterdir())}
    assert owners == {(4711, 4712)}
    assert_private(tmp_path)


def test_a_lock_that_is_a_link_locks_nothing(made, tmp_path):
    victim = tmp_path / "victim"
    victim.write_text("mine")
    lock_path(tmp_path / "ix").symlink_to(victim)
    with pytest.raises(IndexStoreError, match="is a link"), writing_lock(tmp_path / "ix"):
        pass
    assert victim.read_text() == "mine"


def test_a_lock_that_leads_nowhere_makes_no_file(made, tmp_path):
    lock_path(tmp_path / "ix").symlink_to(tmp_path / "planted")
    with pytest.raises(IndexStoreError, match="is a link"), writing_lock(tmp_path / "ix"):
        pass
    assert not (tmp_path / "planted").exists()


@pytest.mark.parametrize("kind", ["text", "second name", "fifo", "folder"])
def test_a_lock_of_somebody_else_is_neither_emptied_nor_deleted(tmp_path, kind):
    lock = lock_path(tmp_path / "ix")
    match kind:
        case "text":
            lock.write_text("my notes")
        case "second name":
            (tmp_path / "victim").write_text("77")
            os.link(tmp_path / "victim", lock)
        case "fifo":
            os.mkfifo(lock)
        case "folder":
            lock.mkdir()
    with pytest.raises(IndexStoreError, match=r"cannot be locked") as raised, writing_lock(tmp_path / "ix"):
        pass
    assert "\n" not in str(raised.value)
    assert lock.exists()
    if kind == "text":
        assert lock.read_text() == "my notes"


def test_an_old_or_partial_folder_that_is_a_link_is_not_followed(made, tmp_path):
    path, victim = tmp_path / "ix", tmp_path / "victim"
    made.bundle(path).close()
    victim.mkdir()
    (victim / "cases.sqlite").write_text("mine")
    (victim / "notes").write_text("mine")
    for planted in (old_path(path), partial_path(path)):
        planted.symlink_to(victim)
        bundle = open_bundle(path)
        assert len(bundle) == 20
        assert any("was left by a writer" in problem for problem in bundle.verify())
        with pytest.raises(IndexStoreError, match="no folder that ecgclip made; delete it yourself"):
            bundle.remove(["made/00001"])
        planted.unlink()
    assert sorted(file.name for file in victim.iterdir()) == ["cases.sqlite", "notes"]
    assert (victim / "cases.sqlite").read_text() == "mine"


@pytest.mark.parametrize("name", ["manifest.json", "vectors.npy", "cases.sqlite", "partial.json"])
def test_links_planted_in_the_folder_of_a_stopped_build_are_not_written_to(made, tmp_path, name):
    path, victim = tmp_path / "ix", tmp_path / "victim"
    victim.write_text("mine")
    with pytest.raises(KeyboardInterrupt), update_bundle(path, made.spec, resume=True) as update:  # noqa: PT012
        update.add(made.cases(3), made.unit(3))
        update.checkpoint()
        raise KeyboardInterrupt
    (partial_path(path) / name).unlink(missing_ok=True)
    (partial_path(path) / name).symlink_to(victim)
    with suppress(IndexStoreError), update_bundle(path, made.spec, resume=True) as update:
        update.add(made.cases(3), made.unit(3))
    assert victim.read_text() == "mine"


@pytest.mark.parametrize("place", ["/", "/.", "/tmp/.."])
def test_the_root_is_no_index_and_it_is_said(made, place):
    for ask in (open_bundle, lambda path: remove_cases(Path(path), ["made/00001"])):
        with pytest.raises(IndexStoreError, match="cannot be an index: it lies in no folder"):
            ask(place)
    with pytest.raises(IndexStoreError, match="cannot be an index"), update_bundle(place, made.spec):
        pass


@pytest.mark.parametrize("mode", [0o777, 0o720, 0o702])
def test_verify_tells_of_an_index_that_others_can_change(made, tmp_path, mode):
    bundle = made.bundle(tmp_path / "ix")
    (tmp_path / "ix").chmod(mode)
    assert bundle.verify() == [
        f"{tmp_path / 'ix'} can be changed by others; run chmod -R go= {tmp_path / 'ix'}"
    ]
