"""Worker processes: what keeps them from working is one line, and Ctrl-C is the parent's alone."""

import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

import pytest

from ecgclip.errors import IndexStoreError
from ecgclip.indexing.build import build_index

from .test_build import MadeSource, ProjectingModel

MASKED = """
from signal import SIG_BLOCK, SIGINT, pthread_sigmask
from types import SimpleNamespace
import ecgclip.indexing.workers as workers
workers._work = lambda batch: [__import__("signal").SIGINT in __import__("signal").pthread_sigmask(0, [])]
source = SimpleNamespace(name="s", ids=[])
print(sum(workers.prepared(source, iter([[("a", None)], [("b", None)]]), 2), []))
"""


def test_ctrl_c_never_reaches_a_worker_not_even_while_it_imports() -> None:
    done = subprocess.run(
        [sys.executable, "-c", MASKED], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stdout == "[True, True]\n", done.stderr


@dataclass(frozen=True)
class Locked(MadeSource):
    """A source that holds what no other process can have."""

    lock: object = field(default_factory=Lock)


def test_a_source_that_cannot_be_sent_to_workers_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(IndexStoreError, match="the source made cannot be sent to worker processes"):
        build_index(Locked(3), tmp_path / "ix", ProjectingModel(), workers=2)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "error", [OSError(28, "No space left on device"), BrokenPipeError(32, "Broken pipe")]
)
def test_workers_that_cannot_be_started_are_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: OSError
) -> None:
    """Without room in /dev/shm, or where no more processes are allowed."""

    def fails(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("loky.ProcessPoolExecutor", fails)
    with pytest.raises(IndexStoreError, match=f"cannot be started .{error.strerror}: .* --workers 1"):
        build_index(MadeSource(3), tmp_path / "ix", ProjectingModel(), workers=2)
    assert list(tmp_path.iterdir()) == []
