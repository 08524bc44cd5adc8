"""`Box`: a child process that answers requests, each within its limits or not at all."""

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from threading import BoundedSemaphore, Timer
from typing import Any, Final
from weakref import finalize

from ecgclip.box.limits import Limits, current_limits
from ecgclip.box.message import NOTHING, Facts, Payload, read_message, write_message
from ecgclip.files import one_line

_HOME: Final = str(Path(__file__).parent.parent.parent)
_START: Final = (
    "import sys; module, cpu_s, memory_mb, lasting, *path = sys.argv[1:]; sys.path[:0] = path; "
    "from ecgclip.box.child import serve; serve(module, int(cpu_s), int(memory_mb), lasting == 'True')"
)
_OUT_OF_CPU: Final = getattr(signal, "SIGXCPU", None)
_AT_WORK: Final = BoundedSemaphore(max(4, 2 * (os.cpu_count() or 1)))
"""Boxes at work beside each other: more would wait for the processor, and run out of time while they do."""


class BoxError(Exception):
    """The child gave no answer."""


class OutOfTime(BoxError):
    """The request took longer than it may."""


class OutOfMemory(BoxError):
    """The request needed more memory than it may have."""


class Crashed(BoxError):
    """The child process ended before it answered, often because a decoder ran out of memory."""


class ProgramError(BoxError):
    """The program in the child refused the request; its message is one line."""


class Box:
    """One child with one program (`child.Program`), used by one thread at a time."""

    def __init__(self, module: str, limits: Limits | None = None, *, lasting: bool = False) -> None:
        """Start the child; that takes no time here, and some 30 ms there.

        module: holds the class `Program`. limits: None for those of the environment. lasting: the
        limit of processor seconds holds for each request; else for all of them together.
        Errors: OSError where no process can be started.
        """
        self.limits = limits or current_limits()
        self._late = False
        words = [module, str(self.limits.cpu_s), str(self.limits.memory_mb), str(lasting), _HOME]
        places = [place for place in sys.path if os.path.isabs(place)]
        self._child: subprocess.Popen[bytes] = subprocess.Popen(
            # without -S and -I the start-up code of every installed package would run first
            [sys.executable, "-I", "-S", "-B", "-c", _START, *words, *places],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            process_group=0 if os.name == "posix" else None,
            # one pool of memory for all threads: each further one reserves 64 MB of the address space
            env={**os.environ, "MALLOC_ARENA_MAX": "1", "OPENBLAS_NUM_THREADS": "1"},
        )
        self.close = finalize(self, _end, self._child)
        """Ends the child; also done when the box is forgotten."""

    def ask(
        self, request: Facts, data: Payload = NOTHING, most_bytes: int = 0
    ) -> tuple[dict[str, Any], bytes]:
        """The program's answer and the bytes with it, of which at most `most_bytes` are taken.

        Errors: BoxError, of which only `ProgramError` leaves the child alive.
        """
        with _AT_WORK:
            message = self._timed(request, data, most_bytes)
        if message is None:
            raise self._failure()
        facts, payload = message
        if "error" in facts:
            raise ProgramError(one_line(str(facts["error"]).encode("utf-8", "replace").decode()))
        answer = facts.get("answer")
        if not isinstance(answer, dict):
            self.close()
            raise OutOfMemory if facts.get("memory") else Crashed
        return answer, payload

    def _timed(self, request: Facts, data: Payload, most_bytes: int) -> tuple[dict[str, Any], bytes] | None:
        timer = Timer(self.limits.wall_s, self._stop)
        timer.daemon = True
        try:
            timer.start()
        except RuntimeError:  # no thread can be started: no request is sent without a time limit
            return None
        try:
            return self._exchange(request, data, most_bytes)
        finally:
            timer.cancel()

    def _exchange(
        self, request: Facts, data: Payload, most_bytes: int
    ) -> tuple[dict[str, Any], bytes] | None:
        requests, answers = self._child.stdin, self._child.stdout
        if requests is None or answers is None:
            return None
        try:
            write_message(requests, request, data)  # type: ignore[arg-type]
            return read_message(answers, most_bytes)  # type: ignore[arg-type]
        except (OSError, ValueError):  # the child has ended, which closed the pipe
            return None

    def _stop(self) -> None:
        self._late = True
        _kill(self._child)

    def _failure(self) -> BoxError:
        """The error that says why there was no answer."""
        _kill(self._child)
        code = self._child.wait()
        self.close()
        if self._late or (_OUT_OF_CPU is not None and code == -_OUT_OF_CPU):
            return OutOfTime()
        return Crashed()


def _kill(child: "subprocess.Popen[bytes]") -> None:
    """The child, and what a decoder that was taken over may have started: it would hold the pipe."""
    if child.returncode is not None:
        return
    with suppress(OSError):
        if os.name == "posix":
            os.killpg(child.pid, signal.SIGKILL)
    child.kill()


def _end(child: "subprocess.Popen[bytes]") -> None:
    _kill(child)
    for pipe in (child.stdin, child.stdout):
        if pipe is not None:
            with suppress(OSError):  # what was not yet written has nowhere to go
                pipe.close()
    child.wait()
