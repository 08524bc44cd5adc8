"""Who was removed is gone: from the index and from all that a killed command left beside it."""

import os
import shutil
import subprocess
import sys
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ecgclip.errors import IndexStoreError
from ecgclip.retrieval.store import leftovers, removal, writer
from ecgclip.retrieval.store.bundle import open_bundle
from ecgclip.retrieval.store.cases import CaseStore
from ecgclip.retrieval.store.lock import BusyIndexError
from ecgclip.retrieval.store.manifest import CASES
from ecgclip.retrieval.store.removal import remove_cases
from ecgclip.retrieval.store.swap import old_path, partial_path
from ecgclip.retrieval.store.writer import update_bundle

SECRET = "unspeakable diagnosis "
TRACES = np.full((1, 4, 1000), 1.2345)


def traces_of(folder: Path, needles: list[bytes]) -> set[str]:
    """The files anywhere below a folder that hold one of the needles."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {
        str(path.relative_to(folder))
        for path in files
        if any(needle in path.read_bytes() for needle in needles)
    }


@pytest.fixture
def needles(made) -> list[bytes]:
    return [SECRET.encode(), made.unit(1, 99).tobytes(), TRACES.astype("<f2").tobytes()[:64]]


def with_secret(made, path: Path) -> Path:
    made.bundle(path).close()
    secret = replace(made.cases(1)[0], case_id="made/secret", report=SECRET * 300, patient_id="gone")
    vector = made.unit(1, 99)
    open_bundle(path).add([secret], vector, vector, TRACES)
    return path


KILLER = """
import os, shutil, signal, sys
from ecgclip.retrieval.store.bundle import open_bundle
whole, folder = sys.argv[1:]
STEPS = {"open", "os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.chmod", "sqlite3.connect", "fsync"}

def remove_until(place, last):
    left = last
    def step(event, arguments):
        nonlocal left
        if event not in STEPS:
            return
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)
    real = os.fsync
    os.fsync = lambda handle: (step("fsync", ()), real(handle))
    bundle = open_bundle(place + "/ix")
    sys.addaudithook(step)
    bundle.remove(patient_ids=["gone"])
    left = 10**9

for last in range(1000):
    place = f"{folder}/{last:03d}"
    shutil.copytree(whole, place)
    child = os.fork()
    if child == 0:
        remove_until(place, last)
        os._exit(0)
    if os.waitpid(child, 0)[1] == 0:
        break
"""


@pytest.fixture(scope="module")
def killed(tmp_path_factory) -> list[Path]:
    """Folders with an index whose removal was killed at its first, second, … step; the last one was not."""
    from tests.retrieval.conftest import Made

    folder = tmp_path_factory.mktemp("killed")
    with_secret(Made, folder / "whole" / "ix")
    (folder / "at").mkdir()
    command = [sys.executable, "-B", "-c", KILLER, str(folder / "whole"), str(folder / "at")]
    done = subprocess.run(command, capture_output=True, env=os.environ | {"OPENBLAS_NUM_THREADS": "1"})
    assert (done.returncode, done.stderr) == (0, b"")
    return sorted((folder / "at").iterdir())


def test_a_removal_killed_at_any_step_leaves_traces_beside_the_index(killed, needles):
    """The control of the tests below: the search finds what is there."""
    assert len(killed) > 40
    places = set().union(*(traces_of(folder, needles) for folder in killed))
    assert {"ix/cases.sqlite", ".ix.old/cases.sqlite", ".ix.old/vectors.npy"} <= places
    assert any(name.startswith(".ix.partial/") for name in places)
    assert traces_of(killed[-1], needles) == set()


@pytest.mark.parametrize("then", ["open", "verify", "another command"])
def test_what_follows_a_killed_removal_leaves_nothing(killed, needles, made, tmp_path, then):
    for folder in killed:
        place = shutil.copytree(folder, tmp_path / folder.name)
        if then == "another command":
            with update_bundle(place / "ix", made.spec) as update:
                update.add(made.cases(1, "x"), made.unit(1))
        bundle = open_bundle(place / "ix")
        assert bundle.verify() == [] or then == "open"
        there = bool(bundle.cases.of_patient("gone"))
        expected = {f"ix/{name}" for name in ("cases.sqlite", "vectors.npy", "report_vectors.npy")}
        assert traces_of(place, needles) == (expected if there else set())
        assert [path.name for path in place.iterdir()] == ["ix"]


def test_asking_again_removes_or_says_that_nobody_is_there(killed, needles, tmp_path):
    answers = set()
    for folder in killed:
        place = shutil.copytree(folder, tmp_path / folder.name)
        found = traces_of(place, needles)
        if not found:
            answers.add("nobody")
            with suppress(IndexStoreError):  # there is no patient gone
                assert remove_cases(place / "ix", patient_ids=["gone"]).removed == 0
        else:
            done = remove_cases(place / "ix", patient_ids=["gone"])
            answers.add(("index" if done.removed else "", *sorted(path.name for path in done.leftovers)))
            assert done.removed or done.leftovers
            assert done.cases == 20
        assert traces_of(place, needles) == set()
        assert [path.name for path in place.iterdir()] == ["ix"]
    assert {"nobody", ("index",), ("", ".ix.old"), ("index", ".ix.partial")} <= answers


def stopped_build(made, path: Path) -> None:
    """A build that was stopped after its first batch, with a new patient in it."""
    secret = replace(made.cases(1)[0], case_id="made/new", report=SECRET * 300, patient_id="new")
    with pytest.raises(KeyboardInterrupt), update_bundle(path, made.spec, resume=True) as update:  # noqa: PT012
        update.add([secret], made.unit(1, 99), made.unit(1, 99), TRACES)
        update.checkpoint()
        raise KeyboardInterrupt


@pytest.mark.parametrize("built_before", [True, False])
def test_a_patient_of_a_stopped_build_alone_is_removed_with_it(made, needles, tmp_path, built_before):
    path = tmp_path / "ix"
    if built_before:
        made.bundle(path).close()
    stopped_build(made, path)
    assert ".ix.partial/cases.sqlite" in traces_of(tmp_path, needles)
    with pytest.raises(IndexStoreError, match=r"no patient nobody|does not exist"):
        remove_cases(path, patient_ids=["nobody"])
    assert partial_path(path).exists()
    done = remove_cases(path, patient_ids=["new"])
    assert (done.removed, done.cases, done.leftovers) == (0, 20 * built_before, (partial_path(path),))
    assert traces_of(tmp_path, needles) == set()
    assert not partial_path(path).exists()


def test_removing_anybody_ends_a_stopped_build(made, needles, tmp_path):
    made.bundle(tmp_path / "ix").close()
    stopped_build(made, tmp_path / "ix")
    open_bundle(tmp_path / "ix").remove(["made/00003"])
    assert traces_of(tmp_path, needles) == set()


def test_a_stopped_build_waits_while_the_index_is_asked_and_verified(made, tmp_path):
    made.bundle(tmp_path / "ix").close()
    stopped_build(made, tmp_path / "ix")
    assert open_bundle(tmp_path / "ix").verify() == []
    with update_bundle(tmp_path / "ix", made.spec, resume=True) as update:
        assert "made/new" in update.hashes()


def test_a_folder_half_deleted_is_never_taken_for_an_index(made, tmp_path):
    made.bundle(tmp_path / "ix").close()
    (tmp_path / "ix").rename(old_path(tmp_path / "ix"))
    (old_path(tmp_path / "ix") / "manifest.json").unlink()
    with pytest.raises(IndexStoreError, match="does not exist"):
        open_bundle(tmp_path / "ix")


def test_journals_of_another_program_are_deleted(made, needles, tmp_path):
    path = with_secret(made, tmp_path / "ix")
    for end in ("-wal", "-journal"):
        shutil.copyfile(path / "cases.sqlite", path / f"cases.sqlite{end}")
    (path / "notes.txt").write_text("mine")
    remove_cases(path, ["made/secret"])
    assert traces_of(tmp_path, needles) == set()
    assert (path / "notes.txt").read_text() == "mine"


def test_one_who_may_not_write_is_answered_and_verify_tells(made, tmp_path, monkeypatch):
    path = tmp_path / "ix"
    made.bundle(path).close()
    shutil.copytree(path, old_path(path))

    def forbidden(index: Path, wait_s: float = 0) -> None:
        raise IndexStoreError(f"index {index} cannot be locked for writing (Permission denied)")

    monkeypatch.setattr(leftovers, "writing_lock", forbidden)
    monkeypatch.setattr(removal, "writing_lock", forbidden)
    bundle = open_bundle(path)
    assert len(bundle.search(made.unit(1), 3)[0]) == 3
    assert bundle.verify() == [
        f"{old_path(path)} was left by a writer that was stopped and may hold removed cases; delete it"
    ]
    with pytest.raises(IndexStoreError, match=r"Permission denied|cannot be deleted"):
        remove_cases(path, ["made/00001"])


def test_an_old_index_that_cannot_be_deleted_is_no_removal(made, tmp_path, monkeypatch):
    path = with_secret(made, tmp_path / "ix")
    bundle = open_bundle(path)
    real = Path.unlink

    def stubborn(self: Path, missing_ok: bool = False) -> None:
        if self.parent == old_path(path):
            raise PermissionError(1, "Operation not permitted")
        real(self, missing_ok)

    monkeypatch.setattr(Path, "unlink", stubborn)
    with pytest.raises(IndexStoreError, match="the old one beside it could not be deleted"):
        bundle.remove(["made/secret"])


def meanwhile(monkeypatch, owner: object, name: str, deed) -> list[str]:
    """Somebody else does `deed` once, after the first call of a function; the list tells how it went."""
    real, told = getattr(owner, name), []

    def wrapped(*args, **named):
        result = real(*args, **named)
        if not told:
            told.append("under way")
            try:
                deed()
                told[0] = "done"
            except BusyIndexError:
                told[0] = "refused"
        return result

    monkeypatch.setattr(owner, name, wrapped)
    return told


def go_on(made, path: Path) -> None:
    """Another run of a stopped build, which ends."""
    with update_bundle(path, made.spec, resume=True) as update:
        update.add(made.cases(1, "rest"), made.unit(1))


@pytest.mark.parametrize("built_before", [True, False])
def test_a_build_that_goes_on_while_its_patient_is_removed_puts_nobody_back(
    made, needles, tmp_path, monkeypatch, built_before
):
    path = tmp_path / "ix"
    if built_before:
        made.bundle(path).close()
    stopped_build(made, path)
    told = meanwhile(monkeypatch, leftovers, "_count_in", lambda: go_on(made, path))
    done = remove_cases(path, patient_ids=["new"])
    assert told == ["refused"]
    assert (done.removed, done.cases, done.leftovers) == (0, 20 * built_before, (partial_path(path),))
    assert traces_of(tmp_path, needles) == set()


def test_a_case_that_a_build_adds_while_its_patient_is_removed_goes_too(made, needles, tmp_path, monkeypatch):
    path = with_secret(made, tmp_path / "ix")
    more = replace(made.cases(1)[0], case_id="made/more", report=SECRET, patient_id="gone")
    told = meanwhile(
        monkeypatch, CaseStore, "of_patient", lambda: open_bundle(path).add([more], made.unit(1, 99))
    )
    assert remove_cases(path, patient_ids=["gone"]).removed == 1
    assert told == ["refused"]
    assert traces_of(tmp_path, needles) == set()


def test_of_two_removals_at_once_the_second_is_told_of_the_first(made, tmp_path, monkeypatch):
    path = with_secret(made, tmp_path / "ix")
    told = meanwhile(monkeypatch, CaseStore, "of_patient", lambda: remove_cases(path, ["made/00001"]))
    assert remove_cases(path, patient_ids=["gone"]).cases == 20
    assert told == ["refused"]
    assert remove_cases(path, ["made/00001"]).cases == 19


def test_a_removal_that_took_nobody_out_is_never_acknowledged(made, tmp_path, monkeypatch):
    path = with_secret(made, tmp_path / "ix")
    monkeypatch.setattr(writer.BundleWriter, "remove", lambda self, names: len(names))
    with pytest.raises(IndexStoreError, match="ix may still hold what was to be removed"):
        remove_cases(path, patient_ids=["gone"])


def test_somebody_elses_file_in_a_folder_of_ours_is_never_deleted(made, tmp_path):
    made.bundle(tmp_path / "ix")
    partial = tmp_path / ".ix.partial"
    partial.mkdir()
    (partial / "thesis.txt").write_text("three years of work")
    (partial / CASES).write_bytes(b"ours")
    found = open_bundle(tmp_path / "ix").verify()
    assert (partial / "thesis.txt").read_text() == "three years of work"
    assert not (partial / CASES).exists()
    assert any(".ix.partial" in problem for problem in found)
    with pytest.raises(IndexStoreError, match=r"holds 'thesis\.txt', which ecgclip did not write"):
        open_bundle(tmp_path / "ix").add(made.cases(1, "more"), made.unit(1))
    (partial / "thesis.txt").unlink()
    assert open_bundle(tmp_path / "ix").verify() == []
