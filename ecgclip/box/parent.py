"""`Box`: a child process that answers requests, each within its limits or not at all."""

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from threading import Timer
from typing import Any, Final
from weakref import finalize

from ecgclip.box.limits import Limits, current_limits
from ecgclip.box.message import Facts, Payload, read_message, write_message

_HOME: Final = str(Path(__file__).parent.parent.parent)
_START: Final = (
    "import sys; module, cpu_s, memory_mb, *path = sys.argv[1:]; sys.path[:0] = path; "
    "from ecgclip.box.child import serve; serve(module, int(cpu_s), int(memory_mb))"
)
_OUT_OF_CPU: Final = getattr(signal, "SIGXCPU", None)


class BoxError(Exception):
    """The child gave no answer."""


class OutOfTime(BoxError):
    """The request took longer than it may."""


class OutOfMemory(BoxError):
    """The request needed more memory than it may have."""


class Crashed(BoxError):
    """The child ended by itself: a decoder fell over, often for want of memory."""


class Told(BoxError):
    """The program's own one line of what is wrong."""


class Box:
    """One child with one program (`child.Program`), used by one thread at a time."""

    def __init__(self, module: str, limits: Limits | None = None) -> None:
        """Start the child; that takes no time here, and some 30 ms there.

        module: holds the class `Program`. limits: None for those of the environment.
        """
        self.limits = limits or current_limits()
        self._late = False
        words = [module, str(self.limits.cpu_s), str(self.limits.memory_mb), _HOME]
        places = [place for place in sys.path if os.path.isabs(place)]
        self._child: subprocess.Popen[bytes] = subprocess.Popen(
            # without -S and -I the start-up code of every installed package would run first
            [sys.executable, "-I", "-S", "-B", "-c", _START, *words, *places],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            # one pool of memory for all threads: each further one reserves 64 MB of the address space
            env={**os.environ, "MALLOC_ARENA_MAX": "1"},
        )
        self.close = finalize(self, _end, self._child)
        """Ends the child; also done when the box is forgotten."""

    def ask(
        self, request: Facts, data: Payload = b"", most_bytes: int = 0
    ) -> tuple[dict[str, Any], bytearray]:
        """The program's answer and the bytes with it, of which at most `most_bytes` are taken.

        Errors: BoxError, of which only `Told` leaves the child alive.
        """
        timer = Timer(self.limits.seconds, self._stop)
        timer.daemon = True
        timer.start()
        try:
            message = self._exchange(request, data, most_bytes)
        finally:
            timer.cancel()
        if message is None:
            raise self._fate()
        facts, payload = message
        if "error" in facts:
            raise Told(str(facts["error"]))
        if facts.get("memory"):
            self.close()
            raise OutOfMemory
        return facts.get("answer", {}), payload

    def _exchange(
        self, request: Facts, data: Payload, most_bytes: int
    ) -> tuple[dict[str, Any], bytearray] | None:
        requests, answers = self._child.stdin, self._child.stdout
        if requests is None or answers is None:
            return None
        try:
            write_message(requests, request, data)  # type: ignore[arg-type]
            return read_message(answers, most_bytes)  # type: ignore[arg-type]
        except (OSError, ValueError):  # it has ended, and the pipe with it
            return None

    def _stop(self) -> None:
        self._late = True
        self._child.kill()

    def _fate(self) -> BoxError:
        """Why there was no answer."""
        self._child.kill()
        code = self._child.wait()
        self.close()
        if self._late or (_OUT_OF_CPU is not None and code == -_OUT_OF_CPU):
            return OutOfTime()
        return Crashed()


def _end(child: "subprocess.Popen[bytes]") -> None:
    child.kill()
    for pipe in (child.stdin, child.stdout):
        if pipe is not None:
            with suppress(OSError):  # what was not yet written has nowhere to go
                pipe.close()
    child.wait()
