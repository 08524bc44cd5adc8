"""A write that fails, is killed or finds the disk full leaves the index as it was."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ecgclip.errors import IndexStoreError
from ecgclip.retrieval.store import swap, vector_file, writer
from ecgclip.retrieval.store.bundle import open_bundle
from ecgclip.retrieval.store.lock import lock_path, writing_lock
from ecgclip.retrieval.store.writer import update_bundle


@pytest.fixture
def path(made, tmp_path):
    made.bundle(tmp_path / "ix").close()
    return tmp_path / "ix"


def alone(path: Path) -> bool:
    return [other.name for other in path.parent.iterdir()] == [path.name]


def test_an_exception_changes_nothing(made, path):
    before = made.snapshot(path)
    with pytest.raises(KeyError), update_bundle(path, made.spec) as update:  # noqa: PT012
        update.add(made.cases(3, "new"), made.unit(3))
        raise KeyError
    assert made.snapshot(path) == before
    assert alone(path)


def failing(monkeypatch, place, name: str, after: int) -> None:
    """Let the `after`-th call of a function find the disk full."""
    real, calls = getattr(place, name), []

    def full(*args):
        calls.append(args)
        if len(calls) > after:
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(*args)

    monkeypatch.setattr(place, name, full)


@pytest.mark.parametrize(
    ("place", "name", "after"),
    [
        (vector_file.VectorFile, "write", 0),
        (vector_file.VectorFile, "write", 1),
        (vector_file.VectorFile, "sync", 1),
        (vector_file.VectorFile, "finish", 1),
        (writer, "seal", 2),
        (writer, "write_manifest", 0),
        (writer, "sync", 0),
        (os, "rename", 0),
        (os, "rename", 1),
    ],
)
def test_a_full_disk_changes_nothing(made, path, monkeypatch, place, name, after):
    before = made.snapshot(path)
    with monkeypatch.context() as patch:
        failing(patch, place, name, after)
        bundle = open_bundle(path)
        with pytest.raises(IndexStoreError, match="disk is full; it is as it was; make room") as raised:
            bundle.add(made.cases(3, "new"), made.unit(3))
        assert "\n" not in str(raised.value)
        patch.undo()
    open_bundle(path).close()
    assert made.snapshot(path) == before
    bundle = open_bundle(path)
    assert alone(path)
    bundle.add(made.cases(3, "new"), made.unit(3))
    assert len(bundle) == 23


SMALL_DISK = """
import resource, sys
from ecgclip.errors import IndexStoreError
from ecgclip.retrieval.store.bundle import open_bundle
sys.path.insert(0, sys.argv[3])
from conftest import some_cases, some_traces, unit
bundle = open_bundle(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]),) * 2)
try:
    bundle.add(some_cases(300, "new"), unit(300), unit(300), some_traces(300))
except IndexStoreError as error:
    sys.exit(str(error))
"""


@pytest.mark.parametrize("limit", [0, 1000, 30_000, 1_000_000])
def test_a_real_limit_of_file_size_changes_nothing(made, path, limit):
    before = made.snapshot(path)
    command = [sys.executable, "-B", "-c", SMALL_DISK, path, str(limit), str(Path(__file__).parents[1])]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 1
    assert "could not be written" in done.stderr
    assert done.stderr.count("\n") == 1
    assert made.snapshot(path) == before
    assert alone(path)


KILLED = """
import os, signal, sys
sys.path.insert(0, sys.argv[2])
from conftest import SPEC, some_cases, some_traces, unit
from ecgclip.retrieval.store import partial
from ecgclip.retrieval.store import swap
from ecgclip.retrieval.store import vector_file
from ecgclip.retrieval.store import writer
from ecgclip.retrieval.store.writer import update_bundle
place, name = eval(sys.argv[3]), sys.argv[4]
left = int(sys.argv[5])
real = getattr(place, name)
def deadly(*args, **options):
    global left
    left -= 1
    if left < 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return real(*args, **options)
setattr(place, name, deadly)
with update_bundle(sys.argv[1], SPEC, resume=True) as update:
    update.add(some_cases(5, "first"), unit(5, 11), unit(5, 12), some_traces(5))
    update.checkpoint()
    update.remove(["made/00001"])
    update.add(some_cases(5, "second"), unit(5, 13))
"""


def killed(path: Path, place: str, name: str, after: int) -> int:
    here = str(Path(__file__).parents[1])
    command = [sys.executable, "-B", "-c", KILLED, path, here, place, name, str(after)]
    return subprocess.run(command, capture_output=True).returncode


KILLS = [
    ("writer", "begin", 0),
    ("partial.Partial", "upsert", 0),
    ("partial.Partial", "upsert", 1),
    ("partial.Partial", "finish", 0),
    ("partial.Partial", "_compact", 0),
    ("vector_file.VectorFile", "finish", 1),
    ("writer", "write_manifest", 0),
    ("os", "rename", 0),
    ("os", "rename", 1),
    ("os", "rmdir", 0),
]


@pytest.mark.parametrize(("place", "name", "after"), KILLS)
def test_killed_at_any_moment_the_old_index_or_the_new_one_is_there(made, path, place, name, after):
    assert killed(path, place, name, after) == -9
    bundle = open_bundle(path)
    assert len(bundle) == (29 if name == "rmdir" else 20)
    assert bundle.verify() == []
    with update_bundle(path, made.spec, resume=True) as update:
        update.add(made.cases(5, "second"), made.unit(5, 13))
    bundle = open_bundle(path)
    assert bundle.verify() == []
    assert bundle.case("second/00003").report == "report 3"
    assert alone(path)


def test_a_killed_build_goes_on_from_its_checkpoint(made, path):
    assert killed(path, "partial.Partial", "upsert", 1) == -9
    with update_bundle(path, made.spec, resume=True) as update:
        names = set(update.hashes()) - set(update.base_hashes())
        assert names == {f"first/{i:05d}" for i in range(5)}
    bundle = open_bundle(path)
    assert len(bundle) == 25
    assert bundle.search(made.unit(5, 11)[3], 1)[0][0].case_id == "first/00003"


def test_what_another_command_left_is_not_resumed(made, path):
    assert killed(path, "partial.Partial", "upsert", 1) == -9
    open_bundle(path).add(made.cases(1, "other"), made.unit(1))
    assert len(open_bundle(path)) == 21
    assert alone(path)


def test_a_build_on_an_index_that_changed_meanwhile_starts_anew(made, path):
    assert killed(path, "partial.Partial", "upsert", 1) == -9
    partial = swap.partial_path(path)
    partial.rename(path.parent / "aside")
    open_bundle(path).remove(["made/00000"])
    (path.parent / "aside").rename(partial)
    with update_bundle(path, made.spec, resume=True) as update:
        assert update.hashes() == update.base_hashes()


def test_a_live_writer_keeps_others_out_and_readers_in(made, path):
    with (
        update_bundle(path, made.spec) as update,
        pytest.raises(IndexStoreError, match=f"being written by process {os.getpid()}; wait"),
        update_bundle(path, made.spec),
    ):
        update.add(made.cases(1, "x"), made.unit(1))
    assert len(open_bundle(path)) == 20


def test_the_lock_of_a_dead_writer_is_taken_over(made, path):
    lock_path(path).write_text(f"{os.getppid()}\n")
    with writing_lock(path):
        assert lock_path(path).read_text() == f"{os.getpid()}\n"
    assert alone(path)


def test_what_a_person_put_beside_the_files_stays(made, path):
    (path / "notes.txt").write_text("mine")
    open_bundle(path).remove(["made/00000"])
    assert (path / "notes.txt").read_text() == "mine"
    assert alone(path)


def test_a_link_to_an_index_stays_a_link(made, path):
    link = path.parent / "default"
    link.symlink_to(path, target_is_directory=True)
    open_bundle(link).remove(["made/00000"])
    assert link.is_symlink()
    assert len(open_bundle(path)) == 19


def test_nothing_written_makes_no_index(made, tmp_path):
    with update_bundle(tmp_path / "new", made.spec):
        pass
    assert list(tmp_path.iterdir()) == []
