"""What runs in the child: its limits, then one program that answers requests until nobody asks any more.

It is started by `parent.Box` without site-packages' start-up code; what it imports is what its program needs.
"""

import os
import sys
from importlib import import_module
from typing import Any, BinaryIO, Final, Protocol

from ecgclip.box.message import Facts, Payload, read_message, write_message
from ecgclip.errors import EcgClipError

MOST_REQUEST: Final = 500_000_000
_MB: Final = 1_000_000


class Program(Protocol):
    """A module of the same name has it as `Program`; made once, asked often."""

    def answer(self, request: Facts, data: bytes) -> tuple[Facts, Payload]:
        """Errors: EcgClipError, whose one line the parent raises; MemoryError."""
        ...


def serve(module: str, cpu_s: int, memory_mb: int) -> None:
    """Answer requests for the program of a module."""
    requests, answers = _pipes()
    _confine(memory_mb)
    program: Program = import_module(module).Program()
    while (request := read_message(requests, MOST_REQUEST)) is not None:
        _allow_cpu(cpu_s)
        facts, payload = _answered(program, request[0], bytes(request[1]))
        del request
        write_message(answers, facts, payload)


def _answered(program: Program, facts: Facts, data: bytes) -> tuple[Facts, Payload]:
    try:
        answer, payload = program.answer(facts, data)
    except MemoryError:
        return {"memory": True}, b""
    except EcgClipError as error:
        return {"error": str(error)}, b""
    return {"answer": dict(answer)}, payload


def _pipes() -> tuple[BinaryIO, BinaryIO]:
    """Requests and answers; what a decoder prints of its own accord goes nowhere."""
    answers = os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(nowhere, stream)
    return sys.stdin.buffer, answers


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
    resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def _limit(resource: Any, name: str, value: int) -> None:
    kind = getattr(resource, name)
    hard = resource.getrlimit(kind)[1]
    if hard != resource.RLIM_INFINITY:
        value = min(value, hard)
    resource.setrlimit(kind, (value, value))
