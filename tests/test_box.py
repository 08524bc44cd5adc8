"""A child process keeps to its time and memory, or is no more."""

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ecgclip.box.limits import MEMORY_MB, SECONDS, Limits, current_limits
from ecgclip.box.message import MOST_FACTS, Payload, read_message, write_message
from ecgclip.box.parent import Box, Crashed, OutOfMemory, OutOfTime, ProgramError
from ecgclip.errors import ConfigError

QUICK = Limits(seconds=1.5, memory_mb=300)
"""1 s of the processor, 3 s by the clock."""


def box(limits: Limits = QUICK, *, lasting: bool = False) -> Box:
    return Box("tests.box_programs", limits, lasting=lasting)


def test_requests_and_bytes_come_back_whatever_the_program_prints() -> None:
    asked = box()
    for size in (0, 1, 3_000_000):
        data = os.urandom(size)
        facts, answer = asked.ask({"do": "echo", "words": "ünïcode"}, Payload.of(data), size)
        assert facts == {"said": "ünïcode"}
        assert bytes(answer) == data[::-1]


@pytest.mark.parametrize("way", ["sleep", "spin"])
def test_what_takes_too_long_is_ended(way: str) -> None:
    asked = box()
    with pytest.raises(OutOfTime):
        asked.ask({"do": way, "seconds": 60})
    assert asked._child.returncode is not None
    with pytest.raises((OutOfTime, Crashed)):
        asked.ask({"do": "echo", "words": "there is no one"})


def test_the_processors_time_is_for_all_requests_or_for_each() -> None:
    limits = Limits(seconds=2.5, memory_mb=300)
    asked, work = box(limits), {"do": "work", "seconds": 0.7}
    asked.ask(work)
    asked.ask(work)
    with pytest.raises(OutOfTime):
        [asked.ask(work) for _ in range(4)]
    lasting = box(limits, lasting=True)
    for _ in range(5):
        assert lasting.ask(work)[0] == {}


def test_more_boxes_than_may_work_take_turns() -> None:
    """None runs out of time while it waits for the others."""
    limits = Limits(seconds=4.0, memory_mb=300)

    def ask(number: int) -> object:
        return box(limits).ask({"do": "sleep", "seconds": 0.75})[0]

    with ThreadPoolExecutor(24) as pool:
        assert list(pool.map(ask, range(24))) == [{}] * 24


def test_what_the_program_starts_ends_with_it() -> None:
    """It holds the pipe of the answers, for which the parent would wait."""
    asked = box()
    with pytest.raises(OutOfTime):
        asked.ask({"do": "start another"})


def test_a_line_that_steers_a_terminal_is_quiet() -> None:
    with pytest.raises(ProgramError, match=r"^\[2J gone \?$"):
        box().ask({"do": "refuse", "words": "\x1b[2J\u202egone \udcff"})


@pytest.mark.skipif(sys.platform == "win32", reason="Windows bounds no address space")
def test_memory_is_bounded() -> None:
    assert box().ask({"do": "fill", "bytes": 50_000_000})[0] == {"bytes": 50_000_000}
    with pytest.raises(OutOfMemory):
        box().ask({"do": "fill", "bytes": 400_000_000})


def test_a_child_that_ends_a_longer_answer_and_a_programs_own_line() -> None:
    with pytest.raises(Crashed):
        box().ask({"do": "end"})
    with pytest.raises(Crashed):
        box().ask({"do": "echo", "words": ""}, Payload.of(b"12345"), most_bytes=4)
    asked = box()
    with pytest.raises(ProgramError, match=r"^no ECG; photograph one$"):
        asked.ask({"do": "refuse"})
    assert asked.ask({"do": "echo", "words": "again"})[0] == {"said": "again"}


@pytest.mark.skipif(sys.platform == "win32", reason="Windows bounds no files")
def test_nothing_can_be_written(tmp_path: Path) -> None:
    assert box().ask({"do": "write", "path": str(tmp_path / "leak")})[0] == {"written": 0}


def test_a_forgotten_box_leaves_no_process() -> None:
    asked = box()
    asked.ask({"do": "echo", "words": ""})
    child = asked._child
    del asked
    for _ in range(200):  # a timer that was just cancelled may still hold it
        if child.returncode is not None:
            return
        time.sleep(0.02)
    raise AssertionError(f"process {child.pid} goes on")


@pytest.mark.skipif(sys.platform == "win32", reason="asks by a signal")
@pytest.mark.parametrize("busy", [False, True])
def test_a_child_ends_with_its_parent(busy: bool) -> None:
    code = (
        "import os, threading, time; from ecgclip.box.parent import Box\n"
        "box = Box('tests.box_programs'); box.ask({'do': 'echo', 'words': ''})\n"
        "print(box._child.pid, flush=True)\n"
        f"if {busy}: threading.Thread(target=box.ask, args=({{'do': 'spin'}},), daemon=True).start()\n"
        "time.sleep(.3); os._exit(0)"
    )
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)
    pid = int(done.stdout)
    for _ in range(200):
        state = Path(f"/proc/{pid}/stat")
        if not state.exists() or state.read_text().split()[2] == "Z":
            return
        time.sleep(0.02)
    raise AssertionError(f"process {pid} goes on")


def test_the_environment_may_allow_more(monkeypatch: pytest.MonkeyPatch) -> None:
    assert current_limits() == Limits(10.0, 1000)
    monkeypatch.setenv(SECONDS, "2.5")
    monkeypatch.setenv(MEMORY_MB, "4000")
    assert current_limits() == Limits(2.5, 4000)
    for wrong in ("0", "-1", "nan", "inf", "many", "1e9"):
        monkeypatch.setenv(SECONDS, wrong)
        with pytest.raises(ConfigError, match=r"ECGCLIP_BOX_SECONDS is .* from 1 to 3600"):
            current_limits()


def test_a_message_is_read_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    with path.open("wb") as file:
        write_message(file, {"a": 1}, Payload(3, (b"x", memoryview(b"yz"))))
    whole = path.read_bytes()
    with path.open("rb") as file:
        assert read_message(file, 3) == ({"a": 1}, b"xyz")
        assert read_message(file, 3) is None
    lies = [whole[:cut] for cut in range(len(whole))]
    lies += [b"\xff\xff\xff\x7f" + whole[4:], whole[:4] + b"\xff" * 8 + whole[12:]]
    lies += [(MOST_FACTS + 1).to_bytes(4, "little") + bytes(8) + b" " * (MOST_FACTS + 1)]
    lies += [
        (9000).to_bytes(4, "little") + bytes(8) + b"[" * 9000,
        (2).to_bytes(4, "little") + bytes(8) + b"[]",
    ]
    for lie in lies:
        path.write_bytes(lie)
        with path.open("rb") as file:
            assert read_message(file, 1000) is None
