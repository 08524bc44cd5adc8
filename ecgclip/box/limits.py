"""How much a boxed child process may take."""

import os
from dataclasses import dataclass
from typing import Final

from ecgclip.errors import ConfigError

SECONDS: Final = "ECGCLIP_BOX_SECONDS"
MEMORY_MB: Final = "ECGCLIP_BOX_MEMORY_MB"
"""Environment variables by which whoever runs ecgclip allows more, or less."""
_CPU_SHARE: Final = 0.8
_WALL_SHARE: Final = 2.0
_LEAST_MB: Final = 200
"""Python and its decoders alone take a third of it."""


@dataclass(frozen=True)
class Limits:
    """What a child may take.

    seconds: four fifths of them of the processor, so that all is over within them on an idle machine; on a
    busy one it may wait for the processor, twice as long by the clock. memory_mb: address space, in MB.
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
    """The limits that the environment asks for; ConfigError where it asks for none that can be kept."""
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
