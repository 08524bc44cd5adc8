"""How much a boxed child process may take."""

import os
from dataclasses import dataclass
from typing import Final

from ecgclip.errors import ConfigError

SECONDS: Final = "ECGCLIP_BOX_SECONDS"
MEMORY_MB: Final = "ECGCLIP_BOX_MEMORY_MB"
"""Environment variables that change the limits of a box: seconds a request, and megabytes of memory."""
_CPU_SHARE: Final = 0.8
_WALL_SHARE: Final = 2.0
_LEAST_MB: Final = 200
"""Smallest memory limit in MB: Python and the decoders alone take a third of it."""


@dataclass(frozen=True)
class Limits:
    """What a child may take.

    seconds: the processor time allowed is four fifths of them, so that an idle machine finishes within them;
    the wall clock allows twice as many, since a busy machine may let it wait. memory_mb: address space, in
    MB.
    """

    seconds: float = 10.0
    memory_mb: int = 1000

    @property
    def cpu_s(self) -> int:
        """Whole seconds of the processor, as the kernel counts."""
        return max(1, int(self.seconds * _CPU_SHARE))

    @property
    def wall_s(self) -> float:
        """Seconds by the clock."""
        return self.seconds * _WALL_SHARE


def current_limits() -> Limits:
    """The limits that the environment variables set, else the defaults.

    ConfigError for values out of range.
    """
    default = Limits()
    seconds = _number(SECONDS, default.seconds, 1, 3600)
    return Limits(seconds, int(_number(MEMORY_MB, default.memory_mb, _LEAST_MB, 1_000_000)))


def _number(variable: str, default: float, least: float, most: float) -> float:
    text = os.environ.get(variable, "").strip()
    try:
        number = float(text) if text else default
    except ValueError:
        number = float("nan")
    if not least <= number <= most:
        raise ConfigError(f"{variable} is {text[:40]!r}; expected a number from {least:g} to {most:g}")
    return number
