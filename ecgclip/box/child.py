"""What runs in the child: its limits, then one program that answers requests until the pipe is closed.

It is started by `parent.Box` without site-packages' start-up code; what it imports is what its program needs.
"""

import os
import select
import sys
from importlib import import_module
from threading import Thread
from typing import Any, BinaryIO, Final, Protocol

from ecgclip.box.message import NOTHING, Facts, Payload, read_message, write_message
from ecgclip.errors import EcgClipError

MOST_REQUEST: Final = 500_000_000
_MB: Final = 1_000_000


class Program(Protocol):
    """What a module that runs in a box defines under the name `Program`: one object that answers requests."""

    def answer(self, request: Facts, data: bytes) -> tuple[Facts, Payload]:
        """Errors: EcgClipError, whose one line the parent raises; MemoryError."""
        ...


def serve(module: str, cpu_s: int, memory_mb: int, lasting: bool) -> None:
    """Answer requests for the program of a module.

    lasting: the limit of processor seconds holds for each request; else for all of them together.
    """
    requests, answers = _pipes()
    Thread(target=_end_with_parent, daemon=True).start()
    _confine(memory_mb)
    _allow_cpu(cpu_s)
    program: Program = import_module(module).Program()
    while (request := read_message(requests, MOST_REQUEST)) is not None:
        if lasting:
            _allow_cpu(cpu_s)
        facts, payload = _answered(program, *request)
        del request
        try:
            write_message(answers, facts, payload)
        except MemoryError:  # the answer has begun: its end is all that can still be said
            os._exit(1)


def _answered(program: Program, facts: Facts, data: bytes) -> tuple[Facts, Payload]:
    try:
        answer, payload = program.answer(facts, data)
    except MemoryError:
        return {"memory": True}, NOTHING
    except EcgClipError as error:
        return {"error": str(error)}, NOTHING
    return {"answer": dict(answer)}, payload


def _pipes() -> tuple[BinaryIO, BinaryIO]:
    """The pipes of requests and answers; anything that a decoder prints is discarded."""
    answers = os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(nowhere, stream)
    return sys.stdin.buffer, answers


def _end_with_parent() -> None:
    """End the process when the parent closes the pipe of requests, even while a decoder is at work."""
    if hasattr(select, "poll"):
        pipe = select.poll()
        pipe.register(0, 0)
        pipe.poll()
        os._exit(1)


def _confine(memory_mb: int) -> None:
    """Bound the address space; no file can be written, no core left. Windows knows no such limits."""
    try:
        import resource
    except ImportError:
        return
    _limit(resource, "RLIMIT_AS", memory_mb * _MB)
    _limit(resource, "RLIMIT_FSIZE", 0)
    _limit(resource, "RLIMIT_CORE", 0)


def _allow_cpu(cpu_s: int) -> None:
    """Seconds of the processor from now on; beyond them the kernel ends the process."""
    try:
        import resource
    except ImportError:
        return
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = max(1, round(used.ru_utime + used.ru_stime + cpu_s))
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    resource.setrlimit(resource.RLIMIT_CPU, (soft if hard < 0 else min(soft, hard), hard))


def _limit(resource: Any, name: str, value: int) -> None:
    kind = getattr(resource, name)
    hard = resource.getrlimit(kind)[1]
    if hard != resource.RLIM_INFINITY:
        value = min(value, hard)
    resource.setrlimit(kind, (value, value))
