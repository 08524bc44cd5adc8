"""No telemetry: what a library would send by itself is switched off before it is imported.

ONNX Runtime from 1.29 on sends telemetry by default: it looks its maker's server up, and writes a device id
and a database of events below the home folder. Its Privacy.md names what ends all of that:
`ORT_DISABLE_TELEMETRY=1`, set before its first import. `ecgclip/__init__` calls `switch_off`, so that no code
of ecgclip can run before it; `onnx_graph` alone may import onnxruntime (an import contract).
"""

import os
import re
import sys
from typing import Final

SWITCH: Final = "ORT_DISABLE_TELEMETRY"
EXAMINED: Final = (1, 32)
"""The latest ONNX Runtime that was traced; pyproject.toml allows none above it."""

_LOADED_BEFORE = False


def switch_off() -> None:
    """Turn telemetry off for this process and its children; changes nothing the second time."""
    global _LOADED_BEFORE
    _LOADED_BEFORE |= "onnxruntime" in sys.modules and os.environ.get(SWITCH) != "1"
    os.environ[SWITCH] = "1"


def problem(version: str) -> str:
    """Why this process may still send telemetry, in words; "" where it does not.

    version: of the ONNX Runtime that is installed.
    """
    if _LOADED_BEFORE:
        return (
            "onnxruntime was imported before ecgclip and may have sent telemetry; "
            f"import ecgclip first, or set {SWITCH}=1"
        )
    if tuple(map(int, re.findall(r"\d+", version)[:2])) > EXAMINED:
        latest = ".".join(map(str, EXAMINED))
        return f"onnxruntime {version} was not examined for telemetry; install one up to {latest}"
    return ""
